SELECT (SELECT count(*) FROM staged_keys), (SELECT count(*) FROM matched)
