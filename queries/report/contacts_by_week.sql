-- Contacts for each week (its Monday), channel and type: many rounds at once.
SELECT CAST(date_trunc('week', moment) AS DATE) AS week, channel, type, CAST(sum(contacts) AS BIGINT) AS contacts FROM {codes}
WHERE moment >= CAST($from AS TIMESTAMP_S) AND moment < CAST($until AS TIMESTAMP_S)
  AND ($municipality = 0 OR municipality = $municipality)
GROUP BY ALL ORDER BY ALL
