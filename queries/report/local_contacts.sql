-- Local counts: contacts in the round's year but in neither of the year's two rounds. Each part has a period of its own, so that row
-- groups outside it are skipped.
WITH parts AS (
    SELECT contacts FROM {days by moment}
    WHERE NOT test AND moment >= CAST($year_from AS TIMESTAMP_S) AND moment < CAST($spring_from AS TIMESTAMP_S)
      AND ($municipality = 0 OR municipality = $municipality)
    UNION ALL
    SELECT contacts FROM {days by moment}
    WHERE NOT test AND moment >= CAST($spring_until AS TIMESTAMP_S) AND moment < CAST($autumn_from AS TIMESTAMP_S)
      AND ($municipality = 0 OR municipality = $municipality)
    UNION ALL
    SELECT contacts FROM {days by moment}
    WHERE NOT test AND moment >= CAST($autumn_until AS TIMESTAMP_S) AND moment < CAST($year_until AS TIMESTAMP_S)
      AND ($municipality = 0 OR municipality = $municipality)
)
SELECT coalesce(CAST(sum(contacts) AS BIGINT), 0) AS local FROM parts
