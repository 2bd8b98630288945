INSERT INTO staged
SELECT line, key_hi, key_lo, version, municipality, source, channel, type, closing, form, subject,
       moment, start_moment, end_moment, amount, unit, id, extra, CAST(system AS BOOLEAN), bag_line, CAST(again AS BOOLEAN)
FROM incoming
