SELECT seq, kind, municipality, round, key, body, declared, declared_by
FROM records
WHERE kind = $kind AND (municipality = $municipality OR $municipality = 0) AND (round = $round OR $round = '')
ORDER BY seq, place
