-- Contacts of the period for each subject and channel: the tasks, and through which channels they came.
SELECT subject, channel, CAST(sum(contacts) AS BIGINT) AS contacts FROM {tasks by subject, channel}
WHERE moment >= CAST($from AS TIMESTAMP_S) AND moment < CAST($until AS TIMESTAMP_S)
  AND ($municipality = 0 OR municipality = $municipality)
GROUP BY ALL ORDER BY ALL
