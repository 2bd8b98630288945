-- Rows whose key may already be known; decided exactly by resolve. again: the key may stand earlier in this very file.
CREATE OR REPLACE TEMP TABLE staged (
    line UINTEGER, place UBIGINT, key_hi UBIGINT, key_lo UBIGINT, version UBIGINT, municipality USMALLINT,
    moment TIMESTAMP_S, codes UBIGINT, times UBIGINT, detail VARCHAR, bag_line UINTEGER, again BOOLEAN
)
