-- The uploads that may have rows from day $1 to before day $2.
SELECT upload FROM uploads WHERE first_day IS NULL OR first_day < CAST($2 AS DATE) AND last_day >= CAST($1 AS DATE) ORDER BY upload
