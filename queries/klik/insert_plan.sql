-- $1 seq, $2 moment.
INSERT INTO klik_plan SELECT $1, place, CAST($2 AS TIMESTAMP_S), kind, id, body FROM incoming
