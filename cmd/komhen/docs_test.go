package main

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// readme is README.md.
func readme(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil || !strings.Contains(string(b), "komhen import") {
		t.Fatal("README.md does not tell of the program:", err)
	}
	return string(b)
}

// TestDocumented fails when a command or flag is not in README.md, or README.md tells of a flag that is not there.
func TestDocumented(t *testing.T) {
	text := readme(t)
	var c commands
	parser, err := kong.New(&c, kong.Name("komhen"), kong.BindTo(t.Context(), (*context.Context)(nil)), kong.Bind(&program{}))
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{"--help": true}
	for _, flag := range parser.Model.Flags {
		known["--"+flag.Name] = true
		if !strings.Contains(text, "--"+flag.Name) {
			t.Errorf("--%s is not in README.md", flag.Name)
		}
	}
	for _, leaf := range parser.Model.Leaves(true) {
		var words []string
		for node := leaf; node.Type == kong.CommandNode; node = node.Parent {
			words = append([]string{node.Name}, words...)
		}
		command := strings.Join(words, " ")
		row := ""
		for line := range strings.Lines(text) {
			if strings.HasPrefix(line, "| `") && regexp.MustCompile("`"+regexp.QuoteMeta(command)+"[` ]").MatchString(line) {
				row += line
			}
		}
		if row == "" {
			t.Errorf("komhen %s has no row in the table of commands in README.md", command)
		}
		for _, flag := range leaf.Flags {
			known["--"+flag.Name] = true
			if !strings.Contains(row, "--"+flag.Name) {
				t.Errorf("komhen %s --%s is not in its row of README.md", command, flag.Name)
			}
		}
	}
	for _, flag := range regexp.MustCompile(`--[a-z][a-z-]*`).FindAllString(text, -1) {
		if !known[flag] {
			t.Errorf("README.md tells of %s, which no command has", flag)
		}
	}
}

// TestReadmeWalk does what the first walk of README.md says, and gets the figures it shows.
func TestReadmeWalk(t *testing.T) {
	text := readme(t)
	says(t, text, "testdata/walkthrough/1-registreringer.csv --fix-file ret.csv", "15 are accepted and 60 withheld", "undo 4")
	mended := map[string][2]string{}
	for _, row := range regexp.MustCompile("(?m)^\\| (\\d+) \\| ([^|]+) \\| `([^`]+)`").FindAllStringSubmatch(text, -1) {
		mended[row[1]] = [2]string{row[2], row[3]}
	}
	data, fix := newData(t), filepath.Join(t.TempDir(), "ret.csv")
	want(t, statusRejected, data, "import", "--municipality", "Køge", testdata("walkthrough", "1-registreringer.csv"), "--fix-file", fix)
	mend(t, fix, mended)
	expected(t, imported(t, data, fix), 5, 0, 0)
	expected(t, imported(t, data, "--municipality", "Køge", "--kind", "system", "--source", "Telefonsystem", testdata("walkthrough", "2-telefonsystem.csv")), 109, 0, 0)
	expected(t, imported(t, data, "--municipality", "Køge", testdata("walkthrough", "3-registreringer-rettet-og-flere.csv")), 15, 0, 60)
	report := ok(t, data, "report", "types", "--round", "2012F", "--municipality", "Køge")
	_, shown, _ := strings.Cut(text, "$ bin/komhen report types --round 2012F --municipality Køge\n")
	shown, _, _ = strings.Cut(shown, "```")
	if shown == "" || !strings.HasPrefix(report, shown) {
		t.Errorf("the report is not the one README.md shows:\n%s\n%s", report, shown)
	}
	says(t, ok(t, data, "undo", "4"), "15 henvendelser")
	says(t, ok(t, data, "redo", "4"), "15 henvendelser")
}
