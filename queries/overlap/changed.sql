-- The weeks of municipality $1 in which a decision changes what counts. (What goes from a day goes by a rule, so equal sums are equal rows.)
INSERT INTO changed
SELECT DISTINCT CAST($1 AS USMALLINT), week, true
FROM (SELECT source, CAST(date_trunc('week', CAST(moment AS DATE)) AS TIMESTAMP_S) AS week, sum(CAST(copies AS BIGINT) * amount) AS n
      FROM {before} WHERE municipality = $1 AND copies > 0 AND NOT test GROUP BY ALL) b
FULL JOIN (SELECT source, CAST(date_trunc('week', CAST(moment AS DATE)) AS TIMESTAMP_S) AS week, sum(CAST(copies AS BIGINT) * amount) AS n
      FROM {after} WHERE municipality = $1 AND copies > 0 AND NOT test GROUP BY ALL) a USING (source, week)
WHERE a.n IS DISTINCT FROM b.n
