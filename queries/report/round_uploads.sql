-- For each municipality the live uploads that hold contacts of the period, when they came, and whether centrally.
WITH holding AS (
    SELECT municipality, upload FROM {uploads by municipality, upload}
    WHERE own AND moment >= CAST($from AS TIMESTAMP_S) AND moment < CAST($until AS TIMESTAMP_S) AND ($municipality = 0 OR municipality = $municipality)
    UNION
    SELECT municipality, upload FROM {further}
    WHERE moment >= CAST($from AS TIMESTAMP_S) AND moment < CAST($until AS TIMESTAMP_S) AND ($municipality = 0 OR municipality = $municipality)
)
SELECT h.municipality, u.upload, CAST(u.received AS TIMESTAMP), u.delivery <> 0 FROM holding h JOIN uploads u USING (upload)
WHERE u.live AND NOT u.test ORDER BY h.municipality, u.upload
