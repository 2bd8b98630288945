DELETE FROM cube_tasks WHERE {slice} AND (municipality, CAST(date_trunc('week', moment) AS TIMESTAMP_S)) IN (SELECT municipality, week FROM marks);
INSERT INTO cube_tasks
SELECT municipality, CAST(date_trunc('week', moment) AS TIMESTAMP_S) AS period, subject, channel, type, CAST(sum(contacts) AS BIGINT) FROM {tasks} GROUP BY ALL ORDER BY ALL;
