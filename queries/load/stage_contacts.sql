INSERT INTO staged
SELECT CAST(place & 4294967295 AS UINTEGER), place, key_hi, key_lo, version, municipality, moment, codes, times, detail, bag_line, CAST(again AS BOOLEAN)
FROM incoming
