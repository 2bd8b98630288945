-- Contacts of the period for each municipality and channel.
SELECT municipality, channel, CAST(sum(contacts) AS BIGINT) AS contacts FROM {codes by municipality, channel}
WHERE moment >= CAST($from AS TIMESTAMP_S) AND moment < CAST($until AS TIMESTAMP_S)
  AND ($municipality = 0 OR municipality = $municipality)
GROUP BY ALL ORDER BY ALL
