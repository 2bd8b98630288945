-- The staged rows by key: how many there are, and the first line. Most keys stand once, and are known to.
CREATE OR REPLACE TEMP TABLE staged_keys AS
WITH doubtful AS (SELECT DISTINCT key_hi, key_lo, version FROM staged WHERE again)
SELECT key_hi, key_lo, version, CAST(1 AS UINTEGER) AS n, line FROM staged ANTI JOIN doubtful USING (key_hi, key_lo, version)
UNION ALL
SELECT key_hi, key_lo, version, CAST(count(*) AS UINTEGER), min(line) FROM staged SEMI JOIN doubtful USING (key_hi, key_lo, version) GROUP BY ALL
