-- The marks that this transaction has dealt with; those that come meanwhile it does not see.
DELETE FROM stale WHERE (municipality, week) IN (SELECT municipality, week FROM marks);
DROP TABLE IF EXISTS temp.part;
DROP TABLE temp.marks;
DROP TABLE temp.whole;
