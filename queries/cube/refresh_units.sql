DELETE FROM cube_units WHERE {slice} AND (municipality, CAST(date_trunc('week', moment) AS TIMESTAMP_S)) IN (SELECT municipality, week FROM marks);
INSERT INTO cube_units
SELECT municipality, CAST(CAST(moment AS DATE) AS TIMESTAMP_S) AS period, unit, type, CAST(sum(contacts) AS BIGINT) FROM {units} GROUP BY ALL ORDER BY ALL;
