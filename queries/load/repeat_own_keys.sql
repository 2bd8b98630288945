-- Further rows of this upload with a key that one of its rows has brought already. $1 upload.
UPDATE contacts SET own = contacts.own + m.n, copies = contacts.copies + m.n
FROM matched m
WHERE m.holder = $1 AND m.version = 0 AND contacts.upload = $1
  AND contacts.key_hi = m.key_hi AND contacts.key_lo = m.key_lo AND contacts.version = m.version
