INSERT INTO staged
SELECT CAST(place & 4294967295 AS UINTEGER), key_hi, key_lo, version, municipality, CAST(place >> 32 AS USMALLINT), moment, codes, times, unit, detail, bag_line, CAST(again AS BOOLEAN)
FROM incoming
