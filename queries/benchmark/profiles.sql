-- What each municipality's contacts of a period are made of, one dimension at a time: channel, type, closing, form, subject.
-- The same contacts as in the reports. No unit is read here.
WITH codes AS (
    SELECT municipality,
        CASE GROUPING(channel, type, closing, form) WHEN 7 THEN 'channel' WHEN 11 THEN 'type' WHEN 13 THEN 'closing' ELSE 'form' END AS dimension,
        CAST(COALESCE(channel, type, closing, form) AS UINTEGER) AS code, sum(contacts) AS n
    FROM {codes by municipality, channel, type, closing, form}
    WHERE moment >= CAST($from AS TIMESTAMP_S) AND moment < CAST($until AS TIMESTAMP_S)
    GROUP BY GROUPING SETS ((municipality, channel), (municipality, type), (municipality, closing), (municipality, form))
), tasks AS (
    SELECT municipality, 'subject' AS dimension, subject AS code, sum(contacts) AS n
    FROM {tasks by municipality, subject}
    WHERE moment >= CAST($from AS TIMESTAMP_S) AND moment < CAST($until AS TIMESTAMP_S)
    GROUP BY ALL
)
SELECT municipality, dimension, code, CAST(n AS BIGINT) AS contacts FROM (FROM codes UNION ALL FROM tasks)
ORDER BY municipality, dimension, code
