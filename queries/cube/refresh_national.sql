-- The sums of the whole country, of weeks of which nothing is stale any more.
CREATE OR REPLACE TEMP TABLE whole AS
SELECT DISTINCT week FROM marks WHERE week NOT IN (SELECT week FROM stale ANTI JOIN marks USING (municipality, week));
DELETE FROM national_codes WHERE moment IN (SELECT week FROM whole);
INSERT INTO national_codes
SELECT 0, moment, channel, type, closing, form, CAST(sum(contacts) AS BIGINT) FROM cube_codes WHERE moment IN (SELECT week FROM whole) GROUP BY ALL ORDER BY ALL;
DELETE FROM national_tasks WHERE moment IN (SELECT week FROM whole);
INSERT INTO national_tasks
SELECT 0, moment, subject, channel, type, CAST(sum(contacts) AS BIGINT) FROM cube_tasks WHERE moment IN (SELECT week FROM whole) GROUP BY ALL ORDER BY ALL;
