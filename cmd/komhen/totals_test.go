package main

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

var updateCoverage = flag.Bool("update-coverage", false, "write the expected files of TestCoverage again")

// TestCoverage is the worked example of testdata/coverage: counts, totals, and the report that holds them together.
func TestCoverage(t *testing.T) {
	data := newData(t)
	ok(t, data, "import", testdata("coverage", "contacts.csv"))
	says(t, ok(t, data, "totals", "import", testdata("coverage", "totals.csv")), "8 nye tal, 0 erstatter et tidligere, 0 stod der i forvejen")
	says(t, ok(t, data, "totals", "import", testdata("coverage", "totals.csv")), "0 nye tal, 0 erstatter et tidligere, 8 stod der i forvejen")
	before := ok(t, data, "totals", "--json")
	o := want(t, statusNothing, data, "totals", "import", "--municipality", "Køge", "--json", testdata("coverage", "faulty.csv"))
	as(t, "faulty.json", o.stdout)
	if strings.Contains(o.stdout, "0190") {
		t.Error("the CPR-shaped value is told")
	}
	if after := ok(t, data, "totals", "--json"); after != before {
		t.Errorf("a file with faults changed\n%s\nto\n%s", before, after)
	}
	for _, name := range []string{"coverage@2012F@259.txt", "coverage@2012F@259@primary.txt", "coverage@2012F@0.txt", "coverage@2012F@259.csv", "coverage@2012F@259.json", "coverage@2012F@0.json"} {
		part := strings.Split(strings.TrimSuffix(name, filepath.Ext(name)), "@")
		args := []string{"report", part[0], "--round", part[1], "--format", map[string]string{".txt": "table", ".csv": "csv", ".json": "json"}[filepath.Ext(name)]}
		if part[2] != "0" {
			args = append(args, "--municipality", part[2])
		}
		if len(part) > 3 {
			args = append(args, "--weeks", part[3])
		}
		as(t, name, ok(t, data, args...))
	}
	book := filepath.Join(t.TempDir(), "daekning.xlsx")
	ok(t, data, "report", "coverage", "--round", "2012F", "--municipality", "259", "--format", "xlsx", "-o", book)
	f, err := excelize.OpenFile(book)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := f.GetRows(f.GetSheetName(0), excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	over := ""
	for _, row := range rows {
		if len(row) > 0 && row[0] == "EMLIND" {
			over = strings.Join(row, "|")
		}
	}
	if !strings.Contains(over, "|1.2|fejl: over 100 %") {
		t.Errorf("the workbook has %q", over)
	}
}

// as compares what was said with the file in testdata/coverage/expected.
func as(t *testing.T, name, got string) {
	t.Helper()
	path := testdata("coverage", filepath.Join("expected", name))
	if *updateCoverage {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	expected, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(expected) {
		t.Errorf("%s: got\n%s\nwant\n%s", name, got, expected)
	}
}

// TestTotalsCommands: the template of either kind, filled in, is what the list then has; another number replaces, another period stands
// beside; and a rebuilt database has the same.
func TestTotalsCommands(t *testing.T) {
	for _, kind := range []string{".csv", ".xlsx"} {
		data, file := newData(t), filepath.Join(t.TempDir(), "skabelon"+kind)
		ok(t, data, "totals", "template", "--municipality", "Køge", "-o", file)
		fillTotals(t, file, "01-01-2012", "31-12-2012", "1234")
		says(t, ok(t, data, "totals", "import", file), "1 nyt tal, 0 erstatter et tidligere")
		fillTotals(t, file, "01-01-2012", "31-12-2012", "1.500")
		says(t, ok(t, data, "totals", "import", file), "0 nye tal, 1 erstatter et tidligere")
		fillTotals(t, file, "01-01-2012", "30-06-2012", "700")
		says(t, ok(t, data, "totals", "import", file), "1 nyt tal, 0 erstatter et tidligere")
		check := func() {
			t.Helper()
			var list struct {
				Totals []struct {
					Municipality, Channel, From, To, Origin string
					Count                                   int
					Declared, Late                          bool
				} `json:"totals"`
			}
			if err := json.Unmarshal([]byte(ok(t, data, "totals", "--year", "2012", "--json")), &list); err != nil {
				t.Fatal(err)
			}
			if len(list.Totals) != 2 || list.Totals[0].Count != 700 || list.Totals[1].Count != 1500 || list.Totals[1].Channel != "TLFIND" || list.Totals[1].Municipality != "259" ||
				list.Totals[1].To != "2012-12-31" || !list.Totals[1].Declared || !list.Totals[1].Late || list.Totals[1].Origin != "Omstilling" {
				t.Errorf("%s: %+v", kind, list)
			}
		}
		check()
		says(t, ok(t, data, "totals"), "Køge", "Telefon ind", "01-01-2012", "1.500", "efter frist")
		ok(t, data, "rebuild")
		check()
		says(t, ok(t, data, "check"), "passer sammen")
	}
	want(t, statusNothing, newData(t), "totals", "import", "findes-ikke.csv")
	want(t, statusNothing, newData(t), "totals", "import", testdata("walkthrough", "1-registreringer.csv"))
}

// fillTotals writes into the template's row of incoming telephone calls.
func fillTotals(t *testing.T, path, from, to, n string) {
	t.Helper()
	if filepath.Ext(path) == ".csv" {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.SplitAfter(string(text), "\r\n")
		lines[1] = "259;Telefon ind;" + from + ";" + to + ";" + n + ";JA;Omstilling\r\n"
		if err := os.WriteFile(path, []byte(strings.Join(lines, "")), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	f, err := excelize.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := f.SetSheetRow(f.GetSheetName(0), "A2", &[]any{"259", "Telefon ind", from, to, n, "JA", "Omstilling"}); err != nil {
		t.Fatal(err)
	}
	if err := f.Save(); err != nil {
		t.Fatal(err)
	}
}
