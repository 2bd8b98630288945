-- What the database, this upload's own rows included, has of the few keys put aside: whatever is asked about them is asked of these rows.
-- $1, $2 the first and last upload that can have any; only with the cast are whole row groups passed over.
CREATE OR REPLACE TEMP TABLE near_now AS
SELECT upload, CAST(place & 4294967295 AS UINTEGER) AS line, key_hi, key_lo, version, municipality, moment,
       CAST(codes >> 44 AS UINTEGER) AS amount, codes & 8388608 <> 0 AS test, CAST(counts >> 32 AS UINTEGER) AS copies
FROM contact_rows SEMI JOIN aside USING (key_hi)
WHERE upload BETWEEN CAST($1 AS UINTEGER) AND CAST($2 AS UINTEGER)
