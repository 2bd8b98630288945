-- The next conflicting lines, in line order, with the other lines of the same kilde_id. $1 last line seen.
SELECT line, array_to_string(list_sort(list_filter(lines, lambda l: l <> line)), ', ')
FROM conflicts WHERE line > $1 ORDER BY line LIMIT 50000
