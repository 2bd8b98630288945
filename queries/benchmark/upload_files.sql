-- The files of some uploads, oldest first. Rows are those of the whole file, whatever round or municipality they belong to.
SELECT upload, file, source, received, sha256, records - header - blank AS rows, accepted, rejected, withheld
FROM uploads WHERE upload IN (SELECT unnest($uploads)) ORDER BY upload
