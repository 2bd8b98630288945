SELECT source, name FROM sources ORDER BY source
