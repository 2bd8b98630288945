(
-- contacts without those that are left out because another source holds them too.
SELECT * FROM contacts WHERE NOT ({dropped})
{thinned}
)
