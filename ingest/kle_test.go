package ingest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"komhen/model"
)

func smallKLE(t testing.TB) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "testdata", "kle", "small.xml"))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestDecodeKLE(t *testing.T) {
	nodes, published, err := DecodeKLE(strings.NewReader(smallKLE(t)))
	if err != nil || published != model.NewDate(2014, 2, 1) {
		t.Fatalf("published %s, %v", published, err)
	}
	var got strings.Builder
	for _, n := range nodes {
		fmt.Fprintf(&got, "%d %s %s\n", n.Level, n.KLE, n.Title)
	}
	want := `1 23.00.00 Opdigtet hovedgruppe
2 23.05.00 Opdigtet gruppe & øvrigt
3 23.05.00 Opdigtet gruppe i almindelighed
3 23.05.10 Opdigtet emne, over to linjer
2 23.09.00 Gruppe uden emner
1 00.00.00 Udgået hovedgruppe
2 00.01.00 Udgået gruppe
3 00.01.07 Udgået emne
`
	if got.String() != want {
		t.Errorf("got\n%swant\n%s", got.String(), want)
	}
}

func TestDecodeKLEInOtherCharacterSets(t *testing.T) {
	utf8 := smallKLE(t)
	latin1 := strings.NewReplacer("UTF-8", "ISO-8859-1", "ø", "\xf8", "å", "\xe5").Replace(utf8)
	a, _, err := DecodeKLE(strings.NewReader(utf8))
	if err != nil {
		t.Fatal(err)
	}
	b, _, err := DecodeKLE(strings.NewReader(latin1))
	if err != nil || fmt.Sprint(a) != fmt.Sprint(b) {
		t.Errorf("ISO-8859-1 is read differently: %v, %v", b, err)
	}
}

func TestDecodeKLERefuses(t *testing.T) {
	for _, c := range []struct{ from, to, code, says string }{
		{"KLE-Emneplan", "Emneplan", "kle-not-kle", "KLE-Emneplan"},
		{"</Emne>", "", "kle-xml", "linje"},
		{"2014-02-01", "1. februar", "kle-date", "1. februar"},
		{"2014-02-01", "2014-02-30", "kle-date", "2014-02-30"},
		{"<UdgivelsesDato>2014-02-01</UdgivelsesDato>", "", "kle-date", "UdgivelsesDato"},
		{"<HovedgruppeNr>23<", "<HovedgruppeNr>2<", "kle-number", "linje 4"},
		{"<GruppeNr>23.05<", "<GruppeNr>23.05.01<", "kle-number", "NN.NN"},
		{"<GruppeNr>23.05<", "<GruppeNr>24.05<", "kle-number", "står under 23"},
		{"<EmneNr>23.05.10<", "<EmneNr>23.06.10<", "kle-number", "står under 23.05"},
		{"<EmneNr>23.05.10<", "<EmneNr>23.05<", "kle-number", "»23.05«"},
		{"<EmneNr>23.05.10<", "<EmneNr>23.05.00<", "kle-number", "to gange"},
		{"<GruppeNr>23.09<", "<GruppeNr>23.05<", "kle-number", "to gange"},
		{"Udgået emne", " ", "kle-title", "00.01.07"},
		{"Udgået emne", strings.Repeat("x", 3000), "kle-title", "lang"},
		{"</KLE-Emneplan>", "</KLE-Emneplan>mere", "kle-xml", "mere"},
		{"UTF-8", "EBCDIC", "kle-read", "linje 1"},
	} {
		text := smallKLE(t)
		if !strings.Contains(text, c.from) {
			t.Fatalf("the file does not hold %q", c.from)
		}
		n := 1
		if c.from == "KLE-Emneplan" {
			n = -1
		}
		nodes, _, err := DecodeKLE(strings.NewReader(strings.Replace(text, c.from, c.to, n)))
		var p *model.Problem
		if !errors.As(err, &p) || nodes != nil {
			t.Errorf("%q for %q: %v", c.to, c.from, err)
			continue
		}
		if p.Code != c.code || !strings.Contains(p.Message, c.says) {
			t.Errorf("%q for %q: %s: %s", c.to, c.from, p.Code, p.Message)
		}
	}
	for name, in := range map[string]string{
		"empty": "", "csv": "kommune;enhed\r\n259;x\r\n", "pdf": "%PDF-1.4\n", "cut off": smallKLE(t)[:400],
		"no nodes": "<KLE-Emneplan><UdgivelsesDato>2014-02-01</UdgivelsesDato></KLE-Emneplan>",
	} {
		_, _, err := DecodeKLE(strings.NewReader(in))
		var p *model.Problem
		if !errors.As(err, &p) || p.Message == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// endless is a KLE file that never ends; reading must stop at the limit.
type endless struct{ begun bool }

func (e *endless) Read(p []byte) (int, error) {
	if !e.begun {
		e.begun = true
		return copy(p, "<KLE-Emneplan>"), nil
	}
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

func TestDecodeKLEStopsAtTheLimit(t *testing.T) {
	_, _, err := DecodeKLE(&endless{})
	var p *model.Problem
	if !errors.As(err, &p) || p.Code != "kle-too-large" {
		t.Errorf("got %v", err)
	}
	failing := io.MultiReader(strings.NewReader("<KLE-Emneplan>"), errorReader{})
	if _, _, err := DecodeKLE(failing); !errors.As(err, &p) || p.Code != "kle-read" || !errors.Is(err, os.ErrPermission) {
		t.Errorf("a reader that fails: %v", err)
	}
}

type errorReader struct{}

func (errorReader) Read([]byte) (int, error) { return 0, os.ErrPermission }

// KL's own file is not ours to publish; where it lies beside the repository, all of it must be read.
func TestDecodeKLEOnTheRealFile(t *testing.T) {
	f, err := os.Open(filepath.Join("..", "..", "shared", "domain", "data", "kle-2015-08-01.xml"))
	if err != nil {
		t.Skip("KL's KLE file is not here:", err)
	}
	defer f.Close()
	nodes, published, err := DecodeKLE(f)
	if err != nil {
		t.Fatal(err)
	}
	levels := map[int]int{}
	titles := map[string]string{}
	for _, n := range nodes {
		levels[n.Level]++
		if n.Level == 3 {
			titles[n.KLE.String()] = n.Title
		}
	}
	if fmt.Sprint(levels) != "map[1:41 2:691 3:3457]" || published != model.NewDate(2015, 8, 1) {
		t.Errorf("%v nodes, published %s", levels, published)
	}
	if titles["29.03.99"] != "" || titles["23.05.10"] == "" {
		t.Errorf("29.03.99 is %q and 23.05.10 %q", titles["29.03.99"], titles["23.05.10"])
	}
}

// FuzzDecodeKLE: no input may panic, and what is read is either a whole tree or a Problem with a Danish sentence.
func FuzzDecodeKLE(f *testing.F) {
	small := smallKLE(f)
	f.Add([]byte(small))
	f.Add([]byte(small[:300]))
	f.Add([]byte("<KLE-Emneplan><UdgivelsesDato>2014-02-01</UdgivelsesDato><Hovedgruppe><HovedgruppeNr>01</HovedgruppeNr><HovedgruppeTitel>x</HovedgruppeTitel></Hovedgruppe></KLE-Emneplan>"))
	f.Add([]byte("\xff\xfe<\x00?\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		nodes, published, err := DecodeKLE(bytes.NewReader(b))
		if err != nil {
			var p *model.Problem
			if !errors.As(err, &p) || p.Code == "" || p.Message == "" || nodes != nil {
				t.Fatalf("%v is no Problem", err)
			}
			return
		}
		if len(nodes) == 0 || published == 0 && !bytes.Contains(b, []byte("1970-01-01")) {
			t.Fatalf("%d nodes, published %s, and no error", len(nodes), published)
		}
		seen := map[string]bool{}
		for _, n := range nodes {
			key := fmt.Sprint(n.Level, n.KLE)
			if n.Title == "" || n.KLE > 999999 || n.Level < 1 || n.Level > 3 || seen[key] {
				t.Fatalf("node %+v", n)
			}
			seen[key] = true
		}
	})
}
