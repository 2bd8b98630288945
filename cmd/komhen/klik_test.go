package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"komhen/web/paper"
)

// klikFile is a file of testdata/klik.
func klikFile(folder, name string) string { return testdata("klik", folder, name) }

// TestKlikCommands: checking loads nothing and needs no data folder, importing loads and does not double, and what stands is told as a table, JSON and a workbook.
func TestKlikCommands(t *testing.T) {
	data := newData(t)
	out := want(t, statusNothing, data, "klik", "check", klikFile("KL13-missing", "input.txt"))
	says(t, out.stdout, "præfiks »Start«, nummer 1", "KL13", "linje 7, Fase", "Feltet »Bølger« mangler", "1 af 1 række er afvist")
	if _, err := os.Stat(filepath.Join(data, "komhen.duckdb")); err == nil {
		t.Error("checking made a database")
	}
	var answer struct {
		Files []struct {
			File, Form      string
			Loaded          bool
			Rows, Refused   int
			TasksChanged    int `json:"tasks_changed"`
			StatusesChanged int `json:"statuses_changed"`
			Document        *struct {
				Prefix string
				Number int
				Title  string
				Fields map[string]string
			}
			Findings []struct {
				Rule, Severity, Field, Message, Remedy string
				Line                                   int
			}
		}
	}
	read := func(text string) {
		t.Helper()
		answer.Files = nil
		if err := json.Unmarshal([]byte(text), &answer); err != nil {
			t.Fatal(err, text)
		}
	}
	read(ok(t, data, "klik", "check", "--json", klikFile("KL10-message", "input.txt")))
	if f := answer.Files[0]; f.Loaded || f.Form != "document" || f.Document.Prefix != "Start" || f.Document.Number != 1 || f.Document.Title != "Udpeg en projektleder" ||
		!strings.HasSuffix(f.Document.Fields["Metode og fremgangsmåde"], "Åse, Ægir eller Øjvind.") || len(f.Findings) != 1 || f.Findings[0].Rule != "KL10" || f.Findings[0].Line != 40 || !strings.HasPrefix(f.Findings[0].Remedy, "Begynd med #besked") {
		t.Errorf("%+v", f)
	}
	says(t, ok(t, data, "klik", "import", klikFile("KL04-open-prerequisite", "before.csv"), klikFile("KL04-open-prerequisite", "before-2.csv")), "indlæst: 1 projekt, 2 bølger", "indlæst: 2 opgaver")
	read(want(t, statusRejected, data, "klik", "import", "--json", klikFile("KL04-open-prerequisite", "input.csv")).stdout)
	if f := answer.Files[0]; !f.Loaded || f.Rows != 4 || f.Refused != 1 || f.StatusesChanged != 3 || f.Findings[0].Rule != "KL04" || f.Findings[0].Severity != "error" || !strings.Contains(f.Findings[0].Message, "»Start 1«") {
		t.Errorf("%+v", f)
	}
	says(t, want(t, statusRejected, data, "klik", "import", klikFile("KL04-open-prerequisite", "input.csv")).stdout, "ændrer ingenting")
	says(t, ok(t, data, "klik", "status", "--day", "2026-03-01"), "Status for hvert projekt", "Alle kommuner · KLIK den 01-03-2026", "Ny løsning", "Rød: opgaven er ikke færdig")
	says(t, ok(t, data, "klik", "report", "list"), "follow-up", "workbook")
	text := ok(t, data, "klik", "report", "tasks", "--municipality", "Køge", "--filter", "deadline=yellow&deadline=red", "--day", "2026-03-04", "--format", "csv")
	if lines := strings.Split(strings.TrimSpace(text), "\r\n"); len(lines) != 3 || !strings.Contains(lines[1], "(Start 1) Udpeg en projektleder;Køge;I gang;Gul;04-03-2026;0") {
		t.Errorf("%q", text)
	}
	says(t, ok(t, data, "klik", "colours", "--yellow", "2"), "end opgaven varer plus 2 dage")
	says(t, ok(t, data, "klik", "colours"), "plus 2 dage")
	book := filepath.Join(t.TempDir(), "klik.xlsx")
	ok(t, data, "klik", "report", "workbook", "--day", "2026-03-04", "-o", book)
	f, err := excelize.OpenFile(book)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if name, _ := f.GetCellValue("Projekter", "A5"); name != "Ny løsning" {
		t.Errorf("the workbook begins with %q", name)
	}
	for _, wrong := range [][]string{{"klik", "report", "nothing"}, {"klik", "report", "tasks", "--filter", "farve=rød"}, {"klik", "report", "tasks", "--filter", "deadline=lilla"}, {"klik", "report", "workbook"}, {"klik", "status", "--day", "i går"},
		{"klik", "colours", "--red", "-1"}, {"klik", "report", "tasks", "--municipality", "Andeby"}} {
		want(t, statusUsage, data, wrong...)
	}
	want(t, statusNothing, data, "klik", "import", filepath.Join(t.TempDir(), "nothing.csv"))
	says(t, ok(t, data, "check"), "Alt passer sammen")
	says(t, ok(t, data, "rules"), "KL01", "KL18")
	before := ok(t, data, "klik", "report", "tasks", "--day", "2026-03-04", "--format", "json", "--filter", "completed=1")
	ok(t, data, "rebuild")
	if after := ok(t, data, "klik", "report", "tasks", "--day", "2026-03-04", "--format", "json", "--filter", "completed=1"); after != before {
		t.Errorf("rebuilt:\n%s\n%s", after, before)
	}
}

// TestKlikExportCommand: a municipality's tasks are written whole, all in one file or each in its own; what is deleted or not there is refused.
func TestKlikExportCommand(t *testing.T) {
	data, dir := newData(t), t.TempDir()
	ok(t, data, "klik", "import", klikFile("KL04-open-prerequisite", "before.csv"), klikFile("KL04-open-prerequisite", "before-2.csv"))
	file := func(name string) string { return filepath.Join(dir, name) }
	read := func(name string) string {
		t.Helper()
		text, err := os.ReadFile(file(name))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	export := func(more ...string) []string {
		return append([]string{"klik", "export", "--municipality", "Køge"}, more...)
	}
	ok(t, data, export("--out", file("alle.html"))...)
	says(t, read("alle.html"), "Køge Kommune", "2 opgaver, hver med alt", "(Start 1) Udpeg en projektleder", "I skal vælge")
	ok(t, data, export("--task", "start 1", "--out", file("en.html"))...)
	if text := read("en.html"); !strings.Contains(text, "<h1>(Start 1) Udpeg en projektleder</h1>") || strings.Count(text, "<h1>") != 1 {
		t.Error("not the one task")
	}
	for _, wrong := range [][]string{export(), export("-o", file("x.docx")), export("--task", "Start 99", "-o", file("x.html")), {"klik", "export", "--municipality", "Andeby", "-o", file("x.html")}, export("--filter", "project=Andet", "-o", file("x.html"))} {
		want(t, statusUsage, data, wrong...)
	}
	want(t, statusFailed, data, export("-o", file("uden"), "--chromium", paper.NoBrowser)...)
	if list, _ := filepath.Glob(file("uden/*.html")); len(list) != 2 || filepath.Base(list[0]) != "0001-start-1.html" {
		t.Error(list)
	}
	if paper.FindBrowser("") == "" {
		t.Skip("SKIPPED: printing needs Chromium, which is not here. Debian: apt-get install chromium")
	}
	says(t, ok(t, data, export("-o", file("mappe"))...), "2 opgaver er skrevet i")
	if pdf := read("mappe/0002-start-2.pdf"); !strings.HasPrefix(pdf, "%PDF-") {
		t.Errorf("no PDF: %.20q", pdf)
	}
}
