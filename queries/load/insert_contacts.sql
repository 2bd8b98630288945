-- Rows whose key is certainly new. $1 upload, $2 test.
INSERT INTO contacts
SELECT $1, line, key_hi, key_lo, version, municipality, source, channel, type, closing, form, subject,
       moment, start_moment, end_moment, amount, unit, id, extra, CAST(system AS BOOLEAN), $2, 1, 1
FROM incoming
