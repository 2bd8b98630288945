-- The names of each upload's local parameters, in the order of contacts.extra.
SELECT upload, unnest(locals) AS name FROM uploads WHERE upload IN (SELECT unnest($uploads)) ORDER BY upload, generate_subscripts(locals, 1)
