SELECT count(*), coalesce(min(municipality), 0), coalesce(max(municipality), 0),
       coalesce(CAST(min(moment) AS TIMESTAMP), TIMESTAMP '1970-01-01'), coalesce(CAST(max(moment) AS TIMESTAMP), TIMESTAMP '1970-01-01'),
       coalesce(bool_or(version <> 0), false)
FROM staged
