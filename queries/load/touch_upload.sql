-- Every key that the parts of a bag hold, or that a fix of theirs has taken the place of. $1 upload (a bag, or one part of it).
CREATE OR REPLACE TEMP TABLE touched AS
WITH parts AS (SELECT upload FROM uploads WHERE upload = $1 OR bag = $1 UNION SELECT $1),
     mended AS (SELECT DISTINCT bag, line FROM fixes SEMI JOIN parts USING (upload)),
     keys AS (
         SELECT key_hi, key_lo FROM contacts SEMI JOIN parts USING (upload)
         UNION SELECT key_hi, key_lo FROM claims SEMI JOIN parts USING (upload)
         UNION SELECT key_hi, key_lo FROM fixes SEMI JOIN mended USING (bag, line)
     )
SELECT DISTINCT c.key_hi, c.key_lo, c.version, c.copies AS before, c.amount
FROM contacts c SEMI JOIN keys USING (key_hi, key_lo)
