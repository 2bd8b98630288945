-- Further rows of this upload with a key that one of its rows has brought already. $1 upload.
UPDATE contact_rows SET counts = contact_rows.counts + 4294967297 * CAST(m.n AS UBIGINT)
FROM matched m
WHERE m.holder = $1 AND m.version = 0 AND contact_rows.upload = CAST($1 AS UINTEGER)
  AND contact_rows.key_hi = m.key_hi AND contact_rows.key_lo = m.key_lo AND contact_rows.version = m.version
