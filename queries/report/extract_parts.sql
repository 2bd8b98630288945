-- For each upload and shelf (a run of rows that lie together) what it holds of the extract: the span of its lines, its rows, and the
-- contacts they stand for as rows.
SELECT upload, CAST(row_id // {shelf} AS UINTEGER) AS shelf, min(line) AS first_line, max(line) AS last_line, count(*) AS stored, CAST(sum(copies) AS BIGINT) AS written
FROM {contacts}
WHERE copies > 0 AND NOT test AND moment >= CAST($from AS TIMESTAMP_S) AND moment < CAST($until AS TIMESTAMP_S)
  AND ($municipality = 0 OR municipality = $municipality)
GROUP BY ALL ORDER BY upload, shelf
