-- The first half of every known key: what the filter of a large import starts from.
SELECT key_hi, key_lo FROM contacts
