-- The live uploads that may be behind figures: all but test counts.
SELECT upload, municipality, CAST(received AS TIMESTAMP), source, sha256 FROM uploads WHERE live AND NOT test ORDER BY upload
