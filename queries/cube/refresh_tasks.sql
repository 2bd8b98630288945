-- The marked municipalities' week anew; %[1]s is its Monday, %[2]s the next.
DELETE FROM cube_tasks WHERE moment >= TIMESTAMP_S '%[1]s' AND moment < TIMESTAMP_S '%[2]s' AND municipality IN (SELECT municipality FROM marks);
INSERT INTO cube_tasks
SELECT municipality, TIMESTAMP_S '%[1]s' AS period, subject, channel, type, CAST(sum(contacts) AS BIGINT)
FROM counted_tasks
WHERE moment >= TIMESTAMP_S '%[1]s' AND moment < TIMESTAMP_S '%[2]s' AND municipality IN (SELECT municipality FROM marks)
GROUP BY ALL ORDER BY ALL;
DELETE FROM national_tasks WHERE moment = TIMESTAMP_S '%[1]s';
INSERT INTO national_tasks
SELECT 0, moment, subject, channel, type, CAST(sum(contacts) AS BIGINT) FROM cube_tasks WHERE moment = TIMESTAMP_S '%[1]s'
GROUP BY ALL ORDER BY ALL;
