-- What a report of a round leaves out: test rows inside the round, and local counts, which lie in the round's year but in
-- neither of the year's two rounds. Each part has a period of its own, so that row groups outside it are skipped.
WITH parts AS (
    SELECT TRUE AS is_test, contacts FROM {days}
    WHERE test AND moment >= CAST($from AS TIMESTAMP_S) AND moment < CAST($until AS TIMESTAMP_S)
      AND ($municipality = 0 OR municipality = $municipality)
    UNION ALL
    SELECT FALSE AS is_test, contacts FROM {days}
    WHERE NOT test AND moment >= CAST($year_from AS TIMESTAMP_S) AND moment < CAST($spring_from AS TIMESTAMP_S)
      AND ($municipality = 0 OR municipality = $municipality)
    UNION ALL
    SELECT FALSE AS is_test, contacts FROM {days}
    WHERE NOT test AND moment >= CAST($spring_until AS TIMESTAMP_S) AND moment < CAST($autumn_from AS TIMESTAMP_S)
      AND ($municipality = 0 OR municipality = $municipality)
    UNION ALL
    SELECT FALSE AS is_test, contacts FROM {days}
    WHERE NOT test AND moment >= CAST($autumn_until AS TIMESTAMP_S) AND moment < CAST($year_until AS TIMESTAMP_S)
      AND ($municipality = 0 OR municipality = $municipality)
)
SELECT
    coalesce(CAST(sum(contacts) FILTER (is_test) AS BIGINT), 0) AS test,
    coalesce(CAST(sum(contacts) FILTER (NOT is_test) AS BIGINT), 0) AS local
FROM parts
