-- Keys that may stand more than once among the staged rows.
CREATE OR REPLACE TEMP TABLE doubtful_keys AS SELECT DISTINCT key_hi, key_lo, version FROM staged WHERE again
