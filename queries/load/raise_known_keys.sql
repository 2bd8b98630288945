-- Keys that this upload holds more often than any live bag did. $1 upload.
UPDATE contacts SET copies = m.n
FROM matched m
WHERE m.holder <> $1 AND m.version = 0 AND m.n > m.before
  AND contacts.upload = m.holder AND contacts.key_hi = m.key_hi AND contacts.key_lo = m.key_lo AND contacts.version = 0
