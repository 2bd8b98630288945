-- $1: upload, $2: rule or '' for all, $3: how many, $4: after how many.
SELECT rule, severity, line, record, column_name, value, detail, proposal
FROM findings WHERE upload = $1 AND ($2 = '' OR rule = $2) ORDER BY line, record, rule, column_name, value, detail LIMIT $3 OFFSET $4
