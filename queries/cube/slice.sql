-- The rows of what is made anew.
SELECT * FROM {contacts} WHERE {slice}
