-- Municipalities $1 in the weeks $2, where rows that an upload brought lie; $3 whether they count.
INSERT INTO changed
SELECT municipality, CAST(CAST(week AS DATE) AS TIMESTAMP_S), $3
FROM (SELECT unnest(CAST($1 AS USMALLINT[])) AS municipality) CROSS JOIN (SELECT unnest(CAST($2 AS VARCHAR[])) AS week)
