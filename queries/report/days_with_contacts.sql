-- The days on which contacts that count lie, for finding the latest round that has any.
SELECT DISTINCT CAST(moment AS DATE) AS day FROM contacts WHERE copies > 0 AND NOT test ORDER BY day
