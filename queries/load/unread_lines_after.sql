-- Lines of new keys whose rows were only noted, in order. $1 the last line seen.
SELECT line FROM new_keys ANTI JOIN staged USING (line) WHERE line > $1 ORDER BY line LIMIT 50000
