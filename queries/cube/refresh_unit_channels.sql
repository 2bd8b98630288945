DELETE FROM cube_unit_channels WHERE {slice};
INSERT INTO cube_unit_channels
SELECT municipality, CAST(CAST(moment AS DATE) AS TIMESTAMP_S) AS period, unit, channel, CAST(sum(contacts) AS BIGINT) FROM {unit_channels} GROUP BY ALL ORDER BY ALL;
