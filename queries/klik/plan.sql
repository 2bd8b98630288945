-- The plan as it stood at the end of a day.
SELECT kind, id, body
FROM (
    SELECT *, row_number() OVER (PARTITION BY kind, id ORDER BY seq DESC, place DESC) AS age
    FROM klik_plan
    WHERE moment < CAST($until AS TIMESTAMP_S)
)
WHERE age = 1 AND body <> ''
ORDER BY kind, id
