-- Every key that the parts of a bag hold, or that a fix of theirs has taken the place of. $1 upload (a bag, or one part of it).
-- Only keys whose last bits, masked by $3, are $2: a slice, so that memory does not grow with the upload.
CREATE OR REPLACE TEMP TABLE touched AS
WITH parts AS (SELECT upload FROM uploads WHERE upload = $1 OR bag = $1 UNION SELECT $1),
     mended AS (SELECT DISTINCT bag, line FROM fixes SEMI JOIN parts USING (upload)),
     keys AS (
         SELECT key_hi, key_lo FROM contacts SEMI JOIN parts USING (upload) WHERE key_lo & CAST($3 AS UBIGINT) = CAST($2 AS UBIGINT)
         UNION ALL SELECT key_hi, key_lo FROM claims SEMI JOIN parts USING (upload) WHERE key_lo & CAST($3 AS UBIGINT) = CAST($2 AS UBIGINT)
         UNION ALL SELECT key_hi, key_lo FROM fixes SEMI JOIN mended USING (bag, line) WHERE key_lo & CAST($3 AS UBIGINT) = CAST($2 AS UBIGINT)
     )
SELECT c.key_hi, c.key_lo, c.version, c.copies AS before, c.amount, c.upload, c.own, c.municipality, c.moment, c.test
FROM contacts c SEMI JOIN keys USING (key_hi, key_lo)
WHERE c.key_lo & CAST($3 AS UBIGINT) = CAST($2 AS UBIGINT)
