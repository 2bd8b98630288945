-- The sources by their numbers.
SELECT source, name FROM sources ORDER BY source
