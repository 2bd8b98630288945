-- The first and the last upload that brought half a key put aside; NULL when none did, which is most often so. One column is read.
SELECT min(upload), max(upload) FROM contact_rows SEMI JOIN aside USING (key_hi)
