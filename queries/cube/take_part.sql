-- The rows of it, read once for all relations.
CREATE OR REPLACE TEMP TABLE part AS
SELECT municipality, moment, channel, type, closing, form, subject, unit, no_unit, upload, own, copies, amount, system, test
FROM {contacts} WHERE {slice} AND copies > 0
