-- The weeks of the recounted keys.
INSERT INTO changed
SELECT municipality, CAST(date_trunc('week', day) AS TIMESTAMP_S), counts
FROM (SELECT DISTINCT municipality, CAST(moment AS DATE) AS day, n <> before AND NOT test AS counts FROM recounted)
