SELECT coalesce(max(upload), 0) + 1 FROM uploads
