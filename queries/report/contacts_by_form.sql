-- Contacts of the period for each answer to Blanket; 0 is not filled in.
SELECT form, CAST(sum(contacts) AS BIGINT) AS contacts FROM {codes by form}
WHERE moment >= CAST($from AS TIMESTAMP_S) AND moment < CAST($until AS TIMESTAMP_S)
  AND ($municipality = 0 OR municipality = $municipality)
GROUP BY ALL ORDER BY ALL
