SELECT count(*), coalesce(bool_or(version <> 0), false) FROM aside
