-- Contacts of the period by the upload whose rows they are, and whether any of them is a row of the upload itself (a fix-it
-- file's rows count through its bag).
SELECT upload, CAST(sum(CAST(copies AS BIGINT) * amount) AS BIGINT) AS contacts, max(own) > 0 AS holds FROM contacts
WHERE copies > 0 AND NOT test AND moment >= CAST($from AS TIMESTAMP_S) AND moment < CAST($until AS TIMESTAMP_S)
  AND ($municipality = 0 OR municipality = $municipality)
GROUP BY ALL ORDER BY ALL
