INSERT INTO cube_further
SELECT DISTINCT municipality, {week} AS period, upload FROM {further} WHERE upload IN ({open}) ORDER BY ALL
