package workbook

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"sort"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

const testMax = 1 << 30

// pack makes a zip file of parts; nothing in it needs to be right.
func pack(t testing.TB, parts map[string]string) []byte {
	t.Helper()
	var names []string
	for n := range parts {
		names = append(names, n)
	}
	sort.Strings(names)
	var buf bytes.Buffer
	zw := zip.NewWriter(&buf)
	for _, n := range names {
		w, err := zw.Create(n)
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(w, parts[n])
	}
	if err := zw.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

const (
	mainType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
	relType  = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
	mainNS   = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
)

// parts is a small workbook with one sheet; more replaces or adds parts.
func parts(sheetXML string, more map[string]string) map[string]string {
	p := map[string]string{
		"[Content_Types].xml":        `<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="` + mainType + `"/></Types>`,
		"_rels/.rels":                `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="` + relType + `officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		"xl/workbook.xml":            `<workbook xmlns="` + mainNS + `" xmlns:r="` + relType[:len(relType)-1] + `"><sheets><sheet name="Ark1" sheetId="1" r:id="rId1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="` + relType + `worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="` + relType + `sharedStrings" Target="sharedStrings.xml"/><Relationship Id="rId3" Type="` + relType + `styles" Target="styles.xml"/></Relationships>`,
		"xl/worksheets/sheet1.xml":   sheetXML,
	}
	for n, x := range more {
		p[n] = x
	}
	return p
}

func sheetXML(rows string) string {
	return `<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="` + mainNS + `"><sheetData>` + rows + `</sheetData></worksheet>`
}

func sharedXML(items ...string) string {
	return `<sst xmlns="` + mainNS + `">` + strings.Join(items, "") + `</sst>`
}

func open(t testing.TB, file []byte) *Book {
	t.Helper()
	b, err := Open(bytes.NewReader(file), int64(len(file)), testMax)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// read gives the rows of a sheet as "number: a|b|c".
func read(t testing.TB, b *Book, sheet string) []string {
	t.Helper()
	rows, err := tryRead(b, sheet)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func tryRead(b *Book, sheet string) (rows []string, err error) {
	err = b.Rows(sheet, func(n int, cells []string) error {
		rows = append(rows, fmt.Sprintf("%d: %s", n, strings.Join(cells, "|")))
		return nil
	})
	return rows, err
}

// readXML reads a one-sheet workbook of this XML.
func readXML(t testing.TB, xml string, more map[string]string) ([]string, error) {
	t.Helper()
	file := pack(t, parts(xml, more))
	b, err := Open(bytes.NewReader(file), int64(len(file)), testMax)
	if err != nil {
		return nil, err
	}
	return tryRead(b, "Ark1")
}

func wantFault(t *testing.T, err error, rule, detail string) {
	t.Helper()
	var f *Fault
	if !errors.As(err, &f) {
		t.Fatalf("got %v, want a Fault", err)
	}
	if f.Rule != rule || !strings.Contains(f.Detail, detail) {
		t.Fatalf("got %s %q (%v), want %s %q", f.Rule, f.Detail, f.Err, rule, detail)
	}
}

func same(t *testing.T, got []string, want ...string) {
	t.Helper()
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// bytesOf writes an excelize workbook to memory.
func bytesOf(t testing.TB, f *excelize.File) []byte {
	t.Helper()
	var buf bytes.Buffer
	if err := f.Write(&buf); err != nil {
		t.Fatal(err)
	}
	f.Close()
	return buf.Bytes()
}
