-- How many contacts of the period decisions leave out, by source and municipality.
WITH before AS (SELECT municipality, source, sum(CAST(copies AS BIGINT) * amount) AS n FROM contacts WHERE {where} GROUP BY ALL),
     after AS (SELECT municipality, source, sum(CAST(copies AS BIGINT) * amount) AS n FROM {net} WHERE {where} GROUP BY ALL)
SELECT b.municipality, s.name, CAST(b.n - coalesce(a.n, 0) AS BIGINT) AS gone
FROM before b JOIN sources s USING (source) LEFT JOIN after a ON a.municipality = b.municipality AND a.source = b.source
WHERE b.n <> coalesce(a.n, 0) ORDER BY 1, 2
