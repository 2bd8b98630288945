-- The rows that add nothing, by the upload that brought their key; 0 stands for this upload itself (a kilde_id row repeated in
-- the file). $1 upload.
WITH withheld AS (
    SELECT CASE WHEN holder = $1 THEN 0 ELSE holder END AS holder,
           CASE WHEN holder = $1 THEN CASE WHEN version = 0 THEN 0 ELSE n END
                WHEN version = 0 THEN least(n, before)
                ELSE n - 1 + least(before, 1) END AS n,
           line
    FROM matched
    UNION ALL
    SELECT 0, n - 1, line FROM new_keys WHERE version <> 0
)
SELECT CAST(holder AS UINTEGER), coalesce(u.live, true), CAST(sum(n) AS BIGINT), CAST(min(line) AS BIGINT)
FROM withheld LEFT JOIN uploads u ON u.upload = holder
WHERE n > 0 GROUP BY ALL ORDER BY 1
