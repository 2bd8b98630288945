-- What counts, by the upload that brought the rows; own is whether they are its own, and not those of a fix-it file that continues it.
SELECT municipality, moment, upload, own > 0 AS own, CAST(copies AS BIGINT) * amount AS contacts FROM {contacts} WHERE copies > 0 AND NOT test
