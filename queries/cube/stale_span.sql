-- The first and last week that something is stale in; NULL when nothing is.
SELECT min(week), max(week) FROM stale
