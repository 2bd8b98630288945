-- Rows of uploads that the database does not have. The number is the first that is free.
BEGIN TRANSACTION;
DELETE FROM contact_rows WHERE upload >= %[1]d;
DELETE FROM claims WHERE upload >= %[1]d;
DELETE FROM fixes WHERE upload >= %[1]d;
DELETE FROM findings WHERE upload >= %[1]d;
DELETE FROM rejected WHERE upload >= %[1]d;
DELETE FROM mappings WHERE upload >= %[1]d;
COMMIT;
