-- The weeks of municipalities that the transaction touches; counts says whether it changes what counts there.
CREATE OR REPLACE TEMP TABLE changed (municipality USMALLINT, week TIMESTAMP_S, counts BOOLEAN)
