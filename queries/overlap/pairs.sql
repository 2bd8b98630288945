-- Where two sources of a municipality have contacts of the same day, task and family: how many each has there, and how many both may have.
WITH cells AS (
    SELECT source, CAST(moment AS DATE) AS day, subject, {family} AS family, CAST(sum(CAST(copies AS BIGINT) * amount) AS BIGINT) AS n
    FROM contacts
    WHERE municipality = $municipality AND moment >= CAST($from AS TIMESTAMP_S) AND moment < CAST($until AS TIMESTAMP_S) AND copies > 0 AND NOT test
    GROUP BY ALL
)
SELECT x.name, y.name, a.family, a.subject, CAST(sum(a.n) AS BIGINT), CAST(sum(b.n) AS BIGINT), CAST(sum(least(a.n, b.n)) AS BIGINT) AS twice
FROM cells a JOIN cells b ON a.day = b.day AND a.subject = b.subject AND a.family = b.family
    JOIN sources x ON x.source = a.source JOIN sources y ON y.source = b.source
WHERE x.name < y.name
GROUP BY ALL ORDER BY 1, 2, twice DESC, 3, 4
