-- How often the matched keys count is about to change: they are held as they stand now.
CREATE OR REPLACE TEMP TABLE matched_now AS FROM matched
