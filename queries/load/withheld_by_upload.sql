-- The rows that add nothing, by the live upload that already holds them; 0 stands for this upload itself (a kilde_id row
-- repeated in the file). $1 upload.
WITH withheld AS (
    SELECT m.key_hi, m.key_lo, m.version,
           CASE WHEN m.holder IS NULL OR m.holder = $1 THEN 0 ELSE m.holder END AS holder,
           CASE WHEN m.version = 0 AND (m.holder IS NULL OR m.holder = $1) THEN 0
                WHEN m.version = 0 THEN least(m.n, m.before)
                WHEN m.holder IS NULL THEN m.n - 1
                WHEN m.holder = $1 THEN m.n
                ELSE m.n - 1 + least(m.before, 1) END AS n,
           m.line
    FROM matched m
), named AS (
    SELECT w.n, w.line,
           CASE WHEN w.holder = 0 OR coalesce(u.live, true) THEN w.holder
                ELSE coalesce((SELECT min(c.upload) FROM claims c JOIN uploads cu ON cu.upload = c.upload
                               WHERE cu.live AND c.upload <> $1 AND c.key_hi = w.key_hi AND c.key_lo = w.key_lo AND c.version = w.version), w.holder) END AS holder
    FROM withheld w LEFT JOIN uploads u ON u.upload = w.holder
    WHERE w.n > 0
)
SELECT CAST(holder AS UINTEGER), CAST(sum(n) AS BIGINT), CAST(min(line) AS BIGINT) FROM named GROUP BY holder ORDER BY holder
