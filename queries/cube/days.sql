-- What counts, and what would if it were no test.
SELECT municipality, moment, type, test, CAST(copies AS BIGINT) * amount AS contacts FROM {contacts} WHERE copies > 0
