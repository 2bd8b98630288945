SELECT count(*), CAST(coalesce(sum(amount), 0) AS BIGINT) FROM contacts WHERE upload = CAST($1 AS UINTEGER)
