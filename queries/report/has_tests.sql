-- Whether any upload is a test.
SELECT count(*) > 0 FROM uploads WHERE test
