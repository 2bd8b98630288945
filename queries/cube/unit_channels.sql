-- What counts, by unit and channel; NULL is not filled in.
SELECT municipality, moment, unit, channel, CAST(copies AS BIGINT) * amount AS contacts FROM {contacts} WHERE copies > 0 AND NOT test
