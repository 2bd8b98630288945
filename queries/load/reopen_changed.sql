-- An approval is void once the figures it was given for have changed. $1 when, $2 by whom, $3 the upload, 0 for a person's decision.
UPDATE approvals SET reopened = CAST($1 AS TIMESTAMP_S), reopened_by = $2, reopened_for = nullif($3, 0)
WHERE reopened IS NULL AND EXISTS (
    FROM changed c WHERE c.counts AND c.municipality = approvals.municipality AND c.week >= approvals.first_day AND c.week <= approvals.last_day)
