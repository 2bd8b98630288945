DELETE FROM contact_rows WHERE upload = CAST($1 AS UINTEGER) AND (key_hi, key_lo) IN (SELECT (key_hi, key_lo) FROM conflicts)
