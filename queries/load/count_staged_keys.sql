-- How many rows put aside each doubtful key has, and the first line.
CREATE OR REPLACE TEMP TABLE counted_keys AS
SELECT key_hi, key_lo, version, CAST(count(*) AS UINTEGER) AS n, min(line) AS line
FROM aside SEMI JOIN doubtful_keys USING (key_hi, key_lo, version) GROUP BY ALL
