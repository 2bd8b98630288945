-- Contacts for each municipality and day.
SELECT municipality, CAST(moment AS DATE) AS day, CAST(sum(contacts) AS BIGINT) AS contacts FROM {days by municipality, day}
WHERE NOT test AND moment >= CAST($from AS TIMESTAMP_S) AND moment < CAST($until AS TIMESTAMP_S)
  AND ($municipality = 0 OR municipality = $municipality)
GROUP BY ALL ORDER BY ALL
