-- Rows whose key is certainly new. $1 upload, $2 what codes hold more than the batch knows: the mark of a test.
INSERT INTO contact_rows
SELECT $1, line, key_hi, key_lo, version, municipality, source, moment, codes | $2, times, unit, detail, 1, 1
FROM incoming
