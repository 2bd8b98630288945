DELETE FROM cube_uploads WHERE {slice};
INSERT INTO cube_uploads
SELECT municipality, {week} AS period, upload, own, CAST(sum(contacts) AS BIGINT) FROM {uploads} GROUP BY ALL ORDER BY ALL;
