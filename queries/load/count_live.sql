-- How often each touched key counts (codebook §6): over the live bags, the largest number of rows; for a kilde_id, once for
-- the version of the newest live upload. A part is live when it and its bag's first upload are.
CREATE OR REPLACE TEMP TABLE recounted AS
WITH live AS (SELECT p.upload, p.bag FROM uploads p JOIN uploads root ON root.upload = p.bag WHERE p.live AND root.live
               UNION SELECT $1, upload FROM uploads WHERE upload = $2 AND live),
     standing_fixes AS (
         SELECT f.key_hi, f.key_lo, f.version, f.upload
         FROM fixes f SEMI JOIN live USING (upload)
         QUALIFY row_number() OVER (PARTITION BY f.bag, f.line ORDER BY f.upload DESC) = 1
     ),
     holdings AS (
         SELECT key_hi, key_lo, version, upload, own AS n FROM touched WHERE own > 0
         UNION ALL SELECT key_hi, key_lo, version, upload, n FROM claims SEMI JOIN touched USING (key_hi, key_lo, version)
         UNION ALL SELECT key_hi, key_lo, version, upload, 1 FROM standing_fixes SEMI JOIN touched USING (key_hi, key_lo, version)
     ),
     bags AS (
         SELECT key_hi, key_lo, version, bag, sum(n) AS n, max(upload) AS newest
         FROM holdings JOIN live USING (upload) GROUP BY ALL
     ),
     keys AS (
         SELECT key_hi, key_lo, version, max(n) AS n, max(newest) AS newest FROM bags GROUP BY ALL
     ),
     newest AS ( -- of the ids that have several versions
         SELECT key_hi, key_lo, max(newest) AS newest FROM keys WHERE version <> 0 GROUP BY ALL HAVING count(*) > 1
     )
SELECT t.key_hi, t.key_lo, t.version, t.before, t.amount, t.municipality, t.moment, t.test,
       CAST(CASE WHEN k.n IS NULL THEN 0 WHEN t.version = 0 THEN k.n WHEN k.newest < v.newest THEN 0 ELSE 1 END AS UINTEGER) AS n
FROM touched t LEFT JOIN keys k USING (key_hi, key_lo, version)
               LEFT JOIN newest v ON v.key_hi = t.key_hi AND v.key_lo = t.key_lo AND t.version <> 0
