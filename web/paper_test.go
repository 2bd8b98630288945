package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"

	"komhen/ingest"
	"komhen/reports"
	"komhen/web/account"
	"komhen/web/audit"
	"komhen/web/paper"
)

// printed reads a PDF with poppler: its words, and what pdfinfo says of it.
func printed(t *testing.T, name string, pdf []byte) (text, info string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "fil.pdf")
	check(t, os.WriteFile(file, pdf, 0o600))
	if dir := os.Getenv("KOMHEN_PICTURES"); dir != "" {
		check(t, os.WriteFile(filepath.Join(dir, name+".pdf"), pdf, 0o600))
	}
	run := func(program string, args ...string) string {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("SKIPPED: %s is not here, so nobody can read the PDF. Debian: apt-get install poppler-utils", program)
		}
		out, err := exec.Command(program, args...).CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v %s", program, err, out)
		}
		return string(out)
	}
	return run("pdftotext", "-layout", file, "-"), run("pdfinfo", file)
}

// packed takes every blank away: where a line breaks is the printer's own matter.
func packed(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
}

// holdsReport fails when a figure of a report is not on paper. Rows in one line are looked for whole.
func holdsReport(t *testing.T, what, text string, rep *reports.Report) {
	t.Helper()
	text = packed(text)
	left := map[int]bool{}
	for _, i := range rep.Unused() {
		left[i] = true
	}
	rows := rep.Shown()
	whole := 0
	for _, row := range rows {
		line := ""
		for i, v := range row {
			if left[i] {
				continue
			}
			cell := packed(reports.CellText(v, rep.Columns[i].Unit))
			if line += cell; !strings.Contains(text, cell) && rep.Columns[i].Unit != reports.Text {
				t.Errorf("%s: %s of %v is not there", what, cell, row)
			}
		}
		if strings.Contains(text, line) {
			whole++
		}
	}
	if len(rows) > 8 && 4*whole < 3*len(rows) {
		t.Errorf("%s: only %d of %d rows stand in a line", what, whole, len(rows))
	}
	for i, v := range rep.Totals {
		if cell := packed(reports.CellText(v, rep.Columns[i].Unit)); !left[i] && v != nil && !strings.Contains(text, cell) {
			t.Errorf("%s: the total %s is not there", what, cell)
		}
	}
}

// TestReportsOnPaper prints reports with a real Chromium and finds their figures in the PDF. The reports that are not here stand in the round report.
func TestReportsOnPaper(t *testing.T) {
	t.Parallel()
	chromium(t)
	s := demoSite(t, Config{Now: at(2012, 11, 20)})
	v := s.as(t, account.Reader, 259, "")
	round, err := s.book.Round("2012E")
	check(t, err)
	for _, d := range reports.Names() {
		if !slices.Contains([]string{"channel-by-subject", "units", "ranking", "completeness"}, d.Name) {
			continue
		}
		where, q := "municipality=259", reports.Query{Name: d.Name, Round: round, Municipality: 259}
		if d.NationalOnly || d.Name == "completeness" {
			where, q.Municipality = "municipality=all", 0
		}
		status, body := v.get("/reports/" + d.Name + "/download?round=2012E&format=pdf&" + where)
		if status != http.StatusOK || !strings.HasPrefix(body, "%PDF-") {
			t.Fatalf("%s: %d %.300s", d.Name, status, body)
		}
		rep, err := reports.Run(t.Context(), s.folder.Store, s.book, q)
		check(t, err)
		text, info := printed(t, "report-"+d.Name, []byte(body))
		holdsReport(t, d.Name, text, rep)
		for _, want := range []string{"Foreløbige tal", "Udskrevet 20-11-2012 · foreløbige tal", "Side 1 af"} {
			if !strings.Contains(text, want) {
				t.Errorf("%s does not say %q", d.Name, want)
			}
		}
		for _, n := range rep.Notes {
			if !strings.Contains(packed(text), packed(reports.PlainText(n))) && !strings.Contains(n, "\u00ad") {
				t.Errorf("%s does not say %q", d.Name, n)
			}
		}
		if title := "Title:           " + rep.Title + ", " + whoOf(rep); !strings.Contains(info, title) || !strings.Contains(info, "Tagged:          yes") {
			t.Errorf("%s: %s", d.Name, info)
		}
		if !strings.Contains(body, "/Lang (da)") {
			t.Errorf("%s has no language", d.Name)
		}
	}
	status, body := v.get("/rankings/download?round=2012E&measure=per-1000&format=pdf")
	if text, _ := printed(t, "ranking-measure", []byte(body)); status != http.StatusOK || !strings.Contains(text, "Køge") {
		t.Errorf("a ranking: %d %.300s", status, text)
	}
}

// TestRoundReportOnPaper prints the round report of a municipality, and of the country, and finds every figure of their reports and every sentence.
func TestRoundReportOnPaper(t *testing.T) {
	t.Parallel()
	chromium(t)
	s := demoSite(t, Config{Now: at(2012, 11, 20)})
	coordinator, operator := s.as(t, account.Coordinator, 259, ""), s.as(t, account.Operator, 0, "")
	const own = "Telefonen i Jobcenter var lukket i uge 44."
	coordinator.post("/municipalities/259/report?round=2012E", url.Values{"remark-units": {own}, "seen-units": {"0"}})
	check(t, s.folder.Approve(t.Context(), 259, "2012E", ingest.Decision{At: s.now()}))
	round, err := s.book.Round("2012E")
	check(t, err)
	for code, v := range map[uint16]*visitor{259: coordinator, 0: operator} {
		path := "/municipalities/all"
		if code != 0 {
			path = fmt.Sprintf("/municipalities/%d", code)
		}
		status, body := v.get(path + "/report.pdf?round=2012E")
		if status != http.StatusOK {
			t.Fatalf("%d %.300s", status, words(body))
		}
		text, info := printed(t, fmt.Sprint("round-report-", code), []byte(body))
		r, err := reports.RoundReportOf(t.Context(), s.folder.Store, s.book, round, code)
		check(t, err)
		parts := r.Appendices
		var sentences []string
		for _, c := range r.Chapters {
			parts = append(parts, c.Parts...)
			sentences = append(sentences, c.Title)
			sentences = append(sentences, c.Text...)
		}
		for _, k := range r.Key {
			sentences = append(sentences, k.Label, k.Text)
		}
		for _, p := range parts {
			sentences = append(sentences, p.Remarks...)
			sentences = append(sentences, p.Folded)
			if p.Report != nil && p.Table {
				holdsReport(t, p.Title, text, p.Report)
			}
		}
		for _, want := range sentences {
			if !strings.Contains(packed(text), packed(reports.PlainText(want))) && !broken(text, want) {
				t.Errorf("%d: does not say %q", code, want)
			}
		}
		if !strings.Contains(info, "Title:           Runderapport, ") || !strings.Contains(info, "Tagged:          yes") {
			t.Errorf("%d: %s", code, info)
		}
		status2, want := "godkendte tal", "Godkendt 20-11-2012"
		if code == 0 {
			status2, want = "foreløbige tal", "3 af 98 kommuner har meldt henvendelser ind"
		}
		if !strings.Contains(text, "Udskrevet 20-11-2012 · "+status2) || !strings.Contains(text, want) {
			t.Errorf("%d: the state is not told: %s, %s", code, status2, want)
		}
		if has := strings.Contains(text, own); has != (code == 259) {
			t.Errorf("%d: the coordinator's own words: %v", code, has)
		}
		if has := strings.Contains(text, "Jobcenter"); has != (code == 259) {
			t.Errorf("%d: a unit is told: %v", code, has)
		}
	}
}

// broken tells whether a sentence is there but has a page's margins in the middle of it, or columns beside it.
func broken(text, sentence string) bool {
	text = packed(text)
	for _, word := range strings.Fields(sentence) {
		if !strings.Contains(text, packed(word)) {
			return false
		}
	}
	return true
}

// TestPaperWithoutChromium: where there is no browser a page gives the whole html with a message, and a program is told.
func TestPaperWithoutChromium(t *testing.T) {
	s := demoSite(t, Config{Chromium: paper.NoBrowser, Now: at(2012, 11, 20)})
	v := s.as(t, account.Coordinator, 259, "")
	for _, path := range []string{"/municipalities/259/report.pdf?round=2012E", "/municipalities/259/report.html?round=2012E", "/reports/units/download?round=2012E&format=pdf", "/rankings/download?round=2012E&measure=per-1000&format=html"} {
		r, err := v.Get(s.URL + path)
		_, body := v.read(r, err)
		if r.StatusCode != http.StatusOK || r.Header.Get("Content-Security-Policy") != paperPolicy || !strings.HasPrefix(r.Header.Get("Content-Type"), "text/html") || !strings.Contains(r.Header.Get("Content-Disposition"), `.html"`) {
			t.Errorf("%s: %d %v", path, r.StatusCode, r.Header)
		}
		if told := strings.Contains(html.UnescapeString(body), string(paper.NoPDF)); told != strings.Contains(path, "pdf") {
			t.Errorf("%s: the message is there: %v", path, told)
		}
		for _, never := range []string{"<script", "<link", "src=\"", "http:", "https:", "@import"} {
			if strings.Contains(body, never) {
				t.Errorf("%s is not self-contained: it has %s", path, never)
			}
		}
		if strings.Count(body, "data:font/woff2") != 2 || !strings.Contains(body, `<html lang="da">`) {
			t.Errorf("%s lacks fonts or language", path)
		}
	}
	if _, page := v.get("/reports/channels?round=2012E&municipality=259"); strings.Contains(page, "format=pdf") || !strings.Contains(page, "HTML til udskrift") {
		t.Error("a report's page offers a PDF that is not to be had")
	}
	x := newService(t)
	got := x.get("reader", "/api/v1/reports/channels?format=pdf&round=2012F&municipality=259").want(t, http.StatusNotImplemented, "pdf-unavailable")
	var problem struct{ Detail string }
	check(t, json.Unmarshal(got.body, &problem))
	if !strings.Contains(problem.Detail, "HTML") {
		t.Errorf("a program is not told what to do: %s", problem.Detail)
	}
}

// TestRemarks: what a coordinator writes stands in the report, is hers alone to write, never overwrites another's, and is logged.
func TestRemarks(t *testing.T) {
	s := demoSite(t, Config{Chromium: paper.NoBrowser, Now: at(2012, 11, 20)})
	v := s.as(t, account.Coordinator, 259, "")
	const path = "/municipalities/259/report?round=2012E"
	save := func(who *visitor, key, text, seen string) (int, string) {
		return who.post(path, url.Values{"remark-" + key: {text}, "seen-" + key: {seen}})
	}
	if status, body := save(v, "overall", "Vi flyttede <ind> i nyt rådhus.\r\n\r\nDet kan ses.", "0"); status != http.StatusOK || !strings.Contains(body, "Gemt i Efterår 2012: Det samlede henvendelsesmønster.") {
		t.Fatalf("%d %s", status, words(body))
	}
	_, doc := v.get("/municipalities/259/report.html?round=2012E")
	if !strings.Contains(doc, "<p>Vi flyttede &lt;ind&gt; i nyt rådhus.</p><p>Det kan ses.</p>") {
		t.Error("the remark is not in the report")
	}
	if _, spring := v.get("/municipalities/259/report.html?round=2012F"); strings.Contains(spring, "rådhus") {
		t.Error("the remark is in another round's report too")
	}
	if status, body := save(v, "overall", "En anden tekst", "0"); status != http.StatusConflict || !strings.Contains(body, "En anden har ændret") {
		t.Errorf("what was changed meanwhile is overwritten: %d", status)
	}
	if status, body := save(v, "overall", "Vi flyttede <ind> i nyt rådhus.\n\nDet kan ses.", "0"); status != http.StatusOK || !strings.Contains(body, "ikke noget nyt") {
		t.Errorf("the same again: %d", status)
	}
	if status, _ := save(v, "overall", "CPR 010190-1234", "1"); status != http.StatusBadRequest {
		t.Errorf("a CPR number: %d", status)
	}
	for _, other := range []*visitor{s.as(t, account.Coordinator, 461, ""), s.as(t, account.Reader, 259, "")} {
		if status, _ := save(other, "overall", "Hej", "1"); status != http.StatusForbidden {
			t.Errorf("somebody else wrote: %d", status)
		}
	}
	_, page := v.get(path)
	_, after, _ := strings.Cut(page, `name="seen-overall" value="`)
	seen, _, _ := strings.Cut(after, `"`)
	if status, _ := save(v, "overall", "", seen); status != http.StatusOK {
		t.Fatal("not taken back")
	}
	if _, doc = v.get("/municipalities/259/report.html?round=2012E"); strings.Contains(html.UnescapeString(doc), "rådhus") {
		t.Error("a remark that was taken back stands")
	}
	found, _, err := s.audit.Read(audit.Filter{Action: "remark.save"}, "", 50)
	check(t, err)
	if len(found) != 2 {
		t.Errorf("%d lines in the log", len(found))
	}
}

// TestRoundReportEditions: which chapter information on a case counts in follows the edition of the round, and the report says so.
func TestRoundReportEditions(t *testing.T) {
	s := newSite(t, Config{Now: at(2013, 11, 20)})
	file := "Kommune;Enhed;Opgave;Kanal;Type;Afslutning;Blanket;Dato\n"
	for _, year := range []string{"23-04-2012", "22-04-2013"} {
		for _, kind := range []string{"INFO", "INFO", "OPRET", "VEJL", "VEJL", "VEJL"} {
			file += "259;Borgerservice;23.05.10;TLFIND;" + kind + ";STRAKS;NEJ;" + year + "\n"
		}
	}
	u, err := s.folder.Prepare(t.Context(), strings.NewReader(file), int64(len(file)), ingest.Options{Name: "to-aar.csv", Municipality: 259, Source: "Tracetool"})
	check(t, err)
	check(t, u.Commit(t.Context()))
	for name, want := range map[string][3]int64{"2012F": {3, 3, 2}, "2013F": {1, 3, 2}} {
		round, err := s.book.Round(name)
		check(t, err)
		r, err := reports.RoundReportOf(t.Context(), s.folder.Store, s.book, round, 259)
		check(t, err)
		var got [3]int64
		text := ""
		for _, c := range r.Chapters {
			for i, key := range []string{"transactions", "information", "case"} {
				if c.Key == key {
					got[i], _ = c.Parts[0].Report.Totals[3].(int64)
				}
			}
			if c.Key == "case" {
				text = c.Text[0]
			}
		}
		if got != want {
			t.Errorf("%s: transactions, information and case information are %v, want %v", name, got, want)
		}
		if twice := strings.Contains(text, "også med i kapitlet Transaktioner"); twice != (name == "2012F") {
			t.Errorf("%s: %s", name, text)
		}
		d, err := paper.Round(r, s.now(), "")
		check(t, err)
		if !bytes.Contains(d.HTML, []byte("Henvendelser til Køge Kommune")) {
			t.Error("no heading")
		}
	}
	empty, err := s.book.Round("2020E")
	check(t, err)
	r, err := reports.RoundReportOf(t.Context(), s.folder.Store, s.book, empty, 259)
	if err != nil || !r.Empty || len(r.Chapters) != 1 || r.Chapters[0].Key != "basis" {
		t.Errorf("a round without contacts: %+v, %v", r, err)
	}
}
