-- The live uploads behind the period's contacts. $holding holds those whose own rows they are; only for the rest must claims
-- and fixes, which hold further copies of keys that came with an earlier upload, be looked up.
WITH open AS (
    SELECT upload FROM uploads
    WHERE live AND NOT test AND ($municipality = 0 OR municipality = 0 OR municipality = $municipality) AND upload NOT IN (SELECT unnest($holding))
),
held AS (
    SELECT upload, key_hi, key_lo, version FROM claims WHERE upload IN (FROM open)
    UNION ALL
    SELECT upload, key_hi, key_lo, version FROM fixes WHERE upload IN (FROM open)
),
further AS (
    SELECT DISTINCT h.upload FROM held h JOIN contacts c ON c.key_hi = h.key_hi AND c.key_lo = h.key_lo AND c.version = h.version
    WHERE c.copies > 0 AND NOT c.test AND c.moment >= CAST($from AS TIMESTAMP_S) AND c.moment < CAST($until AS TIMESTAMP_S)
      AND ($municipality = 0 OR c.municipality = $municipality)
)
SELECT upload, municipality, source, sha256 FROM uploads
WHERE live AND NOT test AND (upload IN (SELECT unnest($holding)) OR upload IN (FROM further))
ORDER BY upload
