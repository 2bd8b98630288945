-- The units of this upload, counted while its rows were checked, that the register does not have (W05).
CREATE OR REPLACE TEMP TABLE new_units AS
SELECT municipality, unit, n, line FROM incoming ANTI JOIN units USING (municipality, unit)
