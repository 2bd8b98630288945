-- What counts, by task.
SELECT municipality, moment, subject, channel, type, CAST(copies AS BIGINT) * amount AS contacts FROM {contacts} WHERE copies > 0 AND NOT test
