-- What is made anew together.
CREATE OR REPLACE TEMP TABLE marks AS SELECT DISTINCT municipality, week FROM stale WHERE {slice}
