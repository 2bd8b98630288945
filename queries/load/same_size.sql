-- Uploads of a size ($1), a source ($2) and test mark ($3) all of whose valid rows are their own in contacts.
SELECT upload, kept FROM uploads
WHERE size = $1 AND source = $2 AND test = $3 AND bag = upload AND replaces IS NULL AND delivery = 0 AND withheld = 0 AND accepted > 0
ORDER BY upload LIMIT 4
