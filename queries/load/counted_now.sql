SELECT CAST(coalesce(sum(CAST(copies AS BIGINT) * amount), 0) AS BIGINT) FROM contacts WHERE upload = CAST($1 AS UINTEGER)
