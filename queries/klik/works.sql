-- What stands at the end of a day; municipality 0 is all.
SELECT task, municipality, status, responsible, performer, start_day, end_day
FROM klik_steps
WHERE moment < CAST($until AS TIMESTAMP_S) AND (municipality = $municipality OR $municipality = 0)
QUALIFY row_number() OVER (PARTITION BY task, municipality ORDER BY moment DESC, seq DESC, place DESC) = 1
