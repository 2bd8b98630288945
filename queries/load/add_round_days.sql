-- $1 name, $2 first day, $3 the day after the last, $4 whether it is the round that is compared.
INSERT INTO round_days VALUES ($1, CAST($2 AS DATE), CAST($3 AS DATE), $4)
