-- How many rows were put aside, whether any has a kilde_id, and whether one of those may stand twice in the file.
SELECT count(*), coalesce(bool_or(version <> 0), false), coalesce(bool_or(version <> 0 AND again), false) FROM aside
