CREATE OR REPLACE TEMP TABLE touched AS SELECT key_hi, key_lo, version, copies AS before, amount FROM contacts
