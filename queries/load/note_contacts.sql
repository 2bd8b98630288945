INSERT INTO noted SELECT line, key_hi, key_lo, version, CAST(again AS BOOLEAN) FROM incoming
