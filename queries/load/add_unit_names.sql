INSERT INTO unit_names SELECT unit, name FROM incoming
