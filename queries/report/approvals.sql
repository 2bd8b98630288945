-- The approvals of a round, oldest first; one stands while it is not reopened.
SELECT municipality, first_day, last_day, CAST(approved AS TIMESTAMP), approved_by, CAST(reopened AS TIMESTAMP), reopened_by, reopened_for
FROM approvals WHERE round = $round AND ($municipality = 0 OR municipality = $municipality) ORDER BY municipality, approved, reopened NULLS LAST
