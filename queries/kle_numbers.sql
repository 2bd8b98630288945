-- A group (level 2) shares its number with its topic .00, whose title wins.
SELECT subject, arg_max(title, level) AS title, max(published) AS published
FROM kle
WHERE level >= 2
GROUP BY subject
ORDER BY subject
