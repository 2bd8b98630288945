-- Rejected rows, one line for each of their errors.
SELECT r.line, r.record, r.bag_line, r.cells, f.rule, f.column_name, f.value, f.detail, f.proposal
FROM rejected r JOIN findings f ON f.upload = r.upload AND f.record = r.record AND f.severity = 'error'
WHERE r.upload = $1 ORDER BY r.record, f.rule, f.column_name
