-- The weeks of the versions of a kilde_id that begin or cease to count; before replace_versions.
INSERT INTO changed
SELECT municipality, CAST(date_trunc('week', day) AS TIMESTAMP_S), counts
FROM (
    SELECT DISTINCT c.municipality, CAST(c.moment AS DATE) AS day, NOT c.test AS counts
    FROM near c JOIN (SELECT key_hi, key_lo, version FROM matched WHERE version <> 0 AND before = 0
                          UNION ALL SELECT key_hi, key_lo, version FROM new_keys WHERE version <> 0) r
        ON c.key_hi = r.key_hi AND c.key_lo = r.key_lo
    WHERE c.version <> 0 AND (c.copies > 0) <> (c.version = r.version)
)
