package ingest

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"komhen/model"
	"komhen/queries"
)

// TestFilterNeverForgets: a key that was added is known, however far the filter grows beyond what was expected; a new one is taken
// for known about once in a thousand times.
func TestFilterNeverForgets(t *testing.T) {
	for _, c := range []struct{ expected, keys int }{{0, 10}, {1000, 1000}, {100, 400_000}, {300_000, 300_000}} {
		f, r := newFilter(c.expected), rand.New(rand.NewPCG(1, uint64(c.keys)))
		keys := make([][2]uint64, c.keys)
		wrong := 0
		for i := range keys {
			keys[i] = [2]uint64{r.Uint64(), r.Uint64()}
			if f.seen(keys[i][0], keys[i][1]) {
				wrong++
			}
		}
		if wrong > 1+c.keys/200 {
			t.Errorf("%d of %d new keys are taken for known (expected %d)", wrong, c.keys, c.expected)
		}
		for _, k := range keys {
			if !f.has(k[0], k[1]) || !f.seen(k[0], k[1]) {
				t.Fatalf("key %x is forgotten", k)
			}
		}
	}
}

// sealed is everything that goes into a key.
type sealed struct {
	Row    queries.Row
	Source string
	Locals []local
	Test   bool
	Salt   uint32
}

func (s sealed) key() [3]uint64 {
	seal(&s.Row, s.Source, s.Locals, s.Test, s.Salt, nil)
	return [3]uint64{s.Row.KeyHi, s.Row.KeyLo, s.Row.Version}
}

var drawSealed = rapid.Custom(func(t *rapid.T) sealed {
	text := rapid.SampledFrom([]string{"", "a", "b", "ab", "a,b", "\x01a", "b\x01", strings.Repeat("a", 200)})
	small := rapid.Uint8Range(0, 2)
	moment := rapid.SampledFrom([]model.Moment{0, 1, 256, 1 << 40, queries.None})
	s := sealed{Source: text.Draw(t, "source"), Test: rapid.Bool().Draw(t, "test"), Salt: uint32(small.Draw(t, "salt"))}
	s.Row = queries.Row{Municipality: uint16(small.Draw(t, "municipality")), Channel: small.Draw(t, "channel"), Type: small.Draw(t, "type"),
		Closing: small.Draw(t, "closing"), Form: small.Draw(t, "form"), Subject: model.KLE(small.Draw(t, "subject")),
		Moment: moment.Draw(t, "moment"), Start: moment.Draw(t, "start"), End: moment.Draw(t, "end"), Amount: uint32(small.Draw(t, "amount")),
		Unit: text.Draw(t, "unit"), ID: text.Draw(t, "id")}
	for range rapid.IntRange(0, 2).Draw(t, "locals") {
		s.Locals = append(s.Locals, local{text.Draw(t, "name"), text.Draw(t, "value")})
	}
	return s
})

// TestSealIsInjective: rows that differ in anything have different keys, equal rows have equal ones. With a kilde_id the identity is
// (municipality, source, id, and whether it is a test) and the rest is the version.
func TestSealIsInjective(t *testing.T) {
	rapidChecks(t, 20_000)
	rapid.Check(t, func(t *rapid.T) {
		a := drawSealed.Draw(t, "a")
		b := a
		if rapid.Bool().Draw(t, "other") {
			b = drawSealed.Draw(t, "b")
		} else { // differ in one field, if at all
			c := drawSealed.Draw(t, "b")
			switch rapid.IntRange(0, 16).Draw(t, "field") {
			case 0:
				b.Source = c.Source
			case 1:
				b.Test = c.Test
			case 2:
				b.Salt = c.Salt
			case 3:
				b.Locals = c.Locals
			case 4:
				b.Row.Municipality = c.Row.Municipality
			case 5:
				b.Row.Channel = c.Row.Channel
			case 6:
				b.Row.Type = c.Row.Type
			case 7:
				b.Row.Closing = c.Row.Closing
			case 8:
				b.Row.Form = c.Row.Form
			case 9:
				b.Row.Subject = c.Row.Subject
			case 10:
				b.Row.Moment = c.Row.Moment
			case 11:
				b.Row.Start = c.Row.Start
			case 12:
				b.Row.End = c.Row.End
			case 13:
				b.Row.Amount = c.Row.Amount
			case 14:
				b.Row.Unit = c.Row.Unit
			case 15:
				b.Row.ID = c.Row.ID
			}
		}
		equal := fmt.Sprintf("%+v", a) == fmt.Sprintf("%+v", b)
		if (a.key() == b.key()) != equal {
			t.Fatalf("equal %t, keys %x and %x", equal, a.key(), b.key())
		}
		if a.Row.ID != "" && b.Row.ID != "" {
			same := a.Row.ID == b.Row.ID && a.Row.Municipality == b.Row.Municipality && a.Source == b.Source && a.Test == b.Test && a.Salt == b.Salt
			if (a.key()[0] == b.key()[0] && a.key()[1] == b.key()[1]) != same {
				t.Fatalf("same id %t, keys %x and %x", same, a.key(), b.key())
			}
		}
		if (a.key()[2] == 0) != (a.Row.ID == "") {
			t.Fatalf("version %d of id %q", a.key()[2], a.Row.ID)
		}
	})
}

// TestKeysNeverChange: a key that changes between versions of the program would make every stored contact new.
func TestKeysNeverChange(t *testing.T) {
	s := sealed{Source: "tracetool", Locals: []local{{"koen", "kvinde"}}, Row: queries.Row{Municipality: 259, Channel: 3, Type: 1, Closing: 1, Form: 1,
		Subject: 230902, Moment: 1335139200, Start: queries.None, End: queries.None, Amount: 1, Unit: "Borgerservice"}}
	if got := fmt.Sprintf("%x", s.key()); got != wantKey {
		t.Errorf("the key is %s, must be %s", got, wantKey)
	}
	s.Row.ID = "A-1"
	if got := fmt.Sprintf("%x", s.key()); got != wantKeyOfID {
		t.Errorf("the key is %s, must be %s", got, wantKeyOfID)
	}
}

const (
	wantKey     = "[406c252f168e7a05 f00ebde7a6fa92ac 0]"
	wantKeyOfID = "[7e309d7ff9f7c157 f092dc996a3944f5 2a3c35da25d88258]"
)

// TestWhatDoesNotMatterForAKey: column order, empty local columns, local column names' spelling, code or label, time or none at midnight.
func TestWhatDoesNotMatterForAKey(t *testing.T) {
	f := newFolder(t)
	first := load(t, f, []byte("kommune;enhed;opgave;kanal;type;afslutning;blanket;dato;køn;alder\n259;Borgerservice;23.09.02;PRSNLG;OPRET;STRAKS;JA;23-04-2012;K;40\n"), Options{})
	if first.Receipt.Accepted != 1 {
		t.Fatalf("%+v", first.Receipt)
	}
	for _, same := range []string{
		"alder;KØN;kommune;enhed;opgave;kanal;type;afslutning;blanket;dato\n40;K;259;Borgerservice;23.09.02;PRSNLG;OPRET;STRAKS;JA;23-04-2012\n",
		"kommune;enhed;opgave;kanal;type;afslutning;blanket;dato;køn;bemærkning;alder;x\n259;Borgerservice;23.09.02;PRSNLG;OPRET;STRAKS;JA;23-04-2012;K;;40;NULL\n",
		"Kommune;Enhed;KLE;Kanal;Type;Afslutning;Blanket;Dato;Koen;ALDER\nKøge Kommune; Borgerservice ;23.09.02;personligt fremmøde;Oprettelse af ny sag;straksafsluttet;ja;2012-04-23T00:00:00;K;40\n",
		"kommune;enhed;opgave;kanal;type;afslutning;blanket;dato;køn;alder;datakilde;antal;start;slut\n0259;\"Borgerservice\";23.09.02;prsnlg;OPRET;STRAKS;JA;23/04/2012 00:00;K;40; trace tool ;1;;NULL\n",
	} {
		if r := load(t, f, []byte(same), Options{}).Receipt; r.Withheld != 1 {
			t.Errorf("%q counts: %+v", same, r)
		}
	}
	for _, other := range []string{
		"kommune;enhed;opgave;kanal;type;afslutning;blanket;dato;køn;alder\n259;Borgerservice;23.09.02;PRSNLG;OPRET;STRAKS;JA;23-04-2012;40;K\n",
		"kommune;enhed;opgave;kanal;type;afslutning;blanket;dato;køn;alder\n259;Borgerservice;23.09.02;PRSNLG;OPRET;STRAKS;JA;23-04-2012 00:00:01;K;40\n",
		"kommune;enhed;opgave;kanal;type;afslutning;blanket;dato;køn;alder\n259;borgerservice;23.09.02;PRSNLG;OPRET;STRAKS;JA;23-04-2012;K;40\n",
	} {
		if r := load(t, f, []byte(other), Options{}).Receipt; r.Accepted != 1 {
			t.Errorf("%q does not count: %+v", other, r)
		}
	}
}

// TestJournal: the chain shows a line that is changed, taken away or put in between; a cut-off end is no fault.
func TestJournal(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.jsonl")
	j, err := openJournal(path, true, nil)
	must(t, err)
	for i := range 4 {
		line, hash, err := j.next(&Entry{At: usualReceived, Op: "upload", Upload: uint32(i + 1), File: "æ \"x\" <\u2028>.csv"})
		must(t, err)
		must(t, j.append(line))
		j.acknowledge(line, hash)
	}
	whole := readFile(t, path)
	lines := bytes.SplitAfter(bytes.TrimSuffix(whole, []byte("\n")), []byte("\n"))
	write := func(parts ...[]byte) { t.Helper(); must(t, os.WriteFile(path, slices.Concat(parts...), 0o600)) }
	read := func() (j *journal, seen []Entry, err error) {
		j, err = openJournal(path, true, func(e Entry) error { seen = append(seen, e); return nil })
		return j, seen, err
	}
	again, seen, err := read()
	must(t, err)
	if again.tail != j.tail || len(seen) != 4 {
		t.Errorf("read again %+v, must be %+v", again.tail, j.tail)
	}
	prev := ""
	for i, e := range seen { // an entry knows its own line's hash, which replay needs
		if e.Prev != prev {
			t.Errorf("entry %d follows %s", i, e.Prev)
		}
		prev = e.hash()
	}
	if prev != j.hash {
		t.Error("the last entry's hash is not the journal's")
	}
	last := append(bytes.Clone(lines[3]), '\n')
	for name, damaged := range map[string][]byte{
		"a line changed":    slices.Concat(lines[0], bytes.Replace(lines[1], []byte(`"upload":2`), []byte(`"upload":7`), 1), lines[2], last),
		"a line taken away": slices.Concat(lines[0], lines[2], last),
		"the first gone":    slices.Concat(lines[1], lines[2], last),
		"two lines swapped": slices.Concat(lines[0], lines[2], lines[1], last),
		"a line twice":      slices.Concat(lines[0], lines[1], lines[1], lines[2], last),
		"no JSON":           slices.Concat(lines[0], []byte("x\n"), lines[1], lines[2], last),
	} {
		write(damaged)
		if _, _, err := read(); problem(err) != "journal-broken" {
			t.Errorf("%s: %v", name, err)
		}
		if !bytes.Equal(readFile(t, path), damaged) {
			t.Errorf("%s: the file was changed", name)
		}
	}
	for cut := 1; cut <= len(last); cut += 17 {
		write(whole[:len(whole)-cut])
		j, seen, err := read()
		if err != nil || len(seen) != 3 || j.seq != 3 || !bytes.Equal(readFile(t, path), slices.Concat(lines[0], lines[1], lines[2])) {
			t.Errorf("cut off by %d: %d entries, %v", cut, len(seen), err)
		}
	}
	write(whole)
	before := j.tail
	line, _, err := j.next(&Entry{Op: "undo", Upload: 1})
	must(t, err)
	must(t, j.append(line))
	must(t, j.takeBack())
	if !bytes.Equal(readFile(t, path), whole) || j.tail != before {
		t.Error("a line that was taken back stands")
	}
}

// TestDaysOff holds W03 to the days when town halls are closed: a sample of each kind of holiday, and days that only look like one.
func TestDaysOff(t *testing.T) {
	days := newCalendar(testBook(t))
	for text, want := range map[string]string{
		"23-04-2012": "", "28-04-2012": "lørdag", "29-04-2012": "søndag", "01-01-2013": "Nytårsdag", "05-04-2012": "Skærtorsdag", "06-04-2012": "Langfredag",
		"09-04-2012": "Anden påskedag", "04-05-2012": "Store bededag", "17-05-2012": "Kristi Himmelfartsdag", "28-05-2012": "Anden Pinsedag",
		"05-06-2012": "Grundlovsdag", "24-12-2012": "Juleaftensdag", "25-12-2012": "Juledag", "26-12-2012": "Anden juledag", "01-05-2012": "", "31-12-2012": "",
		"05-05-2023": "Store bededag", "26-04-2024": "", "16-05-2025": "", "09-05-2024": "Kristi Himmelfartsdag",
	} {
		m, why := parseMoment(text)
		if why != "" {
			t.Fatal(text, why)
		}
		for range 2 { // and the same when it is asked again
			if got := days.on(m.Date()).off; got != want {
				t.Errorf("%s is %q, must be %q", text, got, want)
			}
		}
	}
}

func TestMoments(t *testing.T) {
	for text, want := range map[string]string{
		"23-04-2012": "2012-04-23T00:00:00", "23-04-2012 13:05": "2012-04-23T13:05:00", "3/4/2012 9:05:06": "2012-04-03T09:05:06",
		"2012-04-23T11:05:06Z": "2012-04-23T13:05:06", "2012-01-23T12:05:06Z": "2012-01-23T13:05:06", "2012-04-23 13:05:06+02:00": "2012-04-23T13:05:06",
		"2012-04-23T23:30:00-0130": "2012-04-24T03:00:00", "20120423T130506": "", "29-02-2012": "2012-02-29T00:00:00",
		"29-02-2011": "", "31-02-2012": "", "00-00-0000": "", "24-04-2012 24:00": "", "23-04-12": "", "23-04-2012x": "", "23-04-2012 13": "",
		"23-04-2012 13:05:06.0101901234": "", "23-04-2012 13:05:06.010190-1234": "", "23-04-2012 13:05:06,123": "2012-04-23T13:05:06",
	} {
		m, why := parseMoment(text)
		got := ""
		if why == "" {
			s := int64(m) - int64(m.Date().At(0))
			got = fmt.Sprintf("%sT%02d:%02d:%02d", m.Date().ISO(), s/3600, s/60%60, s%60)
		}
		if got != want {
			t.Errorf("%q is %q %s, must be %q", text, got, why, want)
		}
	}
}
