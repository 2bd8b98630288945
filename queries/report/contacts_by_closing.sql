-- Contacts of the period for each closing; 0 is not filled in.
SELECT closing, CAST(sum(contacts) AS BIGINT) AS contacts FROM {codes by closing}
WHERE moment >= CAST($from AS TIMESTAMP_S) AND moment < CAST($until AS TIMESTAMP_S)
  AND ($municipality = 0 OR municipality = $municipality)
GROUP BY ALL ORDER BY ALL
