-- Contacts of the period by the upload whose rows they are and their municipality, and whether any of them is a row of the
-- upload itself (a fix-it file's rows count through its bag).
SELECT upload, municipality, CAST(sum(contacts) AS BIGINT) AS contacts, bool_or(own) AS holds FROM {uploads by municipality, upload}
WHERE moment >= CAST($from AS TIMESTAMP_S) AND moment < CAST($until AS TIMESTAMP_S)
  AND ($municipality = 0 OR municipality = $municipality)
GROUP BY ALL ORDER BY ALL
