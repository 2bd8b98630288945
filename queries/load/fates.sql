-- What becomes of each row put aside with a kilde_id: 0 it is new, 1 it counts already (or stands earlier in the file), 2 it replaces
-- another content of its id; and whether a contact of another unit counts under the id. To be asked between Match and Resolve.
-- $1 municipality.
WITH first AS (SELECT key_hi, key_lo, version, min(line) AS line FROM staged GROUP BY ALL),
     counted AS (
         SELECT key_hi, key_lo, any_value(unit) AS unit FROM contacts SEMI JOIN staged USING (key_hi, key_lo)
         WHERE municipality = $1 AND version <> 0 AND copies > 0 GROUP BY ALL
     )
SELECT s.line,
       CASE WHEN s.line <> f.line OR m.before > 0 THEN 1 WHEN c.key_hi IS NOT NULL THEN 2 ELSE 0 END,
       c.key_hi IS NOT NULL AND c.unit IS DISTINCT FROM unit_name(s.place, s.detail)
FROM staged s JOIN first f USING (key_hi, key_lo, version)
     LEFT JOIN matched m USING (key_hi, key_lo, version)
     LEFT JOIN counted c ON c.key_hi = s.key_hi AND c.key_lo = s.key_lo
WHERE s.version <> 0
ORDER BY s.line
