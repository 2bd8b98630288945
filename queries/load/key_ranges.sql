-- Runs of uploads that brought about two million keys each, since the driver holds a whole result in memory.
WITH sums AS (SELECT upload, sum(accepted) OVER (ORDER BY upload) // 2000000 AS part FROM uploads)
SELECT min(upload), max(upload) FROM sums GROUP BY part ORDER BY 1
