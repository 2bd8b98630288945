-- A part of the extract, small enough to be sorted in little memory. $1 from, $2 until, $3 municipality, $4 and $5 first and
-- last upload, $6 and $7 first and last line.
SELECT upload, municipality, channel, type, closing, form, subject, moment, start_moment, end_moment, amount, copies, place, coalesce(detail, '') AS detail, system
FROM ({stretches})
WHERE copies > 0 AND NOT test AND moment >= CAST($1 AS TIMESTAMP_S) AND moment < CAST($2 AS TIMESTAMP_S)
  AND ($3 = 0 OR municipality = $3)
  AND upload >= $4 AND upload <= $5 AND line >= $6 AND line <= $7
ORDER BY upload, line, key_hi, key_lo, version
