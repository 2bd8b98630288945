-- A relation of which the cube has all but some weeks of municipalities, which come from contacts. What is near them lets row groups
-- be skipped.
(
FROM {kept} WHERE NOT ({stale})
UNION ALL BY NAME
FROM {counted} WHERE {near} AND ({stale})
)
