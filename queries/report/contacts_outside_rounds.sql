-- Contacts of a year that lie in neither of its two rounds, by month (its first day) and channel. Each part has a period of its own,
-- so that row groups outside it are skipped.
SELECT CAST(date_trunc('month', moment) AS DATE) AS month, channel, CAST(sum(contacts) AS BIGINT) AS contacts FROM {codes by moment}
WHERE municipality = $municipality
  AND (moment >= CAST($year_from AS TIMESTAMP_S) AND moment < CAST($spring_from AS TIMESTAMP_S)
    OR moment >= CAST($spring_until AS TIMESTAMP_S) AND moment < CAST($autumn_from AS TIMESTAMP_S)
    OR moment >= CAST($autumn_until AS TIMESTAMP_S) AND moment < CAST($year_until AS TIMESTAMP_S))
GROUP BY ALL ORDER BY ALL
