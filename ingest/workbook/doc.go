// Package workbook reads an uploaded Excel workbook (.xlsx) as a stream of rows, and writes the copy that is kept: the same
// workbook with CPR-shaped values masked. It knows cells and sheets, and nothing of contacts.
//
// Danger: the bytes come from strangers. Nothing from the file's headers is trusted: every limit is held while the bytes are
// inflated. What Rows yields is the file as it came, so a person's number may stand in it until the caller has masked it; a
// sheet's Name likewise (Safe is the form to store or show). A Book is not for use by several goroutines at once.
package workbook
