-- $1: upload. How many findings of each rule, in the order a receipt shows them.
SELECT rule, count(*) FROM findings WHERE upload = $1 GROUP BY rule ORDER BY min(CASE severity WHEN 'file' THEN 0 WHEN 'error' THEN 1 ELSE 2 END), rule
