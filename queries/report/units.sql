-- The units that the register knows of one municipality.
SELECT unit FROM units WHERE municipality = $municipality ORDER BY unit
