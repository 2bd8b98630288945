-- Contacts of the period for each channel.
SELECT channel, CAST(sum(contacts) AS BIGINT) AS contacts FROM {codes by channel}
WHERE moment >= CAST($from AS TIMESTAMP_S) AND moment < CAST($until AS TIMESTAMP_S)
  AND ($municipality = 0 OR municipality = $municipality)
GROUP BY ALL ORDER BY ALL
