-- Those of some uploads that hold copies of the period's contacts, whose rows came with another upload.
SELECT DISTINCT upload FROM {further}
WHERE upload IN ({open}) AND moment >= CAST($from AS TIMESTAMP_S) AND moment < CAST($until AS TIMESTAMP_S)
  AND ($municipality = 0 OR municipality = $municipality)
ORDER BY upload
