-- The first row of each new key stands for all of them. $1 upload, $2 the mark of a test in codes, $3 whether they count by themselves (a fix-it
-- file's rows count through fixes).
INSERT INTO contact_rows
SELECT $1, s.line, s.key_hi, s.key_lo, s.version, s.municipality, s.source, s.moment, s.codes | $2, s.times, s.unit, s.detail,
       CASE WHEN NOT $3 THEN 0 WHEN k.version <> 0 THEN 1 ELSE k.n END,
       CASE WHEN NOT $3 THEN 0 WHEN k.version <> 0 THEN 1 ELSE k.n END
FROM staged s JOIN new_keys k ON s.line = k.line
