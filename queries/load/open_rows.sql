-- The rejected lines of a bag that no live fix-it file has mended, a page of them, one row for each of their errors; first how many
-- there are in all. A line that was rejected again stands as its newest live fix-it file has it, if that has the bag's own columns.
-- $1 bag, $2 offset, $3 limit.
WITH root AS (SELECT columns FROM uploads WHERE upload = $1),
     parts AS (
         SELECT upload FROM uploads, root
         WHERE upload = $1 OR bag = $1 AND live AND uploads.columns[1:len(root.columns)] = root.columns
     ),
     mended AS (SELECT line FROM fixes SEMI JOIN (FROM uploads WHERE live) USING (upload) WHERE fixes.bag = $1),
     of_bag AS (SELECT DISTINCT bag_line FROM rejected WHERE upload = $1 AND bag_line NOT IN (SELECT line FROM mended)),
     page AS (FROM of_bag ORDER BY bag_line LIMIT $3 OFFSET $2),
     lost AS (SELECT upload, record FROM findings WHERE upload <> $1 AND rule IN ('R01', 'R15')), -- mends no line that is known
     states AS (
         SELECT bag_line, upload, record FROM rejected SEMI JOIN parts USING (upload) SEMI JOIN page USING (bag_line) ANTI JOIN lost USING (upload, record)
     ),
     chosen AS (
         SELECT bag_line, max(upload) AS upload, arg_max(record, upload * 4294967296 + record) AS record FROM states GROUP BY bag_line
     )
SELECT (SELECT count(*) FROM of_bag), chosen.upload, r.line, r.record, r.bag_line, r.cells, f.rule, f.column_name, f.value, f.detail, f.proposal
FROM (SELECT 1) LEFT JOIN (
    chosen JOIN rejected r USING (bag_line, upload, record)
           JOIN findings f ON f.upload = chosen.upload AND f.record = chosen.record AND f.severity = 'error'
) ON true
ORDER BY chosen.bag_line, f.rule, f.column_name
