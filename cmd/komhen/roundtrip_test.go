package main

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/duckdb/duckdb-go/v2"

	"komhen/ingest"
	"komhen/model/codebook"
	"komhen/queries"
	"komhen/reports"
)

// figures is every report of both demo rounds, for the country and each municipality of the demo, as JSON. The notes that name
// uploads (and are late by the day they came), and those that count what an extract does not hold (test rows), are left out.
func figures(t testing.TB, data string) map[string]string {
	t.Helper()
	book, err := codebook.Load()
	if err != nil {
		t.Fatal(err)
	}
	folder, err := ingest.Open(t.Context(), data, book, ingest.OpenOptions{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer folder.Close()
	out := map[string]string{}
	for _, roundName := range []string{"2012F", "2012E"} {
		round, err := book.Round(roundName)
		if err != nil {
			t.Fatal(err)
		}
		for _, municipality := range []uint16{0, 187, 259, 461} {
			if counts, err := folder.Store.ContactsByChannel(t.Context(), queries.RoundFilter(round, municipality)); err != nil || len(counts) == 0 {
				out[fmt.Sprint(roundName, " ", municipality)] = fmt.Sprint("no contacts ", err)
				continue
			}
			for _, def := range reports.Names() {
				if municipality == 0 && def.NeedsMunicipality {
					continue
				}
				r, err := reports.Run(t.Context(), folder.Store, book, reports.Query{Name: def.Name, Round: round, Municipality: municipality})
				if err != nil {
					t.Fatalf("%s %s %d: %v", def.Name, roundName, municipality, err)
				}
				var notes []string
				for _, note := range r.Notes {
					if !strings.HasPrefix(note, "Grundlag:") && !strings.HasPrefix(note, "Efter frist:") && !strings.HasPrefix(note, "Holdt ude: testrækker") {
						notes = append(notes, note)
					}
				}
				r.Notes = notes
				var b bytes.Buffer
				if err := reports.WriteJSON(&b, r); err != nil {
					t.Fatal(err)
				}
				key, _ := json.Marshal([]any{def.Name, roundName, municipality})
				out[string(key)] = b.String()
			}
		}
	}
	return out
}

func sameFigures(t testing.TB, data, other string) {
	t.Helper()
	a, b := figures(t, data), figures(t, other)
	for _, key := range differs(a, b) {
		if declaredToo(key) {
			continue
		}
		t.Errorf("%s differs:\n%.1500s\n%.1500s", key, a[key], b[key])
	}
}

// declaredToo tells of reports that show what was declared, or who delivered, beside contacts: an export of contacts does not bring that along.
func declaredToo(key string) bool {
	for _, name := range []string{"board", "coverage", "deliveries", "questions"} {
		if strings.HasPrefix(key, `["`+name+`"`) {
			return true
		}
	}
	return false
}

// TestExportComesBack: what is exported, imported into an empty folder with no flag, gives the same reports.
func TestExportComesBack(t *testing.T) {
	t.Parallel()
	demo, dir := demoData(t), t.TempDir()
	var rows int64
	for _, format := range []string{"csv", "xlsx"} {
		t.Run(format, func(t *testing.T) {
			path := filepath.Join(dir, "udtræk."+format)
			o := want(t, statusDone, demo, "export", "contacts", "--format", format, "-o", path)
			says(t, o.stderr, "rækker skrevet")
			data := newData(t)
			status, list := importing(t, data, path)
			if status != statusDone || list[0].Rejected != 0 || list[0].Withheld != 0 {
				t.Fatalf("status %d: %+v", status, list[0])
			}
			rows = list[0].Accepted
			sameFigures(t, demo, data)
			says(t, ok(t, data, "check"), "Alt passer sammen")
		})
	}
	t.Run("parquet", func(t *testing.T) {
		path := filepath.Join(dir, "udtræk.parquet")
		ok(t, demo, "export", "contacts", "--format", "parquet", "-o", path)
		db, err := sql.Open("duckdb", "")
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		var parquet, csv, differ int64
		count := "SELECT count(*) FROM read_parquet('" + path + "')"
		if err := db.QueryRow(count).Scan(&parquet); err != nil {
			t.Fatal(err)
		}
		asCSV := "SELECT * FROM read_csv('" + filepath.Join(dir, "udtræk.csv") + "', delim=';', header=true, all_varchar=true)"
		if err := db.QueryRow("SELECT count(*) FROM (" + asCSV + ")").Scan(&csv); err != nil {
			t.Fatal(err)
		}
		byChannel := "SELECT kommune::INTEGER AS kommune, kanal, opgave, count(*) AS n FROM %s GROUP BY ALL"
		err = db.QueryRow("SELECT count(*) FROM ((" + strings.Replace(byChannel, "%s", "read_parquet('"+path+"')", 1) + ") EXCEPT (" +
			strings.Replace(byChannel, "%s", "("+asCSV+")", 1) + "))").Scan(&differ)
		if err != nil {
			t.Fatal(err)
		}
		if parquet != rows || csv != rows || differ != 0 {
			t.Errorf("parquet has %d rows, csv %d, the import took %d; %d groups differ", parquet, csv, rows, differ)
		}
	})
	t.Run("one municipality", func(t *testing.T) {
		path := filepath.Join(dir, "koege.csv")
		ok(t, demo, "export", "contacts", "--municipality", "Køge", "--round", "2012F", "-o", path)
		data := newData(t)
		imported(t, data, path)
		for _, name := range []string{"channels", "subjects", "units", "days", "types"} {
			a, b := reporting(t, demo, name, "--municipality", "259", "--round", "2012F"), reporting(t, data, name, "--municipality", "259")
			a.Notes, b.Notes = nil, nil
			x, _ := json.Marshal(a)
			y, _ := json.Marshal(b)
			if string(x) != string(y) {
				t.Errorf("%s differs:\n%.1000s\n%.1000s", name, x, y)
			}
		}
	})
}

// TestWayBack: a rebuilt folder, and one restored from a backup, have the same receipts and reports, notes and all.
func TestWayBack(t *testing.T) {
	t.Parallel()
	demo := demoData(t)
	data := copyFolder(t, demo)
	ok(t, data, "undo", "14") // a folder with decisions in it
	want(t, statusRejected, data, "import", testdata("walkthrough", "1-registreringer.csv"))
	fix := filepath.Join(t.TempDir(), "ret.csv")
	ok(t, data, "receipt", "30", "--fix-file", fix)
	importing(t, data, fix)
	ok(t, data, "kle", "import", testdata("kle", "small.xml"))
	ok(t, data, "undo", "2")
	ok(t, data, "redo", "14")
	ok(t, data, "further", "15")
	before := account(t, data)

	says(t, ok(t, data, "rebuild"), "beslutninger")
	sameAccount(t, "rebuild", before, account(t, data))

	backup := filepath.Join(t.TempDir(), "kopi")
	kept, err := os.ReadDir(filepath.Join(data, "uploads"))
	if err != nil || len(kept) < 30 {
		t.Fatal(len(kept), err)
	}
	says(t, ok(t, data, "backup", backup), fmt.Sprintf("ført ajour med %d nye filer", len(kept)))
	says(t, ok(t, data, "backup", backup), "ført ajour med 0 nye filer")
	other := newData(t)
	says(t, ok(t, other, "restore", backup), other, "hentet frem")
	sameAccount(t, "restore", before, account(t, other))
	says(t, want(t, statusUsage, other, "restore", backup).stderr, "ikke tom")
	says(t, want(t, statusUsage, other, "restore", t.TempDir()).stderr, "ingen sikkerhedskopi")
	says(t, want(t, statusUsage, demo, "backup", backup).stderr, "en anden datamappe")
}

// account is everything a folder answers: receipts and reports.
func account(t testing.TB, data string) map[string]string {
	t.Helper()
	out := figures(t, data)
	list := ok(t, data, "uploads", "--json")
	out["uploads"] = list
	for _, u := range uploadsIn(t, list) {
		number := jsonText(*u.Upload)
		out["receipt "+number] = ok(t, data, "receipt", number, "--json")
	}
	says(t, ok(t, data, "check"), "Alt passer sammen")
	return out
}

func jsonText(v any) string {
	b, _ := json.Marshal(v)
	return string(b)
}

func sameAccount(t *testing.T, what string, a, b map[string]string) {
	t.Helper()
	for _, key := range differs(a, b) {
		t.Errorf("%s: %s differs:\n%.800s\n%.800s", what, key, a[key], b[key])
	}
}

// TestLayoutsAreOne: the same contacts in every layout are counted once, and give the same report.
func TestLayoutsAreOne(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(testdata("layouts", "[abc]-*"))
	if err != nil || len(files) < 15 {
		t.Fatalf("%d layouts: %v", len(files), err)
	}
	together := newData(t)
	first := ""
	for i, file := range files {
		u := imported(t, together, file)
		if i == 0 {
			expected(t, u, 1000, 0, 0)
		} else {
			expected(t, u, 0, 0, 1000)
		}
		alone := newData(t)
		expected(t, imported(t, alone, file), 1000, 0, 0)
		doc := reporting(t, alone, "channels")
		doc.Notes = nil
		if report := jsonText(doc); first == "" {
			first = report
		} else if report != first {
			t.Errorf("%s gives another report:\n%s\n%s", file, report, first)
		}
	}
	system := newData(t)
	flags := []string{"--kind", "system"}
	expected(t, imported(t, system, append(flags, testdata("layouts", "system-2000-rows.csv"))...), 2000, 0, 0)
	expected(t, imported(t, system, append(flags, testdata("layouts", "system-2000-rows.csv"))...), 0, 0, 2000)
	expected(t, imported(t, system, append(flags, testdata("layouts", "system-2005-rows.csv"))...), 5, 0, 2000)
	if n := contacts(t, system); n != 2005 {
		t.Errorf("%d contacts", n)
	}
	ok(t, system, "undo", "3")
	if n := contacts(t, system); n != 2000 {
		t.Errorf("%d contacts after undo", n)
	}
	ok(t, system, "redo", "3")
	if n := contacts(t, system); n != 2005 {
		t.Errorf("%d contacts after redo", n)
	}
}
