INSERT INTO klik_comments VALUES ($1, $2, CAST($3 AS TIMESTAMP_S), $4, $5, $6, $7)
