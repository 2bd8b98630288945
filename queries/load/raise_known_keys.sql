-- Keys that this upload holds more often than any live bag did. $1 upload.
UPDATE contact_rows SET counts = (contact_rows.counts & 4294967295) + 4294967296 * CAST(m.n AS UBIGINT)
FROM matched m
WHERE m.holder <> $1 AND m.version = 0 AND m.n > m.before
  AND contact_rows.upload = m.holder AND contact_rows.key_hi = m.key_hi AND contact_rows.key_lo = m.key_lo AND contact_rows.version = 0
