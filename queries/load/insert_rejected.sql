-- $1 upload.
INSERT INTO rejected SELECT $1, line, record, bag_line, cells FROM incoming
