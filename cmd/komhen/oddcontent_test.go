package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const (
	oddHeader = "kommune;enhed;opgave;kanal;type;afslutning;blanket;dato"
	oddRow    = "259;Borgerservice;23.05.10;TLFIND;VEJL;STRAKS;NEJ;23-04-2012 10:30"
)

// TestOddContent: files as people and machines spoil them. What matters here is that each gets a receipt that adds up, or a
// sentence, and the right status; the rules' own tests say which finding it is.
func TestOddContent(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	lines := func(rows ...string) string { return strings.Join(append([]string{oddHeader}, rows...), "\n") + "\n" }
	cell := func(i int, value string) string {
		cells := strings.Split(oddRow, ";")
		cells[i] = value
		return strings.Join(cells, ";")
	}
	for name, c := range map[string]struct {
		content  string
		status   int
		accepted int64
	}{
		"header twice":           {lines(oddHeader, oddRow), statusDone, 1}, // as when two files were put together
		"ragged rows":            {lines("259;Borgerservice", oddRow, oddRow+";;;x"), statusRejected, 1},
		"mixed line ends":        {oddHeader + "\r\n" + oddRow + "\n" + oddRow + "\r\n" + oddRow, statusDone, 3},
		"old Mac line ends":      {strings.ReplaceAll(lines(oddRow, oddRow), "\n", "\r"), statusDone, 2},
		"quoted line break":      {lines(cell(1, "\"Borger\nservice\""), oddRow), statusDone, 2},
		"blank lines":            {"\n\n" + lines(oddRow, "", ";;;;;;;", oddRow), statusDone, 2},
		"impossible dates":       {lines(cell(7, "31-02-2012"), cell(7, "00-00-0000"), cell(7, "23-04-2112"), cell(7, "i går")), statusRejected, 0},
		"formula":                {lines(cell(1, "=cmd|' /C calc'!A0"), cell(1, "+45 12"), cell(1, "@x")), statusDone, 3},
		"right-to-left marks":    {lines(cell(1, "\u202eBorgerservice\u200f"), cell(3, "\u200eTLFIND")), -1, -1},
		"invalid UTF-8":          {lines(cell(1, "Borger\xff\xfeservice")), statusDone, 1},
		"300 columns":            {oddHeader + strings.Repeat(";ekstra", 0) + manyColumns(292) + "\n" + oddRow + strings.Repeat(";x", 292) + "\n", statusDone, 1},
		"a long cell":            {lines(cell(1, strings.Repeat("å", 100_000))), -1, -1},
		"negative antal":         {oddHeader + ";antal\n" + oddRow + ";-5\n" + oddRow + ";3\n", statusRejected, 1},
		"only a header":          {oddHeader + "\n", statusDone, 0},
		"no line end at the end": {oddHeader + "\n" + oddRow, statusDone, 1},
		"NUL in a cell":          {lines(cell(1, "Borger\x00service")), statusNothing, 0},
		"lone quote":             {lines(cell(1, "Borger\"service"), oddRow), -1, -1},
		"unclosed quote":         {lines(oddRow, cell(1, "\"Borgerservice"), oddRow, oddRow), statusNothing, 0},
	} {
		t.Run(name, func(t *testing.T) {
			path := write(t, dir, strings.ReplaceAll(name, " ", "-")+".csv", c.content)
			status, list := importing(t, newData(t), path)
			if c.status >= 0 && (status != c.status || list[0].Accepted != c.accepted) {
				t.Errorf("status %d, %d accepted; want %d and %d: %+v", status, list[0].Accepted, c.status, c.accepted, list[0])
			}
			if status != statusDone && status != statusRejected && status != statusNothing {
				t.Errorf("status %d", status)
			}
		})
	}
}

func manyColumns(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, ";lokal %d", i+1)
	}
	return b.String()
}

// TestSpoiltFiles spoils good files at random: whatever comes of it, the program says it and never fails inside.
func TestSpoiltFiles(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 3))
	data, dir := newData(t), t.TempDir()
	var sources [][]byte
	for _, name := range []string{"c-utf8.csv", "b-latin1.csv", "c-utf16le.csv", "c-quoted.csv", "c-dates.xlsx"} {
		content := []byte(read(t, testdata("layouts", name)))
		if filepath.Ext(name) == ".csv" {
			content = content[:4000] // a few dozen rows
		}
		sources = append(sources, content)
	}
	number := regexp.MustCompile(`(^|\D)010190-1234(\D|$)`) // within a longer row of digits it is no CPR number
	junk := []string{"\"", ";", "\n", "\r", "\x00", "\xff\xfe", "=cmd|x", "010190-1234", "\u202e", ",,,,", "\t", "PK\x03\x04", "9999999999999999999"}
	for i := range 60 {
		content := bytes.Clone(sources[i%len(sources)])
		for range 1 + r.IntN(4) {
			at, n := r.IntN(len(content)), r.IntN(30)
			switch r.IntN(4) {
			case 0:
				content = append(content[:at:at], content[min(at+n, len(content)):]...)
			case 1:
				content = append(content[:at:at], append([]byte(junk[r.IntN(len(junk))]), content[at:]...)...)
			case 2:
				content[at] ^= byte(1 + r.IntN(255))
			case 3:
				content = append(content[:at:at], append(bytes.Clone(content[at:min(at+n, len(content))]), content[at:]...)...)
			}
			if len(content) == 0 {
				content = []byte{' '}
			}
		}
		path := filepath.Join(dir, fmt.Sprintf("fil-%d.csv", i))
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		status, list := importing(t, data, "--dry-run", path)
		if status != statusDone && status != statusRejected && status != statusNothing {
			kept := filepath.Join(os.TempDir(), fmt.Sprintf("komhen-spoilt-%d", seed))
			os.WriteFile(kept, content, 0o600)
			t.Errorf("status %d for %s", status, kept)
		}
		for _, f := range list[0].Findings {
			if number.MatchString(f.Message) {
				t.Errorf("a CPR-shaped value is shown: %s", f.Message)
			}
		}
	}
}
