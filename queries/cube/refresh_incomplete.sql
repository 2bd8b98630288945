-- The marked municipalities' week anew; %[1]s is its Monday, %[2]s the next.
DELETE FROM cube_incomplete WHERE moment >= TIMESTAMP_S '%[1]s' AND moment < TIMESTAMP_S '%[2]s' AND municipality IN (SELECT municipality FROM marks);
INSERT INTO cube_incomplete
SELECT municipality, TIMESTAMP_S '%[1]s' AS period, channel, no_type, no_closing, no_form, no_unit, CAST(sum(contacts) AS BIGINT)
FROM counted_incomplete
WHERE moment >= TIMESTAMP_S '%[1]s' AND moment < TIMESTAMP_S '%[2]s' AND municipality IN (SELECT municipality FROM marks)
GROUP BY ALL ORDER BY ALL;
