-- The marked municipalities' week anew; %[1]s is its Monday, %[2]s the next.
DELETE FROM cube_uploads WHERE moment >= TIMESTAMP_S '%[1]s' AND moment < TIMESTAMP_S '%[2]s' AND municipality IN (SELECT municipality FROM marks);
INSERT INTO cube_uploads
SELECT municipality, TIMESTAMP_S '%[1]s' AS period, upload, own, CAST(sum(contacts) AS BIGINT)
FROM counted_uploads
WHERE moment >= TIMESTAMP_S '%[1]s' AND moment < TIMESTAMP_S '%[2]s' AND municipality IN (SELECT municipality FROM marks)
GROUP BY ALL ORDER BY ALL;
