-- Contacts of a period as the view has them (schema.sql), equal ones taken together while their codes are still one number: to group
-- millions of rows by one number costs half of what it does by each column. amount is that of all of them.
(
SELECT {columns}, CAST(codes & 255 AS UTINYINT) AS channel, CAST((codes >> 8) & 63 AS UTINYINT) AS type,
    CAST((codes >> 14) & 15 AS UTINYINT) AS closing, CAST((codes >> 18) & 7 AS UTINYINT) AS form,
    CAST((codes >> 24) & 1048575 AS UINTEGER) AS subject, codes & 2097152 <> 0 AS no_unit, codes & 4194304 <> 0 AS system, codes & 8388608 <> 0 AS test,
    CAST(counts & 4294967295 AS UINTEGER) AS own, CAST(counts >> 32 AS UINTEGER) AS copies, CAST(codes >> 44 AS BIGINT) * n AS amount
FROM ({rows})
)
