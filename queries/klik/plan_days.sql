-- The days on which the plan was changed.
SELECT DISTINCT CAST(moment AS DATE) AS day FROM klik_plan ORDER BY day
