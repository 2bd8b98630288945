-- Contacts for each week (its Monday), channel and type: many rounds at once. By days first: a day is quickly found of a moment, a week is not.
WITH by_day AS (
    SELECT CAST(moment AS DATE) AS day, channel, type, sum(contacts) AS contacts FROM {codes by day, channel, type}
    WHERE moment >= CAST($from AS TIMESTAMP_S) AND moment < CAST($until AS TIMESTAMP_S)
      AND ($municipality = 0 OR municipality = $municipality)
    GROUP BY ALL
)
SELECT CAST(date_trunc('week', day) AS DATE) AS week, channel, type, CAST(sum(contacts) AS BIGINT) AS contacts FROM by_day
GROUP BY ALL ORDER BY ALL
