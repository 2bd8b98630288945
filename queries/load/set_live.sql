UPDATE uploads SET live = $2, changed = CAST($3 AS TIMESTAMP_S), changed_by = $4 WHERE upload = $1
