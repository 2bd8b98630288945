INSERT INTO mappings VALUES ($1, $2)
