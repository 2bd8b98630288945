package main

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// TestWalkthrough imports a newcomer's first files, as their README says.
func TestWalkthrough(t *testing.T) {
	data := newData(t)
	_, list := importing(t, data, testdata("walkthrough", "1-registreringer.csv"))
	expected(t, list[0], 55, 5, 0)
	expected(t, imported(t, data, "--kind", "system", "--source", "Telefonsystem", testdata("walkthrough", "2-telefonsystem.csv")), 109, 0, 0)
	expected(t, imported(t, data, testdata("walkthrough", "3-registreringer-rettet-og-flere.csv")), 20, 0, 55)
	says(t, ok(t, data, "uploads"), "1-registreringer.csv", "Telefonsystem", "tæller med")
	if n := contacts(t, data); n != 55+109+20 {
		t.Errorf("%d contacts", n)
	}
	says(t, ok(t, data, "check"), "Alt passer sammen")
}

func expected(t testing.TB, u receiptDoc, accepted, rejected, withheld int64) {
	t.Helper()
	if u.Accepted != accepted || u.Rejected != rejected || u.Withheld != withheld {
		t.Errorf("%s: %d accepted, %d rejected, %d withheld; want %d, %d and %d", u.File, u.Accepted, u.Rejected, u.Withheld, accepted, rejected, withheld)
	}
}

// contacts is how many contacts the channels report of 2012F counts.
func contacts(t testing.TB, data string) int64 {
	t.Helper()
	return int64(reporting(t, data, "channels", "--round", "2012F").Totals[3].(float64))
}

// TestDecisions: what undo, redo and further say, and do to the figures.
func TestDecisions(t *testing.T) {
	t.Parallel()
	data := newData(t)
	file := testdata("layouts", "c-utf8.csv")
	imported(t, data, file)
	imported(t, data, testdata("layouts", "c-comma.csv")) // the same contacts
	says(t, ok(t, data, "undo", "1"), "Indmelding 1 er fortrudt", "Tallene er de samme som før", "en anden indmelding")
	says(t, ok(t, data, "undo", "2"), "Indmelding 2 er fortrudt", "tog 1.000 henvendelser væk")
	says(t, want(t, statusUsage, data, "undo", "2").stderr, "allerede fortrudt", "ikke ændret noget")
	says(t, ok(t, data, "receipt", "2"), "fortrudt og tæller ikke med")
	says(t, ok(t, data, "uploads"), "fortrudt")
	says(t, ok(t, data, "redo", "2"), "Indmelding 2 er bragt tilbage", "gav 1.000 henvendelser mere")
	says(t, want(t, statusUsage, data, "redo", "2").stderr, "tæller allerede med")
	says(t, ok(t, data, "redo", "1"), "Tallene er de samme som før")
	if n := contacts(t, data); n != 1000 {
		t.Errorf("%d contacts", n)
	}
	o := want(t, statusDone, data, "further", "2")
	says(t, o.stdout, "Indmelding 3", "1.000 godtaget")
	says(t, o.stderr, "erstattet af indmelding 3", "komhen undo 3", "komhen redo 2")
	if n := contacts(t, data); n != 2000 {
		t.Errorf("%d contacts after further", n)
	}
	ok(t, data, "undo", "3")
	ok(t, data, "redo", "2")
	if n := contacts(t, data); n != 1000 {
		t.Errorf("%d contacts after further was taken back", n)
	}
	var answer struct {
		Upload   int    `json:"upload"`
		State    string `json:"state"`
		Contacts int64  `json:"contacts"`
	}
	ok(t, data, "undo", "1")
	oneDocument(t, ok(t, data, "undo", "2", "--json"), &answer)
	if answer.Upload != 2 || answer.State != "undone" || answer.Contacts != -1000 {
		t.Errorf("undo --json: %+v", answer)
	}
	says(t, ok(t, data, "check"), "Alt passer sammen")
	if list := uploadsIn(t, ok(t, data, "uploads", "--json")); len(list) != 3 || list[0].State != "undone" || list[2].State != "undone" {
		t.Errorf("uploads --json: %+v", list)
	}
}

// TestFixFile: the rejected rows come out as a file like the upload, and go in again as a part of it; from the import itself or
// from the receipt, as csv or as a workbook.
func TestFixFile(t *testing.T) {
	t.Parallel()
	source := testdata("walkthrough", "1-registreringer.csv")
	mended := map[string][2]string{"10": {"Henvendelses Kanal", "TLFIND"}, "21": {"Dato", "30-04-2012 10:15"}, "33": {"Enhed", "Borgerservice"},
		"44": {"KLE Opgave kode", "23.09.02"}, "55": {"Henvendelses type", "VEJL"}}
	for _, name := range []string{"ret.csv", "ret.xlsx"} {
		for _, later := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s later=%v", name, later), func(t *testing.T) {
				data := newData(t)
				path := filepath.Join(t.TempDir(), name)
				if later {
					want(t, statusRejected, data, "import", source)
					says(t, ok(t, data, "receipt", "1", "--fix-file", path), "Indmelding 1")
				} else {
					o := want(t, statusRejected, data, "import", "--fix-file", path, source)
					says(t, o.stderr, path, "komhen import")
				}
				mend(t, path, mended)
				u := imported(t, data, path)
				expected(t, u, 5, 0, 0)
				if u.Bag == nil || *u.Bag != 1 {
					t.Errorf("the fix-it file is not a part of upload 1: %+v", u)
				}
				if n := contacts(t, data); n != 60 {
					t.Errorf("%d contacts, want 60", n)
				}
				expected(t, imported(t, data, path), 0, 0, 5) // once more adds nothing
				says(t, want(t, statusUsage, data, "further", "2").stderr, "Indmelding 2 retter indmelding 1")
			})
		}
	}
}

// mend rewrites cells of a fix-it file, chosen by the line they were rejected in.
func mend(t *testing.T, path string, cells map[string][2]string) {
	t.Helper()
	if filepath.Ext(path) == ".xlsx" {
		book, err := excelize.OpenFile(path)
		if err != nil {
			t.Fatal(err)
		}
		sheet := book.GetSheetName(0)
		rows, err := book.GetRows(sheet)
		if err != nil {
			t.Fatal(err)
		}
		for i, row := range mendRows(t, rows, cells) {
			for j, cell := range row {
				at, _ := excelize.CoordinatesToCellName(j+1, i+1)
				if err := book.SetCellStr(sheet, at, cell); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := book.Save(); err != nil {
			t.Fatal(err)
		}
		return
	}
	// Windows-1252 as the upload was: the cells to mend are plain ASCII, so the bytes may pass as they are.
	r := csv.NewReader(strings.NewReader(read(t, path)))
	r.Comma = ';'
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	w := csv.NewWriter(&b)
	w.Comma, w.UseCRLF = ';', true
	if err := w.WriteAll(mendRows(t, rows, cells)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
}

func mendRows(t *testing.T, rows [][]string, cells map[string][2]string) [][]string {
	t.Helper()
	column := map[string]int{}
	for i, name := range rows[0] {
		column[name] = i
	}
	if len(rows) != len(cells)+1 {
		t.Fatalf("the fix-it file has %d rows, want %d: %q", len(rows)-1, len(cells), rows)
	}
	for _, row := range rows[1:] {
		for _, cell := range row {
			if mended, known := cells[cell]; known {
				row[column[mended[0]]] = mended[1]
			}
		}
	}
	return rows
}

// TestTemplate fills the empty template in by hand, with labels, as a person does.
func TestTemplate(t *testing.T) {
	rows := [][]string{
		{"Køge", "Borgerservice", "23.05.10", "Telefon ind", "Råd og vejledning", "Straksafsluttet", "", "23-04-2012"},
		{"Køge Kommune", "Borgerservice", "23.09.02", "Personligt fremmøde", "Oprettelse af ny sag", "Lagt til senere behandling", "JA", "24-04-2012 10:30"},
		{"259", "Ydelse", "32.03.16", "Digital Post ud", "Fejlhenvendelse", "Lagt til senere behandling", "NEJ", "25-04-2012"},
	}
	var figures []string
	for _, name := range []string{"skabelon.csv", "skabelon.xlsx"} {
		data := newData(t)
		path := filepath.Join(t.TempDir(), name)
		ok(t, data, "template", "-o", path)
		if _, list := importing(t, data, "--dry-run", path); list[0].Records != 1 || list[0].Header != 1 {
			t.Errorf("the empty %s: %+v", name, list[0])
		}
		if filepath.Ext(name) == ".csv" {
			var b strings.Builder
			b.WriteString(strings.TrimRight(read(t, path), "\r\n") + "\r\n")
			for _, row := range rows {
				b.WriteString(strings.Join(row, ";") + "\r\n")
			}
			if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
				t.Fatal(err)
			}
		} else {
			book, err := excelize.OpenFile(path)
			if err != nil {
				t.Fatal(err)
			}
			for i, row := range rows {
				for j, cell := range row {
					at, _ := excelize.CoordinatesToCellName(j+1, i+2)
					if err := book.SetCellStr("Data", at, cell); err != nil {
						t.Fatal(err)
					}
				}
			}
			if err := book.Save(); err != nil {
				t.Fatal(err)
			}
		}
		expected(t, imported(t, data, path), 3, 0, 0)
		figures = append(figures, ok(t, data, "report", "channels", "--format", "csv"))
	}
	if figures[0] != figures[1] {
		t.Errorf("csv and xlsx give other figures:\n%s\n%s", figures[0], figures[1])
	}
}
