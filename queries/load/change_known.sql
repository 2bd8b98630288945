-- The weeks of the rows that upload $1 holds and another had brought; those it holds more often now count more.
INSERT INTO changed
SELECT municipality, CAST(date_trunc('week', day) AS TIMESTAMP_S), counts
FROM (SELECT DISTINCT municipality, CAST(moment AS DATE) AS day, n > before AND version = 0 AND NOT test AS counts FROM matched WHERE holder <> $1)
