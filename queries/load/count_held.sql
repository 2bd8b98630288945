-- How many keys the parts of a bag hold, at the most. $1 upload.
SELECT (SELECT count(*) FROM contacts WHERE upload IN (SELECT upload FROM uploads WHERE upload = $1 OR bag = $1))
     + (SELECT count(*) FROM claims WHERE upload IN (SELECT upload FROM uploads WHERE upload = $1 OR bag = $1))
