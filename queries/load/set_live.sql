UPDATE uploads SET live = $2, changed = CAST($3 AS TIMESTAMP_S) WHERE upload = $1
