-- Every row put aside, by its key.
CREATE OR REPLACE TEMP VIEW aside AS
SELECT line, key_hi, key_lo, version, again FROM staged UNION ALL SELECT line, key_hi, key_lo, version, again FROM noted
