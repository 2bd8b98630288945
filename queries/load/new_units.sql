-- Units that this upload brings and the register does not have (W05), with their rows and first line. Grouped first: there are few
-- units and many rows. $1 upload. Staged rows of known keys cannot bring a new unit.
CREATE OR REPLACE TEMP TABLE new_units AS
WITH mine AS (
    SELECT municipality, unit, CAST(sum(greatest(own, 1)) AS BIGINT) AS n, min(line) AS line
    FROM contacts WHERE upload = CAST($1 AS UINTEGER) AND unit IS NOT NULL GROUP BY municipality, unit
)
SELECT municipality, unit, n, line FROM mine ANTI JOIN units USING (municipality, unit)
