-- $1 upload.
INSERT INTO units SELECT municipality, unit, $1 FROM new_units
