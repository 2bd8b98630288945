-- What match_staged finds, for an upload that repeats another: the keys are those that %[1]d brought, as often as its rows hold them.
CREATE OR REPLACE TEMP VIEW matched AS
SELECT key_hi, key_lo, version, own AS n, line, upload AS holder, copies AS before, amount,
       municipality, moment, test
FROM contacts WHERE upload = %[1]d AND own > 0
