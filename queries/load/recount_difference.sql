-- Rows and contacts that the recount adds, and those it takes away.
SELECT CAST(coalesce(sum(greatest(CAST(n AS BIGINT) - before, 0)), 0) AS BIGINT), CAST(coalesce(sum(greatest(CAST(n AS BIGINT) - before, 0) * amount), 0) AS BIGINT),
       CAST(coalesce(sum(greatest(CAST(before AS BIGINT) - n, 0)), 0) AS BIGINT), CAST(coalesce(sum(greatest(CAST(before AS BIGINT) - n, 0) * amount), 0) AS BIGINT)
FROM recounted
