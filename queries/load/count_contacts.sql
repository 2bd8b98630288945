SELECT estimated_size FROM duckdb_tables() WHERE table_name = 'contact_rows'
