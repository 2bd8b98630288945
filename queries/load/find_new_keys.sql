-- The staged keys that the database does not know.
CREATE OR REPLACE TEMP TABLE new_keys AS SELECT * FROM staged_keys ANTI JOIN matched USING (key_hi, key_lo, version)
