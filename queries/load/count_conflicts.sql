SELECT count(*) FROM conflicts
