-- The cube has to be made anew where anything was touched.
INSERT INTO stale SELECT DISTINCT municipality, week FROM changed
