-- Keys that may stand more than once among the rows put aside.
CREATE OR REPLACE TEMP TABLE doubtful_keys AS SELECT DISTINCT key_hi, key_lo, version FROM aside WHERE again
