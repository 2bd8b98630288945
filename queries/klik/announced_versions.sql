-- Every version of the master tasks whose deletion was ever announced, oldest first.
SELECT id, body, moment, said_by
FROM klik_plan
WHERE kind = 'task' AND body <> '' AND id IN (SELECT id FROM klik_plan WHERE kind = 'task' AND contains(body, '"deletes":'))
ORDER BY seq, place
