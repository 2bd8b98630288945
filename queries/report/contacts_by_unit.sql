-- Contacts of the period for each unit of one municipality; NULL is not filled in.
SELECT unit, CAST(sum(contacts) AS BIGINT) AS contacts FROM {units by unit}
WHERE moment >= CAST($from AS TIMESTAMP_S) AND moment < CAST($until AS TIMESTAMP_S)
  AND ($municipality = 0 OR municipality = $municipality)
GROUP BY ALL ORDER BY ALL
