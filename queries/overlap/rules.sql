-- What was decided about two sources that may hold the same contacts, as it stands.
SELECT municipality, body
FROM (SELECT *, row_number() OVER (PARTITION BY municipality, round, key ORDER BY seq DESC, place DESC) AS age FROM records WHERE kind = 'overlap')
WHERE age = 1 AND body <> '' ORDER BY municipality, round, key
