-- What is stale, and how many rows of contacts that is. $1 the first moment, $2 the first after the last.
WITH days AS (
    SELECT municipality, CAST(moment AS DATE) AS day, count(*) AS n FROM contacts
    WHERE moment >= CAST($1 AS TIMESTAMP_S) AND moment < CAST($2 AS TIMESTAMP_S) AND municipality IN (SELECT municipality FROM stale)
    GROUP BY ALL
),
weeks AS (SELECT municipality, CAST(date_trunc('week', day) AS TIMESTAMP_S) AS week, CAST(sum(n) AS BIGINT) AS n FROM days GROUP BY ALL)
SELECT municipality, week, coalesce(n, 0)
FROM (SELECT DISTINCT municipality, week FROM stale) LEFT JOIN weeks USING (municipality, week)
ORDER BY week, municipality
