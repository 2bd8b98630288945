-- How many rows the matched keys stand for, whether any has a kilde_id, whether any will count more often, and whether they are the bag
-- of $1 rows with these sums of keys and versions ($2, $3, $4).
SELECT CAST(coalesce(sum(n), 0) AS BIGINT), coalesce(bool_or(version <> 0), false), coalesce(bool_or(n > before), false),
       coalesce(sum(n) = $1 AND sum(CAST(key_hi AS HUGEINT) * n) = CAST($2 AS HUGEINT) AND sum(CAST(key_lo AS HUGEINT) * n) = CAST($3 AS HUGEINT)
                AND sum(CAST(version AS HUGEINT) * n) = CAST($4 AS HUGEINT), false)
FROM matched
