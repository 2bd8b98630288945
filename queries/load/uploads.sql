-- $1: one upload, or 0 for all.
SELECT upload, bag, replaces, live, CAST(received AS TIMESTAMP), CAST(changed AS TIMESTAMP), file, kept, sha256, kept_sha256, size,
       municipality, restricted, source, kind, test, round, first_day, last_day, format, encoding, delimiter, sheet, layout,
       columns, locals, records, header, blank, accepted, rejected, withheld, contacts, warnings, corrections,
       received_by, changed_by, delivery
FROM uploads WHERE $1 = 0 OR upload = $1 ORDER BY upload
