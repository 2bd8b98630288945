UPDATE contact_rows SET counts = (contact_rows.counts & 4294967295) + 4294967296 * CAST(r.n AS UBIGINT) FROM recounted r
WHERE r.n <> r.before AND contact_rows.key_hi = r.key_hi AND contact_rows.key_lo = r.key_lo AND contact_rows.version = r.version
