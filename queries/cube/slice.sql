-- A slice of contacts: weeks that are made anew, or rows that lie together.
SELECT * FROM {contacts} WHERE {slice}
