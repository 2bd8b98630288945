-- $1 upload.
INSERT INTO claims
SELECT $1, key_hi, key_lo, version, CASE WHEN version <> 0 THEN 1 ELSE n END
FROM matched WHERE holder <> $1
