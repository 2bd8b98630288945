package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"komhen/web/paper"
)

// TestRoundReportCommand: the round report is written as html, and as PDF where there is a Chromium; where there is none the html takes its place, and that is said.
func TestRoundReportCommand(t *testing.T) {
	data, dir := newData(t), t.TempDir()
	imported(t, data, "--municipality", "Køge", testdata("walkthrough", "2-telefonsystem.csv"), "--kind", "system", "--source", "Telefonsystem")
	file := func(name string) string { return filepath.Join(dir, name) }
	read := func(name string) string {
		t.Helper()
		text, err := os.ReadFile(file(name))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	ok(t, data, "round-report", "--municipality", "Køge", "--round", "2012F", "-o", file("a.html"))
	says(t, read("a.html"), "Henvendelser til Køge Kommune", "Forår 2012 (2012F)", "109")
	ok(t, data, "report", "channels", "--municipality", "Køge", "--format", "html", "-o", file("b.html"))
	says(t, read("b.html"), "Henvendelser fordelt på kanaler", "109")
	want(t, statusFailed, data, "round-report", "--municipality", "Køge", "-o", file("c.pdf"), "--chromium", paper.NoBrowser)
	says(t, read("c.html"), "Henvendelser til Køge Kommune")
	if _, err := os.Stat(file("c.pdf")); err == nil {
		t.Error("there is a PDF without a browser")
	}
	want(t, statusUsage, data, "round-report", "--municipality", "Køge", "-o", file("d.docx"))
	want(t, statusUsage, data, "report", "channels", "--format", "pdf")
	if paper.FindBrowser("") == "" {
		t.Skip("SKIPPED: printing needs Chromium, which is not here. Debian: apt-get install chromium")
	}
	ok(t, data, "round-report", "--municipality", "Køge", "-o", file("e.pdf"))
	if pdf := read("e.pdf"); !strings.HasPrefix(pdf, "%PDF-") {
		t.Errorf("no PDF: %.20q", pdf)
	}
}
