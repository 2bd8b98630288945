package workbook

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"unicode/utf16"
)

// magic is what files of other kinds begin with. Detail completes "Den er …".
var magic = []struct{ kind, head, detail string }{
	{"zip", "PK\x03\x04", "en zip-fil"},
	{"zip", "PK\x05\x06", "en zip-fil"},
	{"zip", "PK\x07\x08", "en zip-fil"},
	{"ole", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "et dokument i et gammelt Office-format"},
	{"xls", "\x09\x08\x10\x00\x00\x06", "en gammel Excel-fil (.xls)"},
	{"pdf", "%PDF-", "en PDF-fil"},
	{"png", "\x89PNG\r\n\x1a\n", "et billede (PNG)"},
	{"jpeg", "\xff\xd8\xff", "et billede (JPEG)"},
	{"gif", "GIF8", "et billede (GIF)"},
	{"tiff", "II*\x00", "et billede (TIFF)"},
	{"tiff", "MM\x00*", "et billede (TIFF)"},
	{"heic", "\x00\x00\x00\x18ftyp", "et billede eller en film"},
	{"heic", "\x00\x00\x00\x20ftyp", "et billede eller en film"},
	{"gzip", "\x1f\x8b", "en pakket fil (gzip)"},
	{"bzip2", "BZh", "en pakket fil (bzip2)"},
	{"xz", "\xfd7zXZ\x00", "en pakket fil (xz)"},
	{"zstd", "\x28\xb5\x2f\xfd", "en pakket fil (zstd)"},
	{"7z", "7z\xbc\xaf\x27\x1c", "en pakket fil (7-Zip)"},
	{"rar", "Rar!\x1a\x07", "en pakket fil (RAR)"},
	{"rtf", "{\\rtf", "et dokument (RTF)"},
	{"exe", "MZ\x90\x00", "et program"},
	{"exe", "\x7fELF", "et program"},
	{"parquet", "PAR1", "en Parquet-fil"},
	{"sqlite", "SQLite format 3\x00", "en SQLite-database"},
	{"access", "\x00\x01\x00\x00Standard ", "en Access-database"},
}

// Sniff says what the first bytes of a file (some 4 kB are plenty) show it to be: "empty", "zip", "ole", "pdf", "html", "xml",
// another kind that Describe knows, "text", or "binary" when it is nothing that holds text. UTF-16 with a byte order mark is
// text; so is text with a stray NUL or two.
func Sniff(head []byte) (kind string) {
	if len(head) == 0 {
		return "empty"
	}
	for _, m := range magic {
		if bytes.HasPrefix(head, []byte(m.head)) {
			return m.kind
		}
	}
	if i := bytes.Index(head[:min(len(head), 1024)], []byte("%PDF-")); i > 0 && bytes.IndexByte(head[:i], '\n') < 0 {
		return "pdf"
	}
	if bytes.HasPrefix(head, []byte("\xff\xfe")) || bytes.HasPrefix(head, []byte("\xfe\xff")) {
		return "text"
	}
	lead := bytes.ToLower(bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n"))
	for _, tag := range []string{"<!doctype html", "<html", "<head", "<body", "<table"} {
		if bytes.HasPrefix(lead, []byte(tag)) {
			return "html"
		}
	}
	if bytes.HasPrefix(lead, []byte("<?xml")) {
		if bytes.Contains(lead, []byte("<html")) {
			return "html"
		}
		return "xml"
	}
	control := 0
	for _, c := range head {
		if c < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != '\f' && c != 0x1a {
			control++
		}
	}
	if control*20 > len(head) {
		return "binary"
	}
	return "text"
}

// Describe is the Danish name of a kind that Sniff gives, to stand after "Den er". It is empty for text.
func Describe(kind string) string {
	switch kind {
	case "text":
		return ""
	case "empty":
		return "tom"
	case "html":
		return "en webside (HTML), også hvis den har efternavnet .xls"
	case "xml":
		return "en XML-fil"
	case "binary":
		return "en fil, som ikke er tekst"
	}
	for _, m := range magic {
		if m.kind == kind {
			return m.detail
		}
	}
	return "en fil, som ikke er tekst"
}

// foreign is the Fault of a file that is no zip file.
func foreign(r io.ReaderAt, size int64, head []byte) *Fault {
	kind := Sniff(head)
	switch kind {
	case "empty":
		return &Fault{Rule: "F01", Detail: "tom"}
	case "ole":
		return notTable(oleDetail(r, size), nil)
	case "text":
		return notTable("en tekstfil og ikke en Excel-projektmappe", nil)
	}
	return notTable(Describe(kind), nil)
}

// oleDetail tells apart what the old compound format is used for. A workbook with a password is such a file, too: the names of
// its streams stand in UTF-16 in the directory.
func oleDetail(r io.ReaderAt, size int64) string {
	kinds := []struct{ stream, detail string }{
		{"EncryptedPackage", "en projektmappe med adgangskode"},
		{"Workbook", "en gammel Excel-fil (.xls)"},
		{"Book", "en gammel Excel-fil (.xls)"},
		{"WordDocument", "et gammelt Word-dokument (.doc)"},
		{"PowerPoint Document", "en gammel PowerPoint-fil (.ppt)"},
		{"__substg1.0_", "en e-mail fra Outlook (.msg)"},
	}
	best := len(kinds)
	const overlap = 64 // a directory entry's name is at most 64 bytes
	buf := make([]byte, 256<<10)
	for at := int64(0); at < size; {
		n, err := r.ReadAt(buf[:min(int64(len(buf)), size-at)], at)
		for i, k := range kinds[:best] {
			if bytes.Contains(buf[:n], utf16Bytes(k.stream)) {
				best = i
				break
			}
		}
		if best == 0 || n <= overlap || err != nil && !errors.Is(err, io.EOF) || at+int64(n) >= size {
			break
		}
		at += int64(n) - overlap
	}
	if best < len(kinds) {
		return kinds[best].detail
	}
	return Describe("ole")
}

func utf16Bytes(s string) []byte {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	return b
}
