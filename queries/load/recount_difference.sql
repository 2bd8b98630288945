-- Rows and contacts that the recount adds, and those it takes away. $1 is a fix-it upload, of which only its own rows are added: an older
-- version that stands again, because a later fix of its id is gone, takes that one's place and leaves less taken away. Else $1 is 0.
WITH mine AS (SELECT DISTINCT key_hi, key_lo, version, true AS mine FROM fixes WHERE upload = $1),
     changes AS (
         SELECT greatest(CAST(n AS BIGINT) - before, 0) AS added, greatest(CAST(before AS BIGINT) - n, 0) AS away, amount, $1 = 0 OR coalesce(mine, false) AS own
         FROM recounted LEFT JOIN mine USING (key_hi, key_lo, version)
     ),
     sums AS (SELECT CASE WHEN own THEN added ELSE 0 END AS added, away - CASE WHEN own THEN 0 ELSE added END AS away, amount FROM changes)
SELECT CAST(coalesce(sum(added), 0) AS BIGINT), CAST(coalesce(sum(added * amount), 0) AS BIGINT), CAST(coalesce(sum(away), 0) AS BIGINT), CAST(coalesce(sum(away * amount), 0) AS BIGINT)
FROM sums
