-- The keys that uploads $1 to $2 brought: what the filter of a large import starts from.
SELECT key_hi, key_lo FROM contacts WHERE upload BETWEEN CAST($1 AS UINTEGER) AND CAST($2 AS UINTEGER)
