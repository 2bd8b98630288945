-- The last status of each day on which a task's status was said, oldest first; municipality 0 is all.
SELECT task, municipality, CAST(moment AS DATE) AS day, status, start_day, end_day
FROM klik_steps
WHERE municipality = $municipality OR $municipality = 0
QUALIFY row_number() OVER (PARTITION BY task, municipality, CAST(moment AS DATE) ORDER BY moment DESC, seq DESC, place DESC) = 1
ORDER BY task, municipality, day
