-- The uploads that may hold copies of rows of others from day $1 to before day $2.
SELECT upload FROM uploads
WHERE (first_day IS NULL OR first_day < CAST($2 AS DATE) AND last_day >= CAST($1 AS DATE))
  AND (upload IN (SELECT upload FROM claims) OR upload IN (SELECT upload FROM fixes))
ORDER BY upload
