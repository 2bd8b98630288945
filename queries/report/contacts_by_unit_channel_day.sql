-- Contacts for each unit of one municipality, channel and day; NULL is not filled in.
SELECT unit, channel, CAST(moment AS DATE) AS day, CAST(sum(contacts) AS BIGINT) AS contacts FROM {unit_channels by unit, channel, day}
WHERE moment >= CAST($from AS TIMESTAMP_S) AND moment < CAST($until AS TIMESTAMP_S)
  AND ($municipality = 0 OR municipality = $municipality)
GROUP BY ALL ORDER BY ALL
