DELETE FROM contact_rows WHERE upload = $1 AND (key_hi, key_lo) IN (SELECT (key_hi, key_lo) FROM conflicts)
