-- Contacts for each municipality, unit and day; rows without a unit are left out.
SELECT municipality, unit, CAST(moment AS DATE) AS day, CAST(sum(contacts) AS BIGINT) AS contacts FROM {units by municipality, unit, day}
WHERE moment >= CAST($from AS TIMESTAMP_S) AND moment < CAST($until AS TIMESTAMP_S) AND unit IS NOT NULL
  AND ($municipality = 0 OR municipality = $municipality)
GROUP BY ALL ORDER BY ALL
