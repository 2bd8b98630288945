INSERT INTO uploads
SELECT $1, $2, nullif($3, 0), true, CAST($4 AS TIMESTAMP_S), CAST($4 AS TIMESTAMP_S), $5, $6, $7, $8, $9, $10, $11, $12, $13,
       $14, CAST(nullif($15, '') AS DATE), CAST(nullif($16, '') AS DATE), $17, $18, $19, $20, $21,
       CASE WHEN $22 = '' THEN []::VARCHAR[] ELSE string_split($22, chr(31)) END,
       CASE WHEN $23 = '' THEN []::VARCHAR[] ELSE string_split($23, chr(31)) END,
       $24, $25, $26, $27, $28, $29, $30, $31, $32
