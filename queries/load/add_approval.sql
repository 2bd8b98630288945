INSERT INTO approvals (municipality, round, first_day, last_day, approved, approved_by)
VALUES ($1, $2, CAST($3 AS DATE), CAST($4 AS DATE), CAST($5 AS TIMESTAMP_S), $6)
