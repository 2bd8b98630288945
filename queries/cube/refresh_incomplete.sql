DELETE FROM cube_incomplete WHERE {slice};
INSERT INTO cube_incomplete
SELECT municipality, {week} AS period, channel, no_type, no_closing, no_form, no_unit, CAST(sum(contacts) AS BIGINT) FROM {incomplete} GROUP BY ALL ORDER BY ALL;
