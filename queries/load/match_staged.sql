-- What the staged keys meet in the database: holder is the upload that brought the key, NULL for a key that is new;
-- before is how often it counts now. Equal content means equal municipality and moment, so $1–$4 (their ranges in the staged
-- rows) let DuckDB skip what cannot match.
CREATE OR REPLACE TEMP TABLE matched AS
WITH staged_keys AS (
         SELECT key_hi, key_lo, version, CAST(count(*) AS UINTEGER) AS n, min(line) AS line FROM staged GROUP BY ALL
     ),
     known AS (
         SELECT key_hi, key_lo, version, upload, copies, amount
         FROM contacts SEMI JOIN staged_keys USING (key_hi, key_lo, version)
         WHERE municipality BETWEEN $1 AND $2 AND moment BETWEEN $3 AND $4
     )
SELECT k.key_hi, k.key_lo, k.version, k.n, k.line, c.upload AS holder, coalesce(c.copies, 0) AS before, c.amount
FROM staged_keys k LEFT JOIN known c USING (key_hi, key_lo, version)
