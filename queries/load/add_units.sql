-- $1 upload.
INSERT INTO units
SELECT DISTINCT c.municipality, c.unit, $1
FROM contacts c ANTI JOIN units u ON u.municipality = c.municipality AND u.unit = c.unit
WHERE c.upload = $1 AND c.unit IS NOT NULL
