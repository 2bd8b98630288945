-- What changed since the cube was made, from the Monday $from until $until, at most $most of it. $municipality 0 is all of them.
SELECT DISTINCT municipality, week FROM stale
WHERE week >= CAST($from AS TIMESTAMP_S) AND week < CAST($until AS TIMESTAMP_S) AND ($municipality = 0 OR municipality = $municipality)
ORDER BY week, municipality LIMIT $most
