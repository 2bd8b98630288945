-- The weeks of the rows that upload $1 brought.
INSERT INTO changed
SELECT municipality, CAST(date_trunc('week', day) AS TIMESTAMP_S), counts
FROM (SELECT DISTINCT municipality, CAST(moment AS DATE) AS day, copies > 0 AND NOT test AS counts FROM contacts WHERE upload = CAST($1 AS UINTEGER))
