DELETE FROM cube_incomplete WHERE {slice} AND (municipality, CAST(date_trunc('week', moment) AS TIMESTAMP_S)) IN (SELECT municipality, week FROM marks);
INSERT INTO cube_incomplete
SELECT municipality, CAST(date_trunc('week', moment) AS TIMESTAMP_S) AS period, channel, no_type, no_closing, no_form, no_unit, CAST(sum(contacts) AS BIGINT) FROM {incomplete} GROUP BY ALL ORDER BY ALL;
