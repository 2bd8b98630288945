-- The whole history, oldest first; task 0 and municipality 0 are all.
SELECT task, municipality, status, responsible, performer, start_day, end_day, moment, said_by
FROM klik_steps
WHERE (task = $task OR $task = 0) AND (municipality = $municipality OR $municipality = 0)
ORDER BY moment, seq, place
