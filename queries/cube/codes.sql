-- What counts, by code.
SELECT municipality, moment, channel, type, closing, form, CAST(copies AS BIGINT) * amount AS contacts FROM {contacts} WHERE copies > 0 AND NOT test
