-- Rows that the database most likely has: only what is needed to find them there. A row that turns out to be new after all is read
-- from the file once more.
CREATE OR REPLACE TEMP TABLE noted (line UINTEGER, key_hi UBIGINT, key_lo UBIGINT, version UBIGINT, again BOOLEAN)
