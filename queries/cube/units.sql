-- What counts, by unit; NULL is not filled in.
SELECT municipality, moment, unit, type, CAST(copies AS BIGINT) * amount AS contacts FROM {contacts} WHERE copies > 0 AND NOT test
