DELETE FROM cube_days WHERE {slice};
INSERT INTO cube_days
SELECT municipality, CAST(CAST(moment AS DATE) AS TIMESTAMP_S) AS period, type, test, CAST(sum(contacts) AS BIGINT) FROM {days} GROUP BY ALL ORDER BY ALL;
