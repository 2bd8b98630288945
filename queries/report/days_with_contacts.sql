-- The days on which contacts that count lie, for finding the latest round that has any.
SELECT DISTINCT CAST(moment AS DATE) AS day FROM {days by day} WHERE NOT test AND ($municipality = 0 OR municipality = $municipality) ORDER BY day
