-- kilde_id: this upload is the newest, so its version counts and every other version of the same id does not.
UPDATE contacts SET copies = CASE WHEN contacts.version = m.version THEN 1 ELSE 0 END
FROM matched m
WHERE m.version <> 0 AND m.before = 0 AND contacts.version <> 0 AND contacts.key_hi = m.key_hi AND contacts.key_lo = m.key_lo
