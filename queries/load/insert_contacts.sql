-- Rows whose key is certainly new. $1 upload, $2 what codes hold more than the batch knows: the mark of a test.
INSERT INTO contact_rows
SELECT $1, place, key_hi, key_lo, version, municipality, moment, codes | CAST($2 AS UBIGINT), times, detail, 4294967297
FROM incoming
