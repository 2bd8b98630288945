SELECT count(*), CAST(coalesce(sum(amount), 0) AS BIGINT) FROM contacts WHERE upload = $1
