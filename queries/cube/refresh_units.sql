DELETE FROM cube_units WHERE {slice};
INSERT INTO cube_units
SELECT municipality, CAST(CAST(moment AS DATE) AS TIMESTAMP_S) AS period, unit, type, CAST(sum(contacts) AS BIGINT) FROM {units} GROUP BY ALL ORDER BY ALL;
