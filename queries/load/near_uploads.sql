-- The first of the earlier uploads that brought half a key put aside; NULL when none did, which is most often so. One column is read. $1 the
-- upload that is on its way.
SELECT min(upload) FROM contact_rows SEMI JOIN aside USING (key_hi) WHERE upload < CAST($1 AS UINTEGER)
