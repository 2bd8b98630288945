-- A round that gets other days is another round: nobody has approved its figures. $1 the round, $2 when, $3 by whom.
UPDATE approvals SET reopened = CAST($2 AS TIMESTAMP_S), reopened_by = $3 WHERE round = $1 AND reopened IS NULL
