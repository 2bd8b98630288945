-- A relation with only some types of contact, given as numbers.
(FROM {relation} WHERE type IN ({types}))
