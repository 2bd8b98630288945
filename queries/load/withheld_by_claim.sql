-- The withheld rows whose key was brought by an upload that is undone now, by the first live upload that also holds it.
-- $1 upload, $2 the undone one.
WITH claimed AS (
    SELECT m.line, CASE WHEN m.version = 0 THEN least(m.n, m.before) ELSE m.n - 1 + least(m.before, 1) END AS n,
           min(c.upload) FILTER (WHERE u.live) AS holder
    FROM matched m LEFT JOIN claims c ON c.key_hi = m.key_hi AND c.key_lo = m.key_lo AND c.version = m.version AND c.upload <> $1
                   LEFT JOIN uploads u ON u.upload = c.upload
    WHERE m.holder = $2 GROUP BY ALL
)
SELECT CAST(coalesce(holder, $2) AS UINTEGER), true, CAST(sum(n) AS BIGINT), CAST(min(line) AS BIGINT)
FROM claimed WHERE n > 0 GROUP BY ALL ORDER BY 1
