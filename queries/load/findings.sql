SELECT rule, severity, line, record, column_name, value, detail, proposal
FROM findings WHERE upload = $1 ORDER BY line, record, rule, column_name, value, detail
