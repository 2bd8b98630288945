DELETE FROM cube_further WHERE {slice} AND (municipality, CAST(date_trunc('week', moment) AS TIMESTAMP_S)) IN (SELECT municipality, week FROM marks);
INSERT INTO cube_further
SELECT municipality, CAST(date_trunc('week', moment) AS TIMESTAMP_S) AS period, upload FROM {further} WHERE upload IN ({open}) GROUP BY ALL ORDER BY ALL;
