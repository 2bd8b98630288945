-- What a report of a round leaves out: test rows inside the round, and local counts, which lie in the round's year but in
-- neither of the year's two rounds.
SELECT
    coalesce(CAST(sum(CAST(copies AS BIGINT) * amount) FILTER (test AND moment >= CAST($from AS TIMESTAMP_S) AND moment < CAST($until AS TIMESTAMP_S)) AS BIGINT), 0) AS test,
    coalesce(CAST(sum(CAST(copies AS BIGINT) * amount) FILTER (NOT test
        AND NOT (moment >= CAST($spring_from AS TIMESTAMP_S) AND moment < CAST($spring_until AS TIMESTAMP_S))
        AND NOT (moment >= CAST($autumn_from AS TIMESTAMP_S) AND moment < CAST($autumn_until AS TIMESTAMP_S))) AS BIGINT), 0) AS local
FROM contacts
WHERE copies > 0 AND moment >= CAST($year_from AS TIMESTAMP_S) AND moment < CAST($year_until AS TIMESTAMP_S)
  AND ($municipality = 0 OR municipality = $municipality)
