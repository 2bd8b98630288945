-- The titles of KL's own KLE tree, as last imported; empty until an operator has imported it.
SELECT subject, title FROM kle WHERE subject IN (SELECT unnest($subjects)) ORDER BY subject
