package demo

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"komhen/model"
	"komhen/model/codebook"
)

func loadCodebook(t testing.TB) *model.Codebook {
	t.Helper()
	cb, err := codebook.Load()
	if err != nil {
		t.Fatal(err)
	}
	return cb
}

func digest(t testing.TB, cb *model.Codebook, size Size) string {
	t.Helper()
	h := sha256.New()
	err := Files(cb, size, func(f File) error {
		fmt.Fprintln(h, f.Name, f.Municipality, f.Source, f.Kind, f.Test, f.Received.UTC().Format(time.RFC3339))
		return f.Write(h)
	})
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%x", h.Sum(nil))
}

func TestTheSameSeedGivesTheSameBytes(t *testing.T) {
	cb := loadCodebook(t)
	if a, b := digest(t, cb, Small), digest(t, cb, Small); a != b {
		t.Errorf("two small demos differ: %s and %s", a, b)
	}
}

func TestUnknownSize(t *testing.T) {
	err := Files(loadCodebook(t), "huge", func(File) error { return nil })
	if err == nil || !strings.Contains(err.Error(), "huge") {
		t.Errorf("got %v", err)
	}
}

// parsed is a file as a reader of it sees it: one map for each row, by field.
func parsed(t testing.TB, f File) []cells {
	t.Helper()
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	var records [][]string
	if strings.HasSuffix(f.Name, ".xlsx") {
		book, err := excelize.OpenReader(&b)
		if err != nil {
			t.Fatal(err)
		}
		if records, err = book.GetRows(book.GetSheetName(0)); err != nil {
			t.Fatal(err)
		}
		book.Close()
	} else {
		text := decoded(t, b.Bytes())
		header, _, _ := strings.Cut(text, "\n")
		r := csv.NewReader(strings.NewReader(text))
		for _, comma := range []string{"\t", ";", ","} {
			if strings.Contains(header, comma) {
				r.Comma = rune(comma[0])
				break
			}
		}
		var err error
		if records, err = r.ReadAll(); err != nil {
			t.Fatalf("%s: %v", f.Name, err)
		}
	}
	where := map[string]field{}
	for _, l := range []layout{layoutA, layoutB, layoutPeople, layoutWeb} {
		for i, h := range l.headers {
			where[h] = l.fields[i]
		}
	}
	rows := make([]cells, len(records)-1)
	for i, rec := range records[1:] {
		for j, v := range rec {
			if h := records[0][j]; h != "" {
				at, ok := where[h]
				if !ok {
					t.Fatalf("%s: unknown column %q", f.Name, h)
				}
				rows[i][at] = v
			} else if v != "" {
				t.Fatalf("%s: a value under the trailing delimiter", f.Name)
			}
		}
	}
	return rows
}

func decoded(t testing.TB, b []byte) string {
	t.Helper()
	switch {
	case bytes.HasPrefix(b, []byte{0xEF, 0xBB, 0xBF}):
		return string(b[3:])
	case bytes.HasPrefix(b, []byte{0xFF, 0xFE}), bytes.HasPrefix(b, []byte{0xFE, 0xFF}):
		out, err := unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewDecoder().Bytes(b)
		if err != nil {
			t.Fatal(err)
		}
		return string(out)
	case utf8.Valid(b):
		return string(b)
	}
	out, err := charmap.Windows1252.NewDecoder().Bytes(b)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// faulty is what the test itself thinks of a row; the real checks are tried where the service imports a demo.
func faulty(cb *model.Codebook, f File, c *cells) bool {
	null := func(v string) bool { return v == "" || f.Kind == model.System && v == "NULL" }
	k, ok := model.ParseKLE(c[fSubject])
	if !ok || cb.Subject(k) == nil || cb.ChannelID(c[fChannel]) == 0 {
		return true
	}
	if cb.TypeID(c[fType]) == 0 && (f.Kind == model.Registration || !null(c[fType])) {
		return true
	}
	if cb.ClosingID(c[fClosing]) == 0 && (f.Kind == model.Registration || !null(c[fClosing])) {
		return true
	}
	if f.Kind == model.Registration {
		if c[fUnit] == "" || c[fUnit] == "NULL" {
			return true
		}
		if cb.Channel(cb.ChannelID(c[fChannel])).Form == model.FormRequired && cb.FormID(c[fForm]) == 0 {
			return true
		}
	}
	_, err := time.Parse("02-01-2006", c[fDate][:10])
	return err != nil || strings.Contains(c[fRemark], inventedNumber)
}

type tally struct {
	files, rows, contacts, faulty, late, tests int
	channels, sources, weekdays                map[string]int
	perTown                                    map[uint16]int
	digital                                    [2]int // by round
	all                                        [2]int
	equal                                      int // rows that equal an earlier row of their own file
}

func survey(t *testing.T, cb *model.Codebook, size Size) tally {
	c := tally{channels: map[string]int{}, sources: map[string]int{}, weekdays: map[string]int{}, perTown: map[uint16]int{}}
	country, err := newCountry(cb)
	if err != nil {
		t.Fatal(err)
	}
	names, before := map[string]bool{}, time.Time{}
	cpr := regexp.MustCompile(`\b[0-3]\d[01]\d\d\d-?\d{4}\b`)
	err = Files(cb, size, func(f File) error {
		if names[f.Name] || f.Received.Before(before) {
			t.Errorf("%s: twice, or out of order", f.Name)
		}
		names[f.Name], before = true, f.Received
		c.files++
		if f.Test {
			c.tests++
		}
		seen := map[cells]bool{}
		last := model.Date(0)
		for _, row := range parsed(t, f) {
			c.rows++
			if seen[row] {
				c.equal++
			}
			seen[row] = true
			if row[fCode] != fmt.Sprint(f.Municipality) {
				t.Fatalf("%s: municipality %q", f.Name, row[fCode])
			}
			if row[fSource] != "" && row[fSource] != f.Source {
				t.Fatalf("%s: source %q", f.Name, row[fSource])
			}
			if faulty(cb, f, &row) {
				c.faulty++
				continue
			}
			for i, v := range row {
				if field(i) != fID && cpr.MatchString(v) {
					t.Fatalf("%s: %q looks like a person's number", f.Name, v)
				}
			}
			amount := 1
			if row[fAmount] != "" {
				if amount, err = strconv.Atoi(row[fAmount]); err != nil || amount < 1 {
					t.Fatalf("%s: antal %q", f.Name, row[fAmount])
				}
			}
			at, _ := time.Parse("02-01-2006", row[fDate][:10])
			day := model.NewDate(at.Year(), int(at.Month()), at.Day())
			last = max(last, day)
			round, ok := cb.RoundOn(day)
			if f.Test {
				if ok {
					t.Fatalf("%s: a trial count on %s, inside a round", f.Name, day)
				}
				continue
			}
			if !ok {
				t.Fatalf("%s: %s is outside every round", f.Name, day)
			}
			if round.Late(f.Received) {
				c.late++
			}
			ch := cb.Channel(cb.ChannelID(row[fChannel]))
			if ch.Personal && !country.open(day) {
				t.Fatalf("%s: %s on %s, a day off", f.Name, ch.Code, day)
			}
			if clock := row[fDate]; len(clock) > 10 && ch.Personal && !strings.HasSuffix(clock, "00:00:00") {
				if h := clock[11:13]; h < "08" || h > "17" || h == "17" && day.Weekday() != time.Thursday {
					t.Fatalf("%s: %s at %s", f.Name, ch.Code, clock)
				}
			}
			if f.Kind == model.Registration {
				c.weekdays[day.Weekday().String()]++
			}
			c.contacts += amount
			c.channels[ch.Code] += amount
			c.sources[f.Source] += amount
			c.perTown[f.Municipality] += amount
			half := 0
			if round.Name == rounds[1] {
				half = 1
			}
			c.all[half] += amount
			if ch.Digital {
				c.digital[half] += amount
			}
		}
		if model.DateOf(f.Received) <= last {
			t.Errorf("%s: received %s, before its last row %s", f.Name, f.Received, last)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (c tally) check(t *testing.T, size Size, files, contacts [2]int) {
	t.Logf("%s: %+v", size, c)
	if c.files < files[0] || c.files > files[1] {
		t.Errorf("%d files, expected %v", c.files, files)
	}
	if c.contacts < contacts[0] || c.contacts > contacts[1] {
		t.Errorf("%d contacts, expected %v", c.contacts, contacts)
	}
	share := float64(c.faulty) / float64(c.rows)
	if share < 0.0005 || share > 0.02 {
		t.Errorf("%.4f of the rows are faulty", share)
	}
	if c.late == 0 || c.late > c.rows/10 {
		t.Errorf("%d rows after the deadline", c.late)
	}
	if c.equal < c.rows/20 {
		t.Errorf("only %d equal rows", c.equal)
	}
	if c.weekdays["Saturday"]+c.weekdays["Sunday"] > 0 {
		t.Error("registrations in a weekend")
	}
	for day, n := range c.weekdays {
		if day != "Monday" && n >= c.weekdays["Monday"] {
			t.Errorf("%s is busier than Monday: %v", day, c.weekdays)
		}
	}
	part := func(code string) float64 { return float64(c.channels[code]) / float64(c.contacts) }
	if part("TLFIND") < 0.15 || part("TLFIND") > 0.45 || part("PRSNLG") < 0.08 || part("PRSNLG") > 0.30 || part("DOKUD") < 0.02 {
		t.Errorf("channels %v", c.channels)
	}
	before, after := float64(c.digital[0])/float64(c.all[0]), float64(c.digital[1])/float64(c.all[1])
	if after-before < 0.01 || math.Abs(float64(c.all[1])/float64(c.all[0])-1) > 0.2 {
		t.Errorf("digital %.3f then %.3f of %v contacts", before, after, c.all)
	}
}

func TestSmallIsPlausible(t *testing.T) {
	c := survey(t, loadCodebook(t), Small)
	c.check(t, Small, [2]int{20, 32}, [2]int{13_000, 18_000})
	if len(c.perTown) != 3 || c.tests != 1 {
		t.Errorf("%d municipalities, %d trial counts", len(c.perTown), c.tests)
	}
}

func TestNationalIsPlausible(t *testing.T) {
	if testing.Short() {
		t.Skip("reads a million rows back")
	}
	cb := loadCodebook(t)
	c := survey(t, cb, National)
	c.check(t, National, [2]int{196, 600}, [2]int{900_000, 1_100_000})
	if len(c.perTown) != len(cb.Municipalities) {
		t.Errorf("%d municipalities", len(c.perTown))
	}
	if a, b := c.perTown[101], c.perTown[563]; a < 50*b {
		t.Errorf("volume does not follow population: København %d, Fanø %d", a, b)
	}
}

func BenchmarkNational(b *testing.B) {
	cb := loadCodebook(b)
	for b.Loop() {
		err := Files(cb, National, func(f File) error { return f.Write(io.Discard) })
		if err != nil {
			b.Fatal(err)
		}
	}
}
