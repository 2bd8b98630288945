-- What each municipality's contacts of a period are made of, one dimension at a time: channel, type, closing, form, subject.
-- The same contacts as in the reports. No unit is read here.
SELECT municipality,
    CASE GROUPING(channel, type, closing, form, subject)
        WHEN 15 THEN 'channel' WHEN 23 THEN 'type' WHEN 27 THEN 'closing' WHEN 29 THEN 'form' ELSE 'subject' END AS dimension,
    CAST(COALESCE(channel, type, closing, form, subject) AS UINTEGER) AS code,
    CAST(sum(CAST(copies AS BIGINT) * amount) AS BIGINT) AS contacts
FROM contacts
WHERE copies > 0 AND NOT test AND moment >= CAST($from AS TIMESTAMP_S) AND moment < CAST($until AS TIMESTAMP_S)
GROUP BY GROUPING SETS (
    (municipality, channel), (municipality, type), (municipality, closing), (municipality, form), (municipality, subject))
ORDER BY municipality, dimension, code
