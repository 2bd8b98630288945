package reports

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/csv"
	"flag"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	_ "github.com/duckdb/duckdb-go/v2"

	"komhen/model"
	"komhen/queries"
)

var updateCases = flag.Bool("update-cases", false, "write the expected files of TestCases again")

// smallCodebook is enough of a codebook to count with: ids as the real one, few tasks and municipalities.
func smallCodebook(t testing.TB) *model.Codebook {
	t.Helper()
	both := func(g2012, g2013 model.TypeGroup) map[string]model.TypeGroup {
		return map[string]model.TypeGroup{"2012": g2012, "2013": g2013}
	}
	role := func(r2012, r2013 model.Package) map[string]model.Package {
		m := map[string]model.Package{}
		if r2012 != "" {
			m["2012"] = r2012
		}
		if r2013 != "" {
			m["2013"] = r2013
		}
		return m
	}
	people := func(n int) map[string]int { return map[string]int{"2012K1": n, "2013K1": n + 10} }
	cb := &model.Codebook{
		Version:  "prøve-1",
		Editions: []model.Edition{{Name: "2012", From: "2011F"}, {Name: "2013", From: "2013F"}},
		Channels: []model.Channel{
			{ID: 1, Code: "TLFIND", Label: "Telefon ind", Direction: model.Inbound, Form: model.FormOptional},
			{ID: 3, Code: "PRSNLG", Label: "Personligt fremmøde", Direction: model.Inbound, Form: model.FormRequired},
			{ID: 4, Code: "EMLIND", Label: "E-mail ind", Direction: model.Inbound, Digital: true, Form: model.FormRequired},
			{ID: 5, Code: "EMLUD", Label: "E-mail ud", Direction: model.Outbound, Digital: true, Form: model.FormRequired},
			{ID: 8, Code: "DOCIND", Label: "Digital Post ind", Direction: model.Inbound, Digital: true, Form: model.FormRequired},
			{ID: 9, Code: "DOKUD", Label: "Digital Post ud", Direction: model.Outbound, Digital: true, Form: model.FormRequired},
			{ID: 13, Code: "WEB", Label: "Hjemmeside", Direction: model.Inbound, Digital: true, Form: model.FormFixedNo},
			{ID: 20, Code: "SYSIND", Label: "System: generelt", Direction: model.Inbound, Digital: true, Form: model.FormOptional},
			{ID: 21, Code: "SMSUD", Label: "SMS ud", Direction: model.Outbound, Digital: true, Form: model.FormOptional},
		},
		Types: []model.ContactType{
			{ID: 1, Code: "OPRET", Label: "Oprettelse af ny sag", Groups: both(model.Transaction, model.Transaction)},
			{ID: 2, Code: "STATUS", Label: "Ændring af status på eksisterende sag", Groups: both(model.Transaction, model.Transaction)},
			{ID: 3, Code: "INFO", Label: "Information vedr. eksisterende sag", Groups: both(model.Transaction, model.Information)},
			{ID: 4, Code: "VEJL", Label: "Råd og vejledning", Groups: both(model.Information, model.Information)},
			{ID: 5, Code: "SLVBTJN", Label: "Hjælp til selvbetjening", Groups: both(model.Information, model.Information)},
			{ID: 6, Code: "FEJL", Label: "Fejlhenvendelse", Groups: both(model.Information, model.Information)},
		},
		Closings: []model.Closing{{ID: 1, Code: "STRAKS", Label: "Straksafsluttet"}, {ID: 2, Code: "HOLD", Label: "Lagt til senere behandling"}},
		Forms:    []model.Form{{ID: 1, Code: "JA", Label: "Medfølger"}, {ID: 2, Code: "NEJ", Label: "Medfølger ikke"}},
		Subjects: []model.Subject{
			{KLE: 230510, Label: "Folkeregistrering", Packages: role(model.Obligatory, model.Obligatory)},
			{KLE: 11100, Label: "Ejendomsoplysninger", Packages: role(model.Extra, model.Obligatory)},
			{KLE: 271800, Label: "Hjælpemidler", Packages: role(model.Obligatory, "")},
			{KLE: 321800, Label: "Boligstøtte", Packages: role("", model.Extra)},
		},
		Municipalities: []model.Municipality{
			{Code: 101, Name: "København", Region: "Hovedstaden", Population: people(500000)},
			{Code: 147, Name: "Frederiksberg", Region: "Hovedstaden", Population: people(100000)},
			{Code: 150, Name: "Korsbæk", Region: "Sjælland", Population: people(2000)},
			{Code: 259, Name: "Køge", Region: "Sjælland", Population: people(57000)},
			{Code: 400, Name: "Bornholm", Region: "Hovedstaden", Population: people(1000)},
			{Code: 492, Name: "Ærø", Region: "Syddanmark", Population: people(6000)},
		},
	}
	if err := cb.Index(); err != nil {
		t.Fatal(err)
	}
	return cb
}

// fill makes a database and opens it.
func fill(t testing.TB, insert func(exec func(query string, args ...any))) *queries.Store {
	t.Helper()
	st, err := queries.Open(context.Background(), queries.Options{Path: fillFile(t, insert), ReadOnly: true, Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	return st
}

// fillFile makes a database file, by plain inserts: what ingest does with it is not this room's business.
func fillFile(t testing.TB, insert func(exec func(query string, args ...any))) string {
	t.Helper()
	ctx, path := context.Background(), filepath.Join(t.TempDir(), "komhen.duckdb")
	empty, err := queries.Open(ctx, queries.Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	empty.Close()
	db, err := sql.Open("duckdb", path)
	if err != nil {
		t.Fatal(err)
	}
	exec := func(query string, args ...any) {
		t.Helper()
		if _, err := db.Exec(query, args...); err != nil {
			t.Fatalf("%s: %v", query, err)
		}
	}
	exec("CREATE TABLE given AS SELECT * EXCLUDE (no_unit, place, detail, row_id) FROM contacts LIMIT 0")
	insert(exec)
	exec("INSERT INTO contact_rows FROM packed('given')")
	exec("DROP TABLE given")
	if _, err := db.Exec("INSERT INTO stale SELECT DISTINCT municipality, date_trunc('week', moment) FROM contacts"); err != nil { // as every import does
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

const insertUpload = `INSERT INTO uploads BY NAME SELECT ?::UINTEGER AS upload, upload AS bag, ?::BOOLEAN AS live, FALSE AS restricted, TIMESTAMP '2012-05-20' AS received, received AS changed,
	'fil.csv' AS file, 'fil.csv' AS kept, 'abc' AS sha256, 'abc' AS kept_sha256, 1 AS size, ?::USMALLINT AS municipality, ?::VARCHAR AS source, 'registration' AS kind,
	?::BOOLEAN AS test, '2012F' AS round, 'csv' AS format, 'UTF-8' AS encoding, ';' AS delimiter, '' AS sheet, 'C' AS layout, []::VARCHAR[] AS columns,
	CASE WHEN ? = '' THEN [] ELSE string_split(?, ',') END AS locals, 0 AS records, 0 AS header, 0 AS blank, 0 AS accepted, 0 AS rejected, 0 AS withheld, 0 AS contacts, 0 AS warnings, 0 AS corrections`

const insertContact = `INSERT INTO given VALUES (?::UINTEGER, ?::UINTEGER, ?::UBIGINT, 0, 0, ?::USMALLINT, ?::USMALLINT, ?::UTINYINT, ?::UTINYINT, ?::UTINYINT, ?::UTINYINT, ?::UINTEGER,
	?::TIMESTAMP_S, NULL, NULL, ?::UINTEGER, nullif(?, ''), nullif(?, ''), nullif(replace(?, '|', chr(31)), ''), ?::BOOLEAN, ?::BOOLEAN, ?::UINTEGER, ?::UINTEGER)`

// sourceIDs are the numbers of the sources in the cases.
var sourceIDs = map[string]int{"Tracetool": 1, "Systemudtræk": 2}

// loadCase reads a folder of testdata/reports into a database.
func loadCase(t testing.TB, cb *model.Codebook, folder string) *queries.Store {
	t.Helper()
	return fill(t, caseOf(t, cb, folder))
}

func caseOf(t testing.TB, cb *model.Codebook, folder string) func(exec func(string, ...any)) {
	return func(exec func(string, ...any)) {
		for name, id := range sourceIDs {
			exec("INSERT INTO sources VALUES (?::USMALLINT, ?)", id, name)
		}
		for _, r := range caseRows(t, folder, "uploads.csv") {
			exec(insertUpload, r["upload"], r["live"] == "ja", r["municipality"], r["source"], r["test"] == "ja", r["locals"], r["locals"])
		}
		code := func(text string, find func(string) uint8) any {
			if number, is := strings.CutPrefix(text, "#"); is {
				return number
			}
			id := find(text)
			if text != "" && id == 0 {
				t.Fatalf("%s is in no list", text)
			}
			return strconv.Itoa(int(id))
		}
		kle := func(text string) string {
			k, ok := model.ParseKLE(text)
			if !ok {
				t.Fatalf("KLE %q", text)
			}
			return strconv.Itoa(int(k))
		}
		for _, r := range caseRows(t, folder, "contacts.csv") {
			exec(insertContact, r["upload"], r["line"], r["key"], r["municipality"], sourceIDs[r["source"]], code(r["channel"], cb.ChannelID), code(r["type"], cb.TypeID),
				code(r["closing"], cb.ClosingID), code(r["form"], cb.FormID), kle(r["subject"]), r["moment"], r["amount"], r["unit"], r["id"], r["extra"],
				r["system"] == "ja", r["test"] == "ja", r["own"], r["copies"])
		}
		for _, r := range caseRows(t, folder, "claims.csv") {
			exec("INSERT INTO claims VALUES (?::UINTEGER, ?::UBIGINT, 0, 0, ?::UINTEGER)", r["upload"], r["key"], r["n"])
		}
		for _, r := range caseRows(t, folder, "kle.csv") {
			exec("INSERT INTO kle VALUES (?::UINTEGER, ?::UTINYINT, ?, DATE '2015-08-01')", kle(r["subject"]), r["level"], r["title"])
		}
	}
}

func caseRows(t testing.TB, folder, name string) []map[string]string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(folder, name))
	if err != nil {
		t.Fatal(err)
	}
	in := csv.NewReader(bytes.NewReader(b))
	in.Comma = ';'
	records, err := in.ReadAll()
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	var rows []map[string]string
	for _, record := range records[1:] {
		row := map[string]string{}
		for i, cell := range record {
			row[records[0][i]] = cell
		}
		rows = append(rows, row)
	}
	return rows
}

const casesFolder = "../testdata/reports"

// TestCases asks every question of every case and compares the table with the one on file.
func TestCases(t *testing.T) {
	cb := smallCodebook(t)
	folders, err := os.ReadDir(casesFolder)
	if err != nil {
		t.Fatal(err)
	}
	asked := map[string]bool{}
	for _, folder := range folders {
		if !folder.IsDir() {
			continue
		}
		dir := filepath.Join(casesFolder, folder.Name())
		st := loadCase(t, cb, dir)
		files, err := filepath.Glob(filepath.Join(dir, "expected", "*.txt"))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: no expected files (%v)", dir, err)
		}
		for _, file := range files {
			name := strings.TrimSuffix(filepath.Base(file), ".txt")
			t.Run(folder.Name()+"/"+name, func(t *testing.T) {
				q := question(t, cb, name)
				asked[q.Name] = true
				r, err := Run(queries.WithoutCube(context.Background()), st, cb, q)
				if err != nil {
					t.Fatal(err)
				}
				var got bytes.Buffer
				if err := WriteTable(&got, r); err != nil {
					t.Fatal(err)
				}
				if *updateCases {
					if err := os.WriteFile(file, got.Bytes(), 0o644); err != nil {
						t.Fatal(err)
					}
					return
				}
				want, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				if got.String() != string(want) {
					t.Errorf("got\n%s\nwant\n%s", got.String(), want)
				}
			})
		}
	}
	for _, d := range Names() {
		if !asked[d.Name] {
			t.Errorf("no case asks for the report %s", d.Name)
		}
	}
}

// question reads REPORT@ROUND@MUNICIPALITY[@TYPES[@WEEKS]].
func question(t testing.TB, cb *model.Codebook, name string) Query {
	t.Helper()
	parts := strings.Split(name, "@")
	if len(parts) < 3 {
		t.Fatalf("%s is not REPORT@ROUND@MUNICIPALITY[@TYPES[@WEEKS]]", name)
	}
	round, err := cb.Round(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	municipality, err := strconv.Atoi(parts[2])
	if err != nil {
		t.Fatal(err)
	}
	q := Query{Name: parts[0], Round: round, Municipality: uint16(municipality)}
	if len(parts) > 3 {
		q.Types = parts[3]
	}
	if len(parts) > 4 {
		q.Weeks = parts[4]
	}
	return q
}
