-- Contacts for each unit of one municipality and day; NULL is not filled in.
SELECT unit, CAST(moment AS DATE) AS day, CAST(sum(contacts) AS BIGINT) AS contacts FROM {units by unit, day}
WHERE moment >= CAST($from AS TIMESTAMP_S) AND moment < CAST($until AS TIMESTAMP_S)
  AND ($municipality = 0 OR municipality = $municipality)
GROUP BY ALL ORDER BY ALL
