UPDATE approvals SET reopened = CAST($3 AS TIMESTAMP_S), reopened_by = $4 WHERE municipality = $1 AND round = $2 AND reopened IS NULL
