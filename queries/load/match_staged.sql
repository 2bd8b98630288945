-- The keys put aside that the database knows: holder is the upload that brought the key, before is how often it counts now. Equal
-- content means equal municipality and moment, so $1–$4 (their ranges in the upload) let DuckDB skip what cannot match.
CREATE OR REPLACE TEMP TABLE matched_now AS
SELECT k.key_hi, k.key_lo, k.version, k.n, k.line, c.upload AS holder, c.copies AS before, c.amount,
       c.municipality, c.moment, c.test
FROM near c JOIN staged_keys k USING (key_hi, key_lo, version)
WHERE c.municipality BETWEEN $1 AND $2 AND c.moment >= CAST($3 AS TIMESTAMP_S) AND c.moment < CAST($4 AS TIMESTAMP_S)
