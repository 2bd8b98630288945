DELETE FROM cube_codes WHERE {slice} AND (municipality, CAST(date_trunc('week', moment) AS TIMESTAMP_S)) IN (SELECT municipality, week FROM marks);
INSERT INTO cube_codes
SELECT municipality, CAST(date_trunc('week', moment) AS TIMESTAMP_S) AS period, channel, type, closing, form, CAST(sum(contacts) AS BIGINT) FROM {codes} GROUP BY ALL ORDER BY ALL;
