-- The same for many rows put aside, which are looked for among all contacts.
CREATE OR REPLACE TEMP VIEW near AS
SELECT upload, line, key_hi, key_lo, version, municipality, moment, amount, test, copies FROM contacts
