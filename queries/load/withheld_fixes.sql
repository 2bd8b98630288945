-- The rows of a fix-it upload that add nothing, by the upload that brought their key. $1 upload, $2 bag.
WITH mine AS (SELECT key_hi, key_lo, version, count(*) AS n, min(line) AS line FROM fixes WHERE upload = $1 GROUP BY ALL)
SELECT CASE WHEN c.upload = $1 THEN $2 ELSE c.upload END, true, CAST(sum(m.n - greatest(CAST(r.n AS BIGINT) - r.before, 0)) AS BIGINT), CAST(min(m.line) AS BIGINT)
FROM mine m JOIN recounted r USING (key_hi, key_lo, version) JOIN contacts c USING (key_hi, key_lo, version)
WHERE m.n > greatest(CAST(r.n AS BIGINT) - r.before, 0)
GROUP BY ALL ORDER BY 1
