-- What a report of a round leaves out: test rows inside the round, and local counts, which lie in the round's year but in
-- neither of the year's two rounds. Each part has a period of its own, so that row groups outside it are skipped.
WITH parts AS (
    SELECT TRUE AS is_test, copies, amount FROM contacts
    WHERE test AND copies > 0 AND moment >= CAST($from AS TIMESTAMP_S) AND moment < CAST($until AS TIMESTAMP_S)
      AND ($municipality = 0 OR municipality = $municipality)
    UNION ALL
    SELECT FALSE, copies, amount FROM contacts
    WHERE NOT test AND copies > 0 AND moment >= CAST($year_from AS TIMESTAMP_S) AND moment < CAST($spring_from AS TIMESTAMP_S)
      AND ($municipality = 0 OR municipality = $municipality)
    UNION ALL
    SELECT FALSE, copies, amount FROM contacts
    WHERE NOT test AND copies > 0 AND moment >= CAST($spring_until AS TIMESTAMP_S) AND moment < CAST($autumn_from AS TIMESTAMP_S)
      AND ($municipality = 0 OR municipality = $municipality)
    UNION ALL
    SELECT FALSE, copies, amount FROM contacts
    WHERE NOT test AND copies > 0 AND moment >= CAST($autumn_until AS TIMESTAMP_S) AND moment < CAST($year_until AS TIMESTAMP_S)
      AND ($municipality = 0 OR municipality = $municipality)
)
SELECT
    coalesce(CAST(sum(CAST(copies AS BIGINT) * amount) FILTER (is_test) AS BIGINT), 0) AS test,
    coalesce(CAST(sum(CAST(copies AS BIGINT) * amount) FILTER (NOT is_test) AS BIGINT), 0) AS local
FROM parts
