-- The live uploads that may be behind figures: all but test counts.
SELECT upload, municipality, source, sha256 FROM uploads WHERE live AND NOT test ORDER BY upload
