-- The municipalities whose week $1 is made anew.
CREATE OR REPLACE TEMP TABLE marks AS SELECT DISTINCT municipality FROM stale WHERE week = CAST($1 AS TIMESTAMP_S)
