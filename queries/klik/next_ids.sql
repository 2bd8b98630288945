-- The highest ids ever given, deleted ones too.
SELECT kind, max(id) FROM klik_plan GROUP BY kind
