-- $1 seq, $2 moment, $3 who.
INSERT INTO klik_plan SELECT $1, place, CAST($2 AS TIMESTAMP_S), kind, id, body, $3 FROM incoming
