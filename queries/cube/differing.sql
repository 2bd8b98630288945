-- In how many weeks of municipalities the cube says something else than contacts do, where it is not stale; 0 stands for the country.
WITH tables AS (SELECT unnest(['codes', 'tasks', 'days', 'units', 'unit_channels', 'uploads']) AS of),
     kept AS (
         SELECT 'codes' AS of, municipality, moment, contacts FROM cube_codes
         UNION ALL SELECT 'tasks', municipality, moment, contacts FROM cube_tasks
         UNION ALL SELECT 'days', municipality, moment, contacts FROM cube_days WHERE NOT test
         UNION ALL SELECT 'units', municipality, moment, contacts FROM cube_units
         UNION ALL SELECT 'unit_channels', municipality, moment, contacts FROM cube_unit_channels
         UNION ALL SELECT 'uploads', municipality, moment, contacts FROM cube_uploads
     ),
     sums AS (SELECT of, municipality, CAST(date_trunc('week', moment) AS TIMESTAMP_S) AS week, sum(contacts) AS n FROM kept GROUP BY ALL),
     counted AS (SELECT municipality, CAST(date_trunc('week', moment) AS TIMESTAMP_S) AS week, sum(contacts) AS n FROM {codes} GROUP BY ALL),
     wanted AS (SELECT of, municipality, week, n FROM counted CROSS JOIN tables),
     national AS (
         SELECT 'codes' AS of, moment AS week, contacts FROM national_codes UNION ALL SELECT 'tasks', moment, contacts FROM national_tasks
     ),
     differing AS (
         SELECT municipality, week FROM (FROM wanted FULL JOIN sums USING (of, municipality, week)) d(of, municipality, week, n, kept)
         WHERE n IS DISTINCT FROM kept
     ),
     differing_national AS (
         SELECT week FROM (SELECT of, week, sum(n) AS n FROM sums WHERE of IN ('codes', 'tasks') GROUP BY ALL)
             FULL JOIN (SELECT of, week, sum(contacts) AS kept FROM national GROUP BY ALL) USING (of, week)
         WHERE n IS DISTINCT FROM kept
     )
SELECT (SELECT count(*) FROM (SELECT DISTINCT municipality, week FROM differing) ANTI JOIN stale USING (municipality, week))
     + (SELECT count(*) FROM (SELECT DISTINCT week FROM differing_national) ANTI JOIN stale USING (week))
