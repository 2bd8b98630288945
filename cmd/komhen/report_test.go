package main

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"komhen/reports"
)

type reportDoc struct {
	Report       string  `json:"report"`
	Title        string  `json:"title"`
	Round        string  `json:"round"`
	Municipality *string `json:"municipality"`
	Columns      []struct {
		Name, Label, Unit string
	} `json:"columns"`
	Rows   [][]any  `json:"rows"`
	Totals []any    `json:"totals"`
	Notes  []string `json:"notes"`
}

func reporting(t testing.TB, data string, args ...string) reportDoc {
	t.Helper()
	var doc reportDoc
	oneDocument(t, ok(t, data, append([]string{"report", "--format", "json"}, args...)...), &doc)
	return doc
}

// TestReportDocuments holds every report to the document of the contract.
func TestReportDocuments(t *testing.T) {
	t.Parallel()
	data := demoData(t)
	columns := map[string][]string{ // those whose columns the contract names
		"channels": {"code", "label", "direction", "contacts", "share"},
		"subjects": {"kle", "label", "package", "contacts", "share"},
		"types":    {"code", "label", "group", "contacts", "share"},
		"closings": {"code", "label", "contacts", "share"},
		"forms":    {"code", "label", "contacts", "share"},
	}
	names := []string{"channels", "subjects", "types", "closings", "forms", "channel-by-subject", "units", "days", "trend", "digital-share", "ranking"}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			doc := reporting(t, data, name, "--municipality", "259", "--round", "2012F")
			if doc.Report != name || doc.Title == "" || doc.Round != "2012F" || len(doc.Rows) == 0 || len(doc.Notes) == 0 {
				t.Errorf("%+v", doc)
			}
			if national := name == "ranking"; national != (doc.Municipality == nil) || !national && *doc.Municipality != "259" {
				t.Errorf("municipality: %v", doc.Municipality)
			}
			var got []string
			for _, c := range doc.Columns {
				got = append(got, c.Name)
				if c.Name == "" || c.Label == "" || c.Unit == "" {
					t.Errorf("column %+v", c)
				}
			}
			if w := columns[name]; w != nil && !slices.Equal(got, w) {
				t.Errorf("columns are %v, want %v", got, w)
			}
			for _, row := range append(doc.Rows, doc.Totals) {
				if len(row) != len(doc.Columns) && len(row) > 0 {
					t.Fatalf("%d cells under %d columns", len(row), len(doc.Columns))
				}
			}
			addsUp(t, doc)
			// The same report in its other forms.
			says(t, ok(t, data, "report", name, "--municipality", "259", "--round", "2012F"), doc.Title, doc.Columns[0].Label, "Runde:")
			says(t, ok(t, data, "report", name, "--municipality", "259", "--round", "2012F", "--format", "csv"), doc.Columns[0].Label)
			file := filepath.Join(t.TempDir(), name+".xlsx")
			ok(t, data, "report", name, "--municipality", "259", "--round", "2012F", "--format", "xlsx", "-o", file)
			if book, err := excelize.OpenFile(file); err != nil {
				t.Error(err)
			} else {
				book.Close()
			}
		})
	}
	says(t, ok(t, data, "report", "list"), names...)
	var list struct {
		Reports []map[string]any `json:"reports"`
	}
	oneDocument(t, ok(t, data, "report", "list", "--format", "json"), &list)
	if len(list.Reports) != len(reports.Names()) {
		t.Errorf("%d reports listed of %d", len(list.Reports), len(reports.Names()))
	}
}

// addsUp holds counts and shares to their totals; rows never hold a total.
func addsUp(t *testing.T, doc reportDoc) {
	t.Helper()
	for i, c := range doc.Columns {
		if len(doc.Totals) == 0 || c.Name != "contacts" && c.Name != "share" {
			continue
		}
		sum, parts := 0.0, 0
		for _, row := range doc.Rows {
			if v, isNumber := row[i].(float64); isNumber {
				sum, parts = sum+v, parts+1
			}
		}
		if total, isNumber := doc.Totals[i].(float64); isNumber && parts > 0 && math.Abs(sum-total) > 1e-9*math.Max(1, total) {
			t.Errorf("%s: the rows are %v, the total %v", c.Name, sum, total)
		}
	}
}

// TestMunicipalityForms: a code with or without its zero, and a name with or without "Kommune", are the same municipality.
func TestMunicipalityForms(t *testing.T) {
	data := demoData(t)
	first, _ := json.Marshal(reporting(t, data, "channels", "--municipality", "259"))
	for _, form := range []string{"0259", "Køge", "Køge Kommune", "køge", "KOEGE"} {
		doc, _ := json.Marshal(reporting(t, data, "channels", "--municipality", form))
		if string(doc) != string(first) {
			t.Errorf("--municipality %q is another report", form)
		}
	}
	fresh := newData(t)
	for i, form := range []string{"259", "0259", "Køge", "Køge Kommune"} {
		if u := imported(t, fresh, "--municipality", form, testdata("layouts", "c-utf8.csv")); *u.Municipality != "259" || (u.Accepted == 1000) != (i == 0) {
			t.Errorf("import --municipality %s: %+v", form, u)
		}
	}
	_, list := importing(t, newData(t), "--municipality", "461", testdata("layouts", "c-utf8.csv"))
	if list[0].Accepted != 0 || list[0].Rejected != 1000 || list[0].Findings[0].Rule != "R02" {
		t.Errorf("rows of another municipality: %d accepted, %d rejected", list[0].Accepted, list[0].Rejected)
	}
}

// TestLatestRound: without --round a report takes the latest round that has contacts.
func TestLatestRound(t *testing.T) {
	if doc := reporting(t, demoData(t), "channels"); doc.Round != "2012E" || doc.Municipality != nil {
		t.Errorf("round %s, municipality %v", doc.Round, doc.Municipality)
	}
	data := newData(t)
	imported(t, data, testdata("layouts", "c-utf8.csv"))
	if doc := reporting(t, data, "channels"); doc.Round != "2012F" {
		t.Errorf("round %s", doc.Round)
	}
	if doc := reporting(t, data, "channels", "--round", "2013F"); doc.Round != "2013F" || doc.Totals[3].(float64) != 0 {
		t.Errorf("a round without contacts: %+v", doc.Totals)
	}
}

func TestVerify(t *testing.T) {
	t.Parallel()
	data, dir := demoData(t), t.TempDir()
	file := filepath.Join(dir, "benchmark.xlsx")
	o := want(t, statusDone, data, "benchmark", "--municipality", "Køge", "--round", "2012E", "-o", file)
	says(t, o.stderr, "Køge", "Efterår 2012", file)
	if o.stdout != "" {
		t.Errorf("stdout: %q", o.stdout)
	}
	says(t, ok(t, data, "verify", file), "urørt")
	again := filepath.Join(dir, "igen.xlsx")
	ok(t, data, "benchmark", "--municipality", "259", "--round", "2012E", "-o", again)
	if read(t, file) != read(t, again) {
		t.Error("the same data gave other bytes")
	}

	book, err := excelize.OpenFile(file)
	if err != nil {
		t.Fatal(err)
	}
	touched := filepath.Join(dir, "rettet.xlsx")
	if err := book.SetCellInt("Kanaler", "D8", 4711); err != nil {
		t.Fatal(err)
	}
	if err := book.SaveAs(touched); err != nil {
		t.Fatal(err)
	}
	says(t, want(t, statusFailed, data, "verify", touched).stdout, "ændret", "Kanaler")
	var verdict struct {
		State   string   `json:"state"`
		Sheets  []string `json:"sheets"`
		Message string   `json:"message"`
	}
	oneDocument(t, want(t, statusFailed, data, "verify", "--json", touched).stdout, &verdict)
	if verdict.State != "touched" {
		t.Errorf("%+v", verdict)
	}
	foreign := filepath.Join(dir, "fremmed.xlsx")
	if err := excelize.NewFile().SaveAs(foreign); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{foreign, write(t, dir, "tom.xlsx", ""), testdata("layouts", "c-utf8.csv")} {
		says(t, want(t, statusFailed, data, "verify", path).stdout, "ikke en benchmark-projektmappe")
	}
}

// TestOutputStays: a report that cannot be made leaves a file of the same name as it was, and nothing half written.
func TestOutputStays(t *testing.T) {
	data, dir := demoData(t), t.TempDir()
	file := write(t, dir, "rapport.csv", "gammel")
	want(t, statusUsage, data, "report", "channels", "--round", "12F", "-o", file)
	want(t, statusUsage, data, "benchmark", "--municipality", "101", "--round", "2013F", "-o", file)
	if read(t, file) != "gammel" {
		t.Error("the old file is gone")
	}
	ok(t, data, "report", "channels", "--format", "csv", "-o", file)
	says(t, read(t, file), "TLFIND")
	says(t, want(t, statusFailed, data, "report", "channels", "-o", filepath.Join(dir, "findes-ikke", "x.csv")).stderr, "kan ikke skrives")
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 1 {
		t.Errorf("%v lies in the folder", left)
	}
	if strings.Contains(read(t, file), "\x00") {
		t.Error("NUL in a report")
	}
}
