UNION ALL BY NAME
(
-- Of a source, the contacts that are left when of each day, task and family as many go as other sources hold. Rows go by their keys, so
-- that always the same ones do; a row of several contacts may lose some.
WITH kept AS (
    SELECT CAST(moment AS DATE) AS cell_day, subject AS cell_subject, {family} AS cell_family, CAST(sum(CAST(copies AS BIGINT) * amount) AS BIGINT) AS held
    FROM contacts WHERE {others} GROUP BY ALL
),
counted AS (
    SELECT *, CAST(moment AS DATE) AS cell_day, subject AS cell_subject, {family} AS cell_family, CAST(copies AS BIGINT) * amount AS whole,
        CAST(sum(CAST(copies AS BIGINT) * amount) OVER (PARTITION BY CAST(moment AS DATE), subject, {family} ORDER BY key_hi, key_lo, version) AS BIGINT) AS upto
    FROM contacts WHERE {dropped}
),
remaining AS (
    SELECT c.*, c.whole - (least(c.upto, coalesce(k.held, 0)) - least(c.upto - c.whole, coalesce(k.held, 0))) AS rest
    FROM counted c LEFT JOIN kept k USING (cell_day, cell_subject, cell_family)
)
SELECT * EXCLUDE (cell_day, cell_subject, cell_family, whole, upto, rest)
    REPLACE (CASE WHEN rest = whole THEN copies ELSE 1 END AS copies, CAST(CASE WHEN rest = whole THEN amount ELSE rest END AS UINTEGER) AS amount)
FROM remaining WHERE rest > 0
)
