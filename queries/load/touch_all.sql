-- All keys whose last bits, masked by $2, are $1.
CREATE OR REPLACE TEMP TABLE touched AS
SELECT key_hi, key_lo, version, copies AS before, amount, upload, own, municipality, moment, test FROM contacts WHERE key_lo & CAST($2 AS UBIGINT) = CAST($1 AS UBIGINT)
