-- What stands now: of each kind, municipality, round and key the latest, unless that took it back.
SELECT seq, kind, municipality, round, key, body, declared, declared_by
FROM (
    SELECT *, row_number() OVER (PARTITION BY kind, municipality, round, key ORDER BY seq DESC, place DESC) AS age
    FROM records
    WHERE kind = $kind AND (municipality = $municipality OR $municipality = 0) AND (round = $round OR $round = '')
)
WHERE age = 1 AND body <> ''
ORDER BY municipality, round, key
