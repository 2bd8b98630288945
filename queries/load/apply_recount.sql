UPDATE contact_rows SET copies = r.n FROM recounted r
WHERE r.n <> r.before AND contact_rows.key_hi = r.key_hi AND contact_rows.key_lo = r.key_lo AND contact_rows.version = r.version
