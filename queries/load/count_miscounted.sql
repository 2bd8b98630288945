SELECT count(*) FROM recounted WHERE n <> before
