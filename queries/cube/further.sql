-- Uploads that hold copies of keys that came with another.
SELECT c.municipality, c.moment, h.upload
FROM {contacts} c
JOIN (SELECT upload, key_hi, key_lo, version FROM claims UNION ALL SELECT upload, key_hi, key_lo, version FROM fixes) h
    ON c.key_hi = h.key_hi AND c.key_lo = h.key_lo AND c.version = h.version
WHERE c.copies > 0 AND NOT c.test
