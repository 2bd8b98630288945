-- A relation of the schema with only some types of contact; both are put in by the program, the types as numbers.
(FROM {relation} WHERE type IN ({types}))
