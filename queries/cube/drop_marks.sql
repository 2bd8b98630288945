-- The marks this transaction has dealt with; those that come meanwhile it does not see. $1 week.
DELETE FROM stale WHERE week = CAST($1 AS TIMESTAMP_S)
