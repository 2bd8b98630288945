SELECT CAST(split_part(value, ' ', 1) AS UINTEGER), split_part(value, ' ', 2) FROM meta WHERE name = 'filter'
