-- Rows whose key may already be known; decided exactly by resolve. again: the key may stand earlier in this very file.
CREATE OR REPLACE TEMP TABLE staged (
    line UINTEGER, key_hi UBIGINT, key_lo UBIGINT, version UBIGINT, municipality USMALLINT, source USMALLINT,
    channel UTINYINT, type UTINYINT, closing UTINYINT, form UTINYINT, subject UINTEGER,
    moment TIMESTAMP_S, start_moment TIMESTAMP_S, end_moment TIMESTAMP_S, amount UINTEGER,
    unit VARCHAR, id VARCHAR, extra VARCHAR, system BOOLEAN, bag_line UINTEGER, again BOOLEAN
)
