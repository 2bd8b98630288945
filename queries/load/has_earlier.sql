-- Whether any contact lies before a day. $1 the day.
SELECT EXISTS (FROM contacts WHERE moment < CAST($1 AS TIMESTAMP_S) AND copies > 0)
