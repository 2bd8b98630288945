-- Whether the database knows not even half of any key put aside.
SELECT NOT EXISTS (FROM contact_rows SEMI JOIN staged_keys USING (key_hi))
