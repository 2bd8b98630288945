SELECT unit, name FROM unit_names ORDER BY unit
