-- Of the staged rows: how many add a contact row, and what those amount to. $1 upload.
WITH added AS (
    SELECT CASE WHEN holder = $1 AND version = 0 THEN n
                WHEN holder = $1 THEN 0
                WHEN version <> 0 THEN 1 - least(before, 1)
                ELSE greatest(CAST(n AS BIGINT) - before, 0) END AS n, amount
    FROM matched
    UNION ALL
    SELECT CASE WHEN k.version <> 0 THEN 1 ELSE k.n END, CAST(s.codes >> 44 AS UINTEGER) FROM new_keys k JOIN staged s USING (line)
)
SELECT CAST(coalesce(sum(n), 0) AS BIGINT), CAST(coalesce(sum(n * amount), 0) AS BIGINT) FROM added
