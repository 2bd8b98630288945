-- The first row of each new key stands for all of them. $1 upload, $2 the mark of a test in codes, $3 whether they count by themselves (a fix-it
-- file's rows count through fixes).
INSERT INTO contact_rows
SELECT $1, s.place, s.key_hi, s.key_lo, s.version, s.municipality, s.moment, s.codes | CAST($2 AS UBIGINT), s.times, s.detail,
       4294967297 * CASE WHEN NOT $3 THEN CAST(0 AS UBIGINT) WHEN k.version <> 0 THEN 1 ELSE k.n END
FROM staged s JOIN new_keys k ON s.line = k.line
