-- Contacts that count now and that this upload replaces (another version of the same kilde_id), and whether any version's
-- standing changes at all. $1, $2 municipalities.
WITH rising AS (
    SELECT key_hi, key_lo, version FROM matched WHERE version <> 0 AND before = 0
    UNION ALL SELECT key_hi, key_lo, version FROM new_keys WHERE version <> 0
)
SELECT count(*) FILTER (WHERE c.version <> r.version AND c.copies > 0), count(*) > 0
FROM near c JOIN rising r ON c.key_hi = r.key_hi AND c.key_lo = r.key_lo
WHERE c.version <> 0 AND c.municipality BETWEEN $1 AND $2
