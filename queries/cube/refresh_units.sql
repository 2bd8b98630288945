-- The marked municipalities' week anew; %[1]s is its Monday, %[2]s the next.
DELETE FROM cube_units WHERE moment >= TIMESTAMP_S '%[1]s' AND moment < TIMESTAMP_S '%[2]s' AND municipality IN (SELECT municipality FROM marks);
INSERT INTO cube_units
SELECT municipality, CAST(CAST(moment AS DATE) AS TIMESTAMP_S) AS period, unit, type, CAST(sum(contacts) AS BIGINT)
FROM counted_units
WHERE moment >= TIMESTAMP_S '%[1]s' AND moment < TIMESTAMP_S '%[2]s' AND municipality IN (SELECT municipality FROM marks)
GROUP BY ALL ORDER BY ALL;
