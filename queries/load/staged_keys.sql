-- The rows put aside by key: those that surely stand once are their own, the others have been counted.
CREATE OR REPLACE TEMP VIEW staged_keys AS
SELECT key_hi, key_lo, version, CAST(1 AS UINTEGER) AS n, line FROM aside ANTI JOIN doubtful_keys USING (key_hi, key_lo, version)
UNION ALL
SELECT key_hi, key_lo, version, n, line FROM counted_keys
