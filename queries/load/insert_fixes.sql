-- $1 upload, $2 bag.
INSERT INTO fixes SELECT $1, $2, bag_line, key_hi, key_lo, version FROM staged
