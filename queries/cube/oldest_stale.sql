-- The first week that has something to make anew; NULL when there is none.
SELECT min(week) FROM stale
