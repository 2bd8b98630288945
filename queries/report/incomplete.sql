-- Contacts from system extracts for each channel and for what is not filled in in them. Whether a missing form or unit makes
-- a row incomplete depends on its channel, which only the codebook knows.
SELECT channel, no_type, no_closing, no_form, no_unit, CAST(sum(contacts) AS BIGINT) AS contacts FROM {incomplete by channel}
WHERE moment >= CAST($from AS TIMESTAMP_S) AND moment < CAST($until AS TIMESTAMP_S)
  AND ($municipality = 0 OR municipality = $municipality)
GROUP BY ALL ORDER BY ALL
