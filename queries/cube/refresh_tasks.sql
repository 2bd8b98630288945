DELETE FROM cube_tasks WHERE {slice};
INSERT INTO cube_tasks
SELECT municipality, {week} AS period, subject, channel, type, CAST(sum(contacts) AS BIGINT) FROM {tasks} GROUP BY ALL ORDER BY ALL;
