CREATE OR REPLACE TEMP TABLE new_keys AS SELECT key_hi, key_lo, version, n, line FROM matched LIMIT 0
