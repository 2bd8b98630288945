INSERT INTO records (seq, place, kind, municipality, round, key, body, declared, declared_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, CAST($8 AS TIMESTAMP_S), $9)
