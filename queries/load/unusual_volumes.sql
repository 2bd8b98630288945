-- Volumes of this upload's municipalities in the current round that are less than a third or more than three times the mean of
-- their own earlier rounds, where that mean is at least 30. Only what this upload holds is compared. $1 upload, $2 whether units and days are compared
-- too.
WITH mine AS (SELECT municipality, channel, unit, CAST(moment AS DATE) AS day FROM contacts WHERE upload = CAST($1 AS UINTEGER) AND copies > 0),
     bounds AS (SELECT min(municipality) AS low, max(municipality) AS high FROM mine),
     counted AS (
         SELECT c.municipality, r.name, r.current, c.channel, c.unit, CAST(c.moment AS DATE) - r.first_day AS day,
                CAST(c.copies AS BIGINT) * c.amount AS n
         FROM contacts c JOIN round_days r ON c.moment >= r.first_day AND c.moment < r.after_day
         WHERE c.copies > 0 AND NOT c.test AND c.municipality BETWEEN (SELECT low FROM bounds) AND (SELECT high FROM bounds)
     ),
     grouped AS (
         SELECT 'kanal' AS dimension, municipality, channel, NULL AS unit, NULL AS day, name, current, sum(n) AS n
         FROM counted WHERE (municipality, channel) IN (SELECT (municipality, channel) FROM mine) GROUP BY ALL
         UNION ALL
         SELECT 'enhed', municipality, 0, unit, NULL, name, current, sum(n)
         FROM counted WHERE $2 AND unit IN (SELECT unit FROM mine) GROUP BY ALL
         UNION ALL
         SELECT 'dag', municipality, 0, NULL, day, name, current, sum(n) FROM counted WHERE $2 GROUP BY ALL
     ),
     compared AS (
         SELECT dimension, municipality, channel, unit, day,
                coalesce(sum(n) FILTER (WHERE current), 0) AS now, sum(n) FILTER (WHERE NOT current) AS before,
                count(*) FILTER (WHERE NOT current) AS rounds
         FROM grouped GROUP BY ALL
     )
SELECT dimension, municipality, channel, coalesce(unit, ''), coalesce(day, 0), CAST(now AS BIGINT), CAST(before AS DOUBLE) / rounds
FROM compared
WHERE rounds > 0 AND now > 0 AND before / rounds >= 30 AND (now > 3 * before / rounds OR now * 3 < before / rounds)
ORDER BY municipality, dimension, channel, unit, day
