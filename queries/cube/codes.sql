-- What counts, by code. {contacts} is the table, or a part of it.
SELECT municipality, moment, channel, type, closing, form, CAST(copies AS BIGINT) * amount AS contacts FROM {contacts} WHERE copies > 0 AND NOT test
