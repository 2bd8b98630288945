-- Runs of uploads after $1 that brought about two million keys each, since the driver holds a whole result in memory.
WITH sums AS (SELECT upload, sum(accepted) OVER (ORDER BY upload) // 2000000 AS part FROM uploads WHERE upload > $1)
SELECT min(upload), max(upload) FROM sums GROUP BY part ORDER BY 1
