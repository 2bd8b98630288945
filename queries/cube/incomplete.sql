-- What counts of system extracts and is not filled in, by what is missing.
SELECT municipality, moment, channel, type = 0 AS no_type, closing = 0 AS no_closing, form = 0 AS no_form, no_unit,
    CAST(copies AS BIGINT) * amount AS contacts
FROM {contacts} WHERE copies > 0 AND NOT test AND system AND (type = 0 OR closing = 0 OR form = 0 OR no_unit)
