-- Whether any week from the Monday $from until $until changed since the cube was made. $municipality 0 is all of them.
SELECT EXISTS (
    FROM stale WHERE week >= CAST($from AS TIMESTAMP_S) AND week < CAST($until AS TIMESTAMP_S)
        AND ($municipality = 0 OR municipality = $municipality))
