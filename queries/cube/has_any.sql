-- Whether the cube has anything from $from until $until; if not, all that counts there is stale. $municipality 0 is all of them.
SELECT EXISTS (FROM cube_days WHERE moment >= CAST($from AS TIMESTAMP_S) AND moment < CAST($until AS TIMESTAMP_S) AND ($municipality = 0 OR municipality = $municipality))
