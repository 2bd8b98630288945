-- For each municipality the contacts of test uploads in a period, and the last day they are of.
SELECT municipality, CAST(sum(contacts) AS BIGINT) AS contacts, CAST(max(moment) AS DATE) AS last FROM {days by municipality, day}
WHERE test AND moment >= CAST($from AS TIMESTAMP_S) AND moment < CAST($until AS TIMESTAMP_S)
  AND ($municipality = 0 OR municipality = $municipality)
GROUP BY municipality ORDER BY municipality
