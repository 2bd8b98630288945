-- Of a task, or of all for 0: a municipality's comments and the messages to all, oldest first; municipality 0 is everybody's.
SELECT task, municipality, text, moment, said_by
FROM klik_comments
WHERE (task = $task OR $task = 0) AND (municipality = $municipality OR municipality = 0 OR $municipality = 0)
ORDER BY moment, seq, place
