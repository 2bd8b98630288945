-- Contacts that count now and that this upload replaces (another version of the same kilde_id), and whether any version's
-- standing changes at all.
SELECT count(*) FILTER (WHERE c.version <> m.version AND c.copies > 0),
       coalesce(bool_or(c.version <> m.version OR m.before = 0), false)
FROM contacts c JOIN matched m ON c.key_hi = m.key_hi AND c.key_lo = m.key_lo
WHERE m.version <> 0 AND c.version <> 0 AND m.before = 0
  AND c.municipality BETWEEN $1 AND $2
