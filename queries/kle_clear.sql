-- The old tree goes before the new one comes, in the same transaction.
DELETE FROM kle
