package reports

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/csv"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"komhen/model"
)

func export(t *testing.T, x Extract) ([]byte, int64) {
	t.Helper()
	cb := smallCodebook(t)
	st := loadCase(t, cb, casesFolder+"/small")
	var out bytes.Buffer
	x.TempDir = t.TempDir()
	n, err := ExportContacts(context.Background(), st, cb, x, &out)
	if err != nil {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(x.TempDir); len(left) > 0 {
		t.Errorf("%s left behind", left[0].Name())
	}
	return out.Bytes(), n
}

func spring(t *testing.T) model.Round {
	r, err := smallCodebook(t).Round("2012F")
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestExportCSV reads the extract as the file on disk says it must be.
func TestExportCSV(t *testing.T) {
	got, n := export(t, Extract{Round: spring(t), Municipality: 259, Format: "csv"})
	const file = casesFolder + "/small/expected/contacts@2012F@259.csv"
	if *updateCases {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if lines := int64(bytes.Count(got, []byte("\r\n"))); n != 50 || lines != n+1 {
		t.Errorf("%d rows told, %d lines written, want 50 and a header", n, lines)
	}
}

// TestExportFormatsAgree: csv, xlsx and parquet hold the same cells in the same order, for several municipalities.
func TestExportFormatsAgree(t *testing.T) {
	text, n := export(t, Extract{Round: spring(t), Format: "csv"})
	in := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(text, []byte(byteOrderMark))))
	in.Comma = ';'
	want, err := in.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if int64(len(want)) != n+1 {
		t.Fatalf("%d lines, want %d and a header", len(want), n)
	}

	book, _ := export(t, Extract{Round: spring(t), Format: "xlsx"})
	f, err := excelize.OpenReader(bytes.NewReader(book))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if sheets := f.GetSheetList(); len(sheets) != 1 {
		t.Fatalf("sheets %v, want one", sheets)
	}
	rows, err := f.GetRows(f.GetSheetList()[0])
	if err != nil {
		t.Fatal(err)
	}
	same(t, "xlsx", rows, want)
	if kind, _ := f.GetCellType(f.GetSheetList()[0], "M2"); kind != excelize.CellTypeUnset && kind != excelize.CellTypeNumber {
		t.Errorf("antal is not a number in xlsx: %v", kind)
	}
	if formula, _ := f.GetCellFormula(f.GetSheetList()[0], "B6"); formula != "" {
		t.Errorf("a formula in xlsx: %s", formula)
	}

	columnar, _ := export(t, Extract{Round: spring(t), Format: "parquet"})
	path := filepath.Join(t.TempDir(), "x.parquet")
	if err := os.WriteFile(path, columnar, 0o644); err != nil {
		t.Fatal(err)
	}
	same(t, "parquet", parquetCells(t, path), want)
}

// parquetCells reads a Parquet extract back with the texts csv has.
func parquetCells(t *testing.T, path string) [][]string {
	t.Helper()
	db, err := sql.Open("duckdb", "?threads=1")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query(`SELECT * REPLACE (
		CASE WHEN hour(dato) + minute(dato) + second(dato) = 0 THEN strftime(dato, '%d-%m-%Y') ELSE strftime(dato, '%d-%m-%Y %H:%M:%S') END AS dato,
		strftime(start, '%d-%m-%Y %H:%M:%S') AS start, strftime(slut, '%d-%m-%Y %H:%M:%S') AS slut, CAST(antal AS VARCHAR) AS antal)
		FROM read_parquet('` + path + `')`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	names, _ := rows.Columns()
	out := [][]string{names}
	for rows.Next() {
		cells := make([]sql.NullString, len(names))
		at := make([]any, len(names))
		for i := range cells {
			at[i] = &cells[i]
		}
		if err := rows.Scan(at...); err != nil {
			t.Fatal(err)
		}
		line := make([]string, len(names))
		for i, c := range cells {
			line[i] = model.SafeText(c.String)
			if !c.Valid && (i == columnUnit || i >= 4 && i <= 6) {
				line[i] = notFilledIn
			}
		}
		out = append(out, line)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

func same(t *testing.T, what string, got, want [][]string) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d lines, want %d", what, len(got), len(want))
	}
	for i := range want {
		for len(got[i]) < len(want[i]) { // excelize leaves out empty cells at the end
			got[i] = append(got[i], "")
		}
		if g, w := strings.Join(got[i], ";"), strings.Join(want[i], ";"); g != w {
			t.Errorf("%s line %d:\n got %s\nwant %s", what, i+1, g, w)
		}
	}
}

// TestExportRefuses: wrong questions are answered, not guessed.
func TestExportRefuses(t *testing.T) {
	cb := smallCodebook(t)
	st := loadCase(t, cb, casesFolder+"/small")
	for code, x := range map[string]Extract{
		"format-unknown":       {Format: "pdf"},
		"municipality-unknown": {Format: "csv", Municipality: 7},
		"code-unknown":         {Format: "parquet", Municipality: 259}, // channel 99
	} {
		dir := t.TempDir()
		x.TempDir = dir
		_, err := ExportContacts(context.Background(), st, cb, x, io.Discard)
		var p *model.Problem
		if !errors.As(err, &p) || p.Code != code {
			t.Errorf("%+v: %v, want %s", x, err, code)
		}
		if left, _ := os.ReadDir(dir); len(left) > 0 {
			t.Errorf("%+v: %s left behind", x, left[0].Name())
		}
	}
	if err := (&xlsxRows{}).begin([]string{"a"}, sheetRows); err == nil {
		t.Error("more rows than a sheet holds were begun")
	}
}

// TestSafeText: what an extract writes is harmless, and can be read back exactly.
func TestSafeText(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "Borgerservice": "Borgerservice", "=1+1": "'=1+1", "@x": "'@x", "+45": "'+45", "-12": "-12", "-12,5": "-12,5",
		"-cmd": "'-cmd", "'=1": "''=1", "'nej": "'nej", " =1": "' =1", "\t=1": "'\t=1", "a=1": "a=1", "=": "'=", "-": "'-", "'-12": "'-12",
	} {
		if got := model.SafeText(in); got != want {
			t.Errorf("model.SafeText(%q) = %q, want %q", in, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringMatching(`['=+@ \t1,-]{0,6}`).Draw(t, "s")
		safe := model.SafeText(s)
		if got := model.UnsafeText(safe); got != s {
			t.Fatalf("%q becomes %q becomes %q", s, safe, got)
		}
		if safe != "" && strings.ContainsRune("=+@\t", rune(safe[0])) {
			t.Fatalf("%q is not safe", safe)
		}
	})
}

// TestExtractXLSXKeepsText: whatever text a unit or a local parameter holds, a reader of the workbook finds it again.
func TestExtractXLSXKeepsText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		odd := rapid.StringMatching(`(_x00|41_|_x0042_|[ <>&"'=;\x01\x1f\t\r\na-zæøå😀]){0,8}`)
		header := []string{"kommune", "tekst"}
		want := rapid.SliceOfN(odd, 1, 5).Draw(t, "texts")
		var book bytes.Buffer
		x := &xlsxRows{w: &book}
		if err := x.begin(header, int64(len(want))); err != nil {
			t.Fatal(err)
		}
		for _, text := range want {
			if err := x.row([]string{"259", text}, nil); err != nil {
				t.Fatal(err)
			}
		}
		if err := x.end(nil); err != nil {
			t.Fatal(err)
		}
		f, err := excelize.OpenReader(bytes.NewReader(book.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		rows, err := f.GetRows(extractSheet)
		if err != nil {
			t.Fatal(err)
		}
		for i, text := range want {
			got := ""
			if len(rows[i+1]) > 1 {
				got = rows[i+1][1]
			}
			if model.UnsafeText(got) != text {
				t.Fatalf("%q is read as %q", text, got)
			}
		}
	})
}
