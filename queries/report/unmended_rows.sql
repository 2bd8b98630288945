-- The rejected rows of each live upload of a round that no live fix-it file mends, by the municipality the upload is of (0: several).
-- An upload whose rows were all rejected has no round of its own: it is of the round it came after, $from to $next.
WITH mended AS (SELECT DISTINCT f.bag, f.line FROM fixes f JOIN uploads p ON p.upload = f.upload WHERE p.live)
SELECT u.municipality, u.upload, count(DISTINCT r.bag_line) AS rows
FROM uploads u JOIN rejected r ON r.upload = u.upload
WHERE u.live AND NOT u.test AND u.bag = u.upload
  AND (u.round = $round OR u.round = '' AND u.accepted + u.withheld = 0 AND u.received >= CAST($from AS TIMESTAMP_S) AND u.received < CAST($next AS TIMESTAMP_S))
  AND ($municipality = 0 OR u.municipality = $municipality)
  AND NOT EXISTS (FROM mended m WHERE m.bag = u.upload AND m.line = r.bag_line)
GROUP BY ALL ORDER BY ALL
