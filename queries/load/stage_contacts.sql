INSERT INTO staged
SELECT line, key_hi, key_lo, version, municipality, source, moment, codes, times, unit, detail, bag_line, CAST(again AS BOOLEAN)
FROM incoming
