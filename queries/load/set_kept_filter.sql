-- $1 upload, $2 hash of the file.
INSERT OR REPLACE INTO meta VALUES ('filter', CAST($1 AS VARCHAR) || ' ' || $2)
