DELETE FROM cube_codes WHERE {slice};
INSERT INTO cube_codes
SELECT municipality, {week} AS period, channel, type, closing, form, CAST(sum(contacts) AS BIGINT) FROM {codes} GROUP BY ALL ORDER BY ALL;
