SELECT municipality, unit, n, line FROM new_units ORDER BY line, unit
