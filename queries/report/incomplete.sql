-- Contacts from system extracts for each channel and for what is not filled in in them. Whether a missing form or unit makes
-- a row incomplete depends on its channel, which only the codebook knows.
SELECT channel, type = 0 AS no_type, closing = 0 AS no_closing, form = 0 AS no_form, unit IS NULL AS no_unit,
    CAST(sum(CAST(copies AS BIGINT) * amount) AS BIGINT) AS contacts
FROM contacts
WHERE system AND copies > 0 AND NOT test AND moment >= CAST($from AS TIMESTAMP_S) AND moment < CAST($until AS TIMESTAMP_S)
  AND ($municipality = 0 OR municipality = $municipality)
  AND (type = 0 OR closing = 0 OR form = 0 OR unit IS NULL)
GROUP BY ALL ORDER BY ALL
