-- kilde_id: this upload is the newest, so its version counts and every other version of the same id does not.
UPDATE contact_rows SET counts = (contact_rows.counts & 4294967295) + 4294967296 * CAST(CASE WHEN contact_rows.version = r.version THEN 1 ELSE 0 END AS UBIGINT)
FROM (SELECT key_hi, key_lo, version FROM matched WHERE version <> 0 AND before = 0
      UNION ALL SELECT key_hi, key_lo, version FROM new_keys WHERE version <> 0) r
WHERE contact_rows.version <> 0 AND contact_rows.key_hi = r.key_hi AND contact_rows.key_lo = r.key_lo
