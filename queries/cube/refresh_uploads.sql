DELETE FROM cube_uploads WHERE {slice} AND (municipality, CAST(date_trunc('week', moment) AS TIMESTAMP_S)) IN (SELECT municipality, week FROM marks);
INSERT INTO cube_uploads
SELECT municipality, CAST(date_trunc('week', moment) AS TIMESTAMP_S) AS period, upload, own, CAST(sum(contacts) AS BIGINT) FROM {uploads} GROUP BY ALL ORDER BY ALL;
