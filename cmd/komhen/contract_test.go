package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"komhen/ingest"
	"komhen/model/codebook"
)

// TestCommandsExist holds the program to the command line that outsiders rely on.
func TestCommandsExist(t *testing.T) {
	for _, line := range []string{
		"import --municipality --source --kind --test --dry-run --strict --sheet --fix-file --json",
		"uploads --json", "receipt --json", "undo", "redo", "further", "approve --municipality --round", "reopen --municipality --round",
		"report --round --municipality --weeks --types --format --output", "benchmark --round --municipality --group --output", "verify",
		"export contacts --round --municipality --format --output", "template --output", "codebook", "rules", "rounds", "municipalities",
		"kle import", "demo --size", "backup", "restore", "rebuild", "check",
	} {
		var command, flags []string
		for _, word := range strings.Fields(line) {
			if strings.HasPrefix(word, "--") {
				flags = append(flags, word)
			} else {
				command = append(command, word)
			}
		}
		o := runAs(t, append(command, "--help")...)
		if o.status != statusDone {
			t.Errorf("%s --help: status %d", line, o.status)
		}
		says(t, o.stdout, append(flags, "--data")...)
		inDanishOnly(t, o.stdout)
	}
}

func TestExitStatus(t *testing.T) {
	data := newData(t)
	good := testdata("layouts", "c-utf8.csv")
	faulty := testdata("walkthrough", "1-registreringer.csv")
	empty := write(t, t.TempDir(), "tom.csv", "")
	want(t, statusDone, data, "import", good)
	want(t, statusRejected, data, "import", faulty)
	want(t, statusNothing, data, "import", empty)
	want(t, statusNothing, data, "import", "--strict", testdata("rules", "R05-unknown-channel", "input.csv"))
	want(t, statusNothing, data, "import", "findes-ikke.csv")
	want(t, statusRejected, data, "import", good, empty) // one of two
	want(t, statusUsage, data, "import", "--municipality", "999", good)

	if err := os.WriteFile(filepath.Join(data, "uploads", "000001.csv"), []byte("noget andet"), 0o600); err != nil {
		t.Fatal(err)
	}
	want(t, statusFailed, data, "check")

	book, err := codebook.Load()
	if err != nil {
		t.Fatal(err)
	}
	holder, err := ingest.Open(t.Context(), data, book, ingest.OpenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer holder.Close()
	o := want(t, statusDataInUse, data, "uploads")
	says(t, o.stderr, data, "i brug", "pid ", "tjeneste")
}

// TestWrongUse: what cannot be understood exits with 2, and says in Danish what was wrong.
func TestWrongUse(t *testing.T) {
	demo := demoData(t)
	for _, c := range []struct{ line, says string }{
		{"", "Skriv, hvad der skal ske"},
		{"--nope", "--nope findes ikke"},
		{"nope", "»nope« kendes ikke"},
		{"reprt", "Mener du report?"},
		{"uploads --jsn", "Mener du --json?"},
		{"report channels extra", "»extra« kendes ikke"},
		{"report", "mangler noget: <rapport>"},
		{"import", "mangler noget: <fil>"},
		{"benchmark", "Det her skal med: --municipality"},
		{"template", "Det her skal med: --output"},
		{"report channels --format doc", "men ikke »doc«"},
		{"receipt x", "skal være et helt tal"},
		{"receipt 999", "ingen indmelding nummer 999"},
		{"undo 0", "ingen indmelding nummer 0"},
		{"report channels --round", "mangler noget efter --round"},
		{"report channels --round 12F", "Runden"},
		{"report channels --municipality Atlantis", "Kommunen"},
		{"report nope", "channels, subjects"},
		{"report units", "Angiv kommunen"},
		{"report completeness --types case", "henvendelsestyper"},
		{"report channels --weeks 17", "primary"},
		{"approve --round 2012F", "--municipality"},
		{"approve --round 2011F --municipality 259", "ingen henvendelser"},
		{"reopen --round 2012F --municipality 259", "ikke godkendt"},
		{"report channel-by-subject --types nope", "transaction"},
		{"report channels --format xlsx", "-o rapport.xlsx"},
		{"export contacts --format parquet", "-o"},
		{"benchmark --municipality 259 --group nope -o x.xlsx", "Sammenligningsgruppen"},
		{"template -o skabelon.doc", ".xlsx"},
		{"verify findes-ikke.xlsx", "findes ikke"},
		{"import a.csv b.csv --fix-file c.csv", "én fil ad gangen"},
		{"demo", "ikke tom"},
		{"--memory-mb 1 uploads", "mindst"},
	} {
		o := run(t, demo, strings.Fields(c.line)...)
		if o.status != statusUsage || o.stdout != "" {
			t.Errorf("komhen %s: status %d, stdout %q, stderr %q", c.line, o.status, o.stdout, o.stderr)
		}
		says(t, o.stderr, c.says)
	}
	empty := newData(t)
	says(t, want(t, statusUsage, empty, "uploads").stderr, "ingen data", "komhen import")
	if _, err := os.Stat(empty); err == nil {
		t.Error("a command that only reads made a data folder")
	}
}

// TestImportDocument holds import --json to the document of the contract, field by field.
func TestImportDocument(t *testing.T) {
	data := newData(t)
	o := want(t, statusRejected, data, "import", "--json", testdata("walkthrough", "1-registreringer.csv"))
	if o.stderr != "" {
		t.Errorf("stderr: %q", o.stderr)
	}
	var doc struct {
		Uploads []map[string]json.RawMessage `json:"uploads"`
	}
	oneDocument(t, o.stdout, &doc)
	shape := map[string]string{"upload": `^1$`, "file": `^"1-registreringer.csv"$`, "sha256": `^"[0-9a-f]{64}"$`, "municipality": `^"259"$`,
		"source": `^"Tracetool"$`, "kind": `^"registration"$`, "round": `^"2012F"$`, "encoding": `^"(Windows-1252|ISO-8859-1)"$`, "delimiter": `^";"$`,
		"records": `^61$`, "header": `^1$`, "blank": `^0$`, "accepted": `^55$`, "rejected": `^5$`, "withheld": `^0$`, "contacts": `^55$`,
		"warnings": `^\d+$`, "findings": `^\[\{`}
	for name, pattern := range shape {
		if !regexp.MustCompile(pattern).Match(doc.Uploads[0][name]) {
			t.Errorf("%s is %.80s, want %s", name, doc.Uploads[0][name], pattern)
		}
	}
	var findings []map[string]json.RawMessage
	if err := json.Unmarshal(doc.Uploads[0]["findings"], &findings); err != nil {
		t.Fatal(err)
	}
	fields := []string{"column", "line", "message", "proposal", "record", "rule", "severity", "value"}
	found := false
	for _, f := range findings {
		var names []string
		for name := range f {
			names = append(names, name)
		}
		slices.Sort(names)
		if !slices.Equal(names, fields) {
			t.Fatalf("a finding has %v, want %v", names, fields)
		}
		if string(f["rule"]) == `"R05"` {
			found = true
			for name, value := range map[string]string{"severity": `"error"`, "line": `10`, "record": `10`, "column": `"Henvendelses Kanal"`,
				"value": `"TLFINN"`, "proposal": `"TLFIND"`} {
				if string(f[name]) != value {
					t.Errorf("R05: %s is %s, want %s", name, f[name], value)
				}
			}
		}
	}
	if !found {
		t.Error("R05 is not in the findings")
	}
	// The receipt can be had again, and is the same.
	again := uploadsIn(t, ok(t, data, "receipt", "1", "--json"))
	first := uploadsIn(t, o.stdout)
	again[0].State = ""
	a, _ := json.Marshal(first)
	b, _ := json.Marshal(again)
	if string(a) != string(b) {
		t.Errorf("receipt 1 --json is not what import printed:\n%s\n%s", a, b)
	}
}

// TestImportIsOneDocument: with --json stdout is one document and nothing else, whatever happens.
func TestImportIsOneDocument(t *testing.T) {
	dir := t.TempDir()
	good, faulty := testdata("layouts", "c-utf8.csv"), testdata("rules", "R05-unknown-channel", "input.csv")
	empty := write(t, dir, "tom.csv", "")
	for _, c := range []struct {
		name   string
		args   []string
		status int
		rules  []string // the first finding of each receipt, "" for none worth naming
	}{
		{"good", []string{good}, statusDone, []string{""}},
		{"rejected rows", []string{faulty}, statusRejected, []string{""}},
		{"strict", []string{"--strict", faulty}, statusNothing, []string{""}},
		{"dry run", []string{"--dry-run", good}, statusDone, []string{""}},
		{"dry run of rejected rows", []string{"--dry-run", faulty}, statusRejected, []string{""}},
		{"empty", []string{empty}, statusNothing, []string{"F01"}},
		{"missing", []string{filepath.Join(dir, "findes-ikke.csv")}, statusNothing, []string{"F02"}},
		{"directory", []string{dir}, statusNothing, []string{"F02"}},
		{"several", []string{good, empty, faulty, dir, good}, statusRejected, []string{"", "F01", "", "F02", ""}},
		{"unknown municipality", []string{"--municipality", "999", good}, statusUsage, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			status, list := importing(t, newData(t), c.args...)
			if status != c.status || len(list) != len(c.rules) {
				t.Fatalf("status %d, %d receipts; want %d and %d", status, len(list), c.status, len(c.rules))
			}
			for i, rule := range c.rules {
				u := list[i]
				if rule == "" {
					continue
				}
				if u.Upload != nil || len(u.Findings) != 1 || u.Findings[0].Rule != rule || u.Findings[0].Severity != "file" || u.Accepted != 0 {
					t.Errorf("receipt %d is not a refusal for %s: %+v", i, rule, u)
				}
			}
		})
	}
}

// TestNothingLoaded: a dry run, --strict and a file fault change nothing in the folder, and use no upload number.
func TestNothingLoaded(t *testing.T) {
	data := newData(t)
	imported(t, data, testdata("layouts", "c-utf8.csv"))
	before := fingerprint(t, data)
	faulty := testdata("walkthrough", "1-registreringer.csv")
	for _, args := range [][]string{{"--dry-run", faulty}, {"--strict", faulty}, {testdata("rules", "F03-missing-column", "input.csv")},
		{"--dry-run", testdata("layouts", "c-dates.xlsx")}} {
		_, list := importing(t, data, args...)
		if list[0].Upload != nil {
			t.Errorf("%v: upload %d", args, *list[0].Upload)
		}
		if changed := differs(before, fingerprint(t, data)); len(changed) > 0 {
			t.Errorf("%v changed %v", args, changed)
		}
	}
	dry := run(t, data, "import", "--dry-run", faulty)
	says(t, dry.stdout, "ikke indlæst", "55 godtaget", "5 afvist", "TLFINN")
	strict := run(t, data, "import", "--strict", faulty)
	says(t, strict.stderr, "Intet er indlæst", "5 rækker", "--strict")
	_, list := importing(t, data, faulty)
	if *list[0].Upload != 2 || list[0].Accepted != 55 || list[0].Rejected != 5 {
		t.Errorf("afterwards: %+v", list[0])
	}
}

// TestDataFolderFromEnvironment: KOMHEN_DATA names the folder, --data wins over it.
func TestDataFolderFromEnvironment(t *testing.T) {
	one, other := newData(t), newData(t)
	t.Setenv("KOMHEN_DATA", one)
	if o := runAs(t, "import", testdata("layouts", "c-utf8.csv")); o.status != 0 {
		t.Fatal(o.stderr)
	}
	if o := runAs(t, "uploads"); o.status != 0 || !strings.Contains(o.stdout, "c-utf8.csv") {
		t.Errorf("uploads: %+v", o)
	}
	want(t, statusUsage, other, "uploads")
}

// TestLists: the lists that govern everything can be had as JSON.
func TestLists(t *testing.T) {
	data := newData(t)
	for name, least := range map[string]int{"rules": 30, "rounds": 10, "municipalities": 98} {
		var doc map[string][]map[string]any
		oneDocument(t, ok(t, data, name, "--json"), &doc)
		if len(doc[name]) < least {
			t.Errorf("%s --json has %d of at least %d", name, len(doc[name]), least)
		}
		if text := ok(t, data, name); strings.Count(text, "\n") < least {
			t.Errorf("%s prints %d lines", name, strings.Count(text, "\n"))
		}
	}
	var doc struct {
		Version  string           `json:"version"`
		Channels []map[string]any `json:"channels"`
		Types    []map[string]any `json:"types"`
		Closings []map[string]any `json:"closings"`
		Forms    []map[string]any `json:"forms"`
		Subjects []map[string]any `json:"subjects"`
	}
	oneDocument(t, ok(t, data, "codebook", "--json"), &doc)
	if doc.Version == "" || len(doc.Channels) < 20 || len(doc.Types) != 6 || len(doc.Closings) != 2 || len(doc.Forms) != 2 || len(doc.Subjects) < 76 {
		t.Errorf("codebook: %d channels, %d types, %d closings, %d forms, %d subjects", len(doc.Channels), len(doc.Types), len(doc.Closings), len(doc.Forms), len(doc.Subjects))
	}
	says(t, ok(t, data, "codebook"), "TLFIND", "Telefon ind", "23.05.10", "Straksafsluttet")
	if _, err := os.Stat(data); err == nil {
		t.Error("a list made a data folder")
	}
}
