UPDATE contacts SET copies = r.n FROM recounted r
WHERE r.n <> r.before AND contacts.key_hi = r.key_hi AND contacts.key_lo = r.key_lo AND contacts.version = r.version
