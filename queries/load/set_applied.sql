UPDATE applied SET seq = $1, hash = $2
