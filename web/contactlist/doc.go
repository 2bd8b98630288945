// Package contactlist keeps whom a municipality has named for KOMBIT to write to: for each role of the gallery one or more people, or a mail
// address. It lies in contacts.json in the data folder, which is replaced whole.
//
// Danger: everything in it is about people. Nothing of it but IDs may stand in the audit, the journal or the database, so that Delete
// really deletes. Backups hold the file as it was when they were taken.
package contactlist
