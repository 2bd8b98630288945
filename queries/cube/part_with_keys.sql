-- The rows of what is made anew, with their keys.
SELECT municipality, moment, key_hi, key_lo, version, copies, test FROM contacts
WHERE {slice} AND (municipality, CAST(date_trunc('week', moment) AS TIMESTAMP_S)) IN (SELECT municipality, week FROM marks)
