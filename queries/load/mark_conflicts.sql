-- Keys whose kilde_id stands in this upload with different contents (R13). Only a key that may stand twice in the file can be
-- one. $1 upload.
CREATE OR REPLACE TEMP TABLE conflicts AS
WITH ids AS (SELECT DISTINCT key_hi, key_lo FROM aside WHERE version <> 0 AND again),
     rows_of_ids AS (
         SELECT key_hi, key_lo, version, line FROM aside SEMI JOIN ids USING (key_hi, key_lo)
         UNION ALL
         SELECT key_hi, key_lo, version, line FROM near SEMI JOIN ids USING (key_hi, key_lo) WHERE upload = $1
     ),
     disputed AS (SELECT key_hi, key_lo FROM rows_of_ids GROUP BY ALL HAVING min(version) <> max(version))
SELECT line, key_hi, key_lo, list(line) OVER (PARTITION BY key_hi, key_lo) AS lines
FROM rows_of_ids SEMI JOIN disputed USING (key_hi, key_lo)
