-- Of the staged rows: how many add a contact row, and what those amount to. $1 upload.
WITH added AS (
    SELECT m.key_hi, m.key_lo, m.line, m.amount, m.holder,
           CASE WHEN m.holder IS NULL AND m.version = 0 THEN m.n
                WHEN m.holder IS NULL THEN 1
                WHEN m.holder = $1 AND m.version = 0 THEN m.n
                WHEN m.holder = $1 THEN 0
                WHEN m.version <> 0 THEN 1 - least(m.before, 1)
                ELSE greatest(CAST(m.n AS BIGINT) - m.before, 0) END AS n
    FROM matched m
)
SELECT CAST(coalesce(sum(a.n), 0) AS BIGINT), CAST(coalesce(sum(a.n * coalesce(a.amount, s.amount)), 0) AS BIGINT)
FROM added a LEFT JOIN staged s ON a.holder IS NULL AND s.line = a.line
WHERE a.n > 0
