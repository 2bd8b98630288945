-- The live uploads that hold at least one contact of the municipality in the period, test rows left out.
WITH here AS (
    SELECT key_hi, key_lo, version, upload FROM contacts
    WHERE municipality = ? AND copies > 0 AND NOT test AND moment >= CAST(? AS DATE) AND moment < CAST(? AS DATE)
), holders AS (
    SELECT upload FROM here
    UNION SELECT upload FROM claims SEMI JOIN here USING (key_hi, key_lo, version)
    UNION SELECT upload FROM fixes SEMI JOIN here USING (key_hi, key_lo, version)
)
SELECT upload, file, source, received, changed, sha256, records - header - blank AS rows, accepted, rejected, withheld
FROM uploads SEMI JOIN holders USING (upload)
WHERE live
ORDER BY upload
