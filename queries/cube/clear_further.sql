DELETE FROM cube_further WHERE {slice}
