-- The live uploads whose rows stand behind the period's contacts. Most hold the row of contacts itself; only for the rest
-- must claims and fixes, which hold further copies of keys that came with an earlier upload, be looked up.
WITH counted AS (
    SELECT upload, own, key_hi, key_lo, version FROM contacts
    WHERE copies > 0 AND NOT test AND moment >= CAST($from AS TIMESTAMP_S) AND moment < CAST($until AS TIMESTAMP_S)
      AND ($municipality = 0 OR municipality = $municipality)
),
direct AS (SELECT DISTINCT upload FROM counted WHERE own > 0),
open AS (
    SELECT upload FROM uploads
    WHERE live AND NOT test AND ($municipality = 0 OR municipality = 0 OR municipality = $municipality) AND upload NOT IN (FROM direct)
),
held AS (
    SELECT upload, key_hi, key_lo, version FROM claims WHERE upload IN (FROM open)
    UNION ALL
    SELECT upload, key_hi, key_lo, version FROM fixes WHERE upload IN (FROM open)
)
SELECT u.upload, u.municipality, u.source, u.sha256 FROM uploads u
WHERE u.live AND NOT u.test
  AND (u.upload IN (FROM direct)
    OR u.upload IN (SELECT h.upload FROM held h JOIN counted c ON c.key_hi = h.key_hi AND c.key_lo = h.key_lo AND c.version = h.version))
ORDER BY u.upload
