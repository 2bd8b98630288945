SELECT count(*) FROM (SELECT DISTINCT municipality, week FROM stale)
