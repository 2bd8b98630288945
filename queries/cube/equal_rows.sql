-- How often rows of a period say the same.
SELECT {keys}, codes & {bits} AS codes, counts, count(*) AS n FROM contact_rows WHERE {where} GROUP BY ALL
