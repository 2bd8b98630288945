-- $1 upload.
INSERT INTO findings SELECT $1, rule, severity, line, record, column_name, value, detail, proposal FROM incoming
