-- Units that this upload brings and the register does not have (W05), with their rows and first line.
-- $1 upload, $2 test. Staged rows of known keys cannot bring a new unit.
SELECT c.municipality, c.unit, sum(greatest(c.own, 1)), min(c.line)
FROM contacts c ANTI JOIN units u ON u.municipality = c.municipality AND u.unit = c.unit
WHERE c.upload = $1 AND c.unit IS NOT NULL
GROUP BY ALL ORDER BY min(c.line)
