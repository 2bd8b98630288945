-- The marked municipalities' week anew; %[1]s is its Monday, %[2]s the next.
DELETE FROM cube_codes WHERE moment >= TIMESTAMP_S '%[1]s' AND moment < TIMESTAMP_S '%[2]s' AND municipality IN (SELECT municipality FROM marks);
INSERT INTO cube_codes
SELECT municipality, TIMESTAMP_S '%[1]s' AS period, channel, type, closing, form, CAST(sum(contacts) AS BIGINT)
FROM counted_codes
WHERE moment >= TIMESTAMP_S '%[1]s' AND moment < TIMESTAMP_S '%[2]s' AND municipality IN (SELECT municipality FROM marks)
GROUP BY ALL ORDER BY ALL;
DELETE FROM national_codes WHERE moment = TIMESTAMP_S '%[1]s';
INSERT INTO national_codes
SELECT 0, moment, channel, type, closing, form, CAST(sum(contacts) AS BIGINT) FROM cube_codes WHERE moment = TIMESTAMP_S '%[1]s'
GROUP BY ALL ORDER BY ALL;
