DELETE FROM near_now WHERE (key_hi, key_lo) IN (SELECT (key_hi, key_lo) FROM conflicts)
