INSERT INTO uploads
SELECT $1, $2, nullif($3, 0), true, CAST($4 AS TIMESTAMP_S), CAST($4 AS TIMESTAMP_S), $5, $6, $7, $8, $9, $10, $11, $12, $13, $14,
       $15, CAST(nullif($16, '') AS DATE), CAST(nullif($17, '') AS DATE), $18, $19, $20, $21, $22,
       CASE WHEN $23 = '' THEN []::VARCHAR[] ELSE string_split($23, chr(31)) END,
       CASE WHEN $24 = '' THEN []::VARCHAR[] ELSE string_split($24, chr(31)) END,
       $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, '', $35
