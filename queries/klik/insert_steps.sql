-- $1 seq, $2 who. Moments are seconds of the Copenhagen clock, days are counted from 1970; 0 is none.
INSERT INTO klik_steps
SELECT $1, place, CAST(make_timestamp(moment * 1000000) AS TIMESTAMP_S), $2, task, municipality, status, responsible, performer,
    CASE WHEN start_day <> 0 THEN DATE '1970-01-01' + start_day END, CASE WHEN end_day <> 0 THEN DATE '1970-01-01' + end_day END
FROM incoming
