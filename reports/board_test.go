package reports

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"komhen/model"
	"komhen/model/holidays"
	"komhen/queries"
)

const boardFolder = "../testdata/board"

// boardCase puts testdata/board into a database.
func boardCase(t *testing.T, cb *model.Codebook) *queries.Store {
	t.Helper()
	return fill(t, func(exec func(string, ...any)) {
		exec("INSERT INTO sources VALUES (1::USMALLINT, 'Tracetool')")
		exec(insertUpload, 1, true, 0, "Tracetool", false, "", "")
		exec(insertUpload, 2, true, 0, "Tracetool", true, "", "")
		line := 0
		units := map[string]bool{}
		for _, r := range caseRows(t, boardFolder, "contacts.csv") {
			upload := 1
			if r["test"] == "ja" {
				upload = 2
			}
			for _, day := range daysIn(t, r["days"]) {
				line++
				exec(insertContact, upload, line, line, r["municipality"], 1, cb.ChannelID(r["channel"]), 4, 1, 2, 230510, day.ISO()+" 10:00:00", r["contacts"], r["unit"], "", "",
					false, r["test"] == "ja", 1, 1)
			}
			if key := r["municipality"] + r["unit"]; r["unit"] != "" && !units[key] {
				units[key] = true
				exec("INSERT INTO units VALUES (?::USMALLINT, ?, 1)", r["municipality"], r["unit"])
			}
		}
		for i, r := range caseRows(t, boardFolder, "zeros.csv") {
			day, ok := model.ParseDate(r["day"])
			if !ok {
				t.Fatal(r["day"])
			}
			z := model.Zero{Day: day, Unit: r["unit"], Channel: r["channel"], Why: r["why"]}
			if err := z.Check(cb); err != nil {
				t.Fatal(err)
			}
			body, err := json.Marshal(z)
			if err != nil {
				t.Fatal(err)
			}
			exec("INSERT INTO records VALUES (?::UBIGINT, 0, 'zero', ?::USMALLINT, '', ?, ?, TIMESTAMP '2012-10-29 09:00:00', 'konto-1')", i+1, r["municipality"], z.Key(), string(body))
		}
	})
}

// daysIn reads "2012-04-23 2012-04-26" and "2012-04-23..2012-04-27".
func daysIn(t *testing.T, text string) (days []model.Date) {
	t.Helper()
	for _, part := range strings.Fields(text) {
		from, to, ranged := strings.Cut(part, "..")
		first, ok := model.ParseDate(from)
		last := first
		if ranged && ok {
			last, ok = model.ParseDate(to)
		}
		if !ok {
			t.Fatal(part)
		}
		for d := first; d <= last; d++ {
			if !ranged || holidays.Closed(d) == "" {
				days = append(days, d)
			}
		}
	}
	return days
}

// TestBoard asks for the boards of the worked example.
func TestBoard(t *testing.T) {
	cb := smallCodebook(t)
	st := boardCase(t, cb)
	files, err := filepath.Glob(filepath.Join(boardFolder, "expected", "*.txt"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".txt")
		t.Run(name, func(t *testing.T) {
			asked, day, _ := strings.Cut(name[strings.Index(name, "@")+1:], "@")
			q := question(t, cb, "board@"+name[:strings.Index(name, "@")]+"@"+asked)
			today, ok := model.ParseDate(day)
			if !ok {
				t.Fatal(day)
			}
			q.Today = today
			got := boardText(t, st, cb, q)
			if *updateCases {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(file)
			if err != nil || got != string(want) {
				t.Errorf("%v: got\n%s\nwant\n%s", err, got, want)
			}
		})
	}
}

func boardText(t *testing.T, st *queries.Store, cb *model.Codebook, q Query) string {
	t.Helper()
	r, err := Run(context.Background(), st, cb, q)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := WriteTable(&b, r); err != nil {
		t.Fatal(err)
	}
	if q.Municipality == 0 {
		return b.String()
	}
	o, err := OutstandingOf(context.Background(), st, cb, q.Round, q.Municipality, q.Today.Time().Add(8*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintln(&b, "\nDet mangler:")
	for _, m := range o.Missing {
		fmt.Fprintf(&b, "%s: %s\n", m.Code, m.Text)
	}
	return b.String()
}

// TestCountryBoard: on every day of a round the country's figures are those of the municipalities' own boards.
func TestCountryBoard(t *testing.T) {
	ctx, cb := context.Background(), smallCodebook(t)
	st := boardCase(t, cb)
	round, err := cb.Round("2012E")
	if err != nil {
		t.Fatal(err)
	}
	seen := Coverage{}
	for today := round.First; today <= round.Last+1; today += 3 {
		country, err := CountryBoardOf(ctx, st, cb, round, today.Time())
		if err != nil {
			t.Fatal(err)
		}
		sum := Coverage{}
		for i, row := range country.Rows {
			b, err := BoardOf(ctx, st, cb, round, row.Municipality.Code, 0, 0, today.Time())
			if err != nil {
				t.Fatal(err)
			}
			if country.Coverages[i] != b.Coverage || b.Covered+len(silentDays(b)) != b.Expected || b.Coverage.Silent != len(b.Outstanding.Silent) {
				t.Errorf("%s, %s: %+v, its own board says %+v with %d silent days", today, row.Municipality.Name, country.Coverages[i], b.Coverage, len(silentDays(b)))
			}
			if country.Tests[i].Contacts != b.Test.Contacts {
				t.Errorf("%s: %d test rows, and %d", row.Municipality.Name, country.Tests[i].Contacts, b.Test.Contacts)
			}
			sum.add(b.Coverage)
		}
		if sum != country.Total {
			t.Errorf("%s: %+v in all, the parts are %+v", today, country.Total, sum)
		}
		seen = sum
	}
	if seen.Expected == 0 || seen.Covered == 0 || seen.Silent == 0 {
		t.Errorf("the example shows nothing: %+v", seen)
	}
}

func silentDays(b *Board) (days []model.Date) {
	for _, s := range b.Outstanding.Silent {
		days = append(days, s.Days...)
	}
	return days
}

// TestBoardDays: chosen days are the same cells as those days in the whole round's board; too many are refused; the cube says the same.
func TestBoardDays(t *testing.T) {
	ctx, cb := context.Background(), smallCodebook(t)
	st := boardCase(t, cb)
	round, err := cb.Round("2012E")
	if err != nil {
		t.Fatal(err)
	}
	now := model.NewDate(2012, 10, 31).Time()
	whole, err := BoardOf(ctx, st, cb, round, 259, 0, 0, now)
	if err != nil {
		t.Fatal(err)
	}
	from := model.NewDate(2012, 10, 24)
	part, err := BoardOf(queries.WithoutCube(ctx), st, cb, round, 259, from, from+2, now)
	if err != nil {
		t.Fatal(err)
	}
	cells := func(b *Board) map[string]string {
		found := map[string]string{}
		for _, u := range b.Units {
			for _, c := range u.Cells {
				if c.Day >= from && c.Day <= from+2 {
					found[u.Unit+c.Day.ISO()] = fmt.Sprint(c.State, c.Contacts, c.Expected, c.SilentChannels)
				}
			}
		}
		return found
	}
	got, want := cells(part), cells(whole)
	if len(got) < 9 {
		t.Fatalf("%d cells", len(got))
	}
	for key := range got {
		if got[key] != want[key] {
			t.Errorf("%s: %s, in the whole round %s", key, got[key], want[key])
		}
	}
	for _, days := range [][2]model.Date{{from, from - 1}, {from, from + 62}} {
		if _, err := BoardOf(ctx, st, cb, round, 259, days[0], days[1], now); err == nil {
			t.Errorf("%v was shown", days)
		}
	}
	if _, err := BoardOf(ctx, st, cb, round, 0, 0, 0, now); err == nil {
		t.Error("units of everybody were shown")
	}
}

// TestZeroOnTheFrontPage: a day that is declared as zero for the whole municipality is no gap, nor is a holiday; one of a unit alone does not
// help the others.
func TestZeroOnTheFrontPage(t *testing.T) {
	ctx, cb := context.Background(), smallCodebook(t)
	st := boardCase(t, cb)
	for name, want := range map[string]string{"2012E": "30-10-2012 31-10-2012 02-11-2012 05-11-2012 06-11-2012 07-11-2012 08-11-2012 09-11-2012", "2012F": ""} {
		round, err := cb.Round(name)
		if err != nil {
			t.Fatal(err)
		}
		p, err := FrontPageOf(ctx, st, cb, round, 259, model.NewDate(2013, 1, 1).Time())
		if err != nil {
			t.Fatal(err)
		}
		var gaps []string
		for _, d := range p.Days {
			if d.Gap() {
				gaps = append(gaps, d.Day.String())
			}
		}
		if got := strings.Join(gaps, " "); got != want {
			t.Errorf("%s: gaps on %s, must be %s", name, got, want)
		}
	}
}

// TestOwed: what other subjects say is owed stands among what is missing, before the approval, also where there are no contacts.
func TestOwed(t *testing.T) {
	ctx, cb := context.Background(), smallCodebook(t)
	st := boardCase(t, cb)
	round, err := cb.Round("2012E")
	if err != nil {
		t.Fatal(err)
	}
	for _, municipality := range []uint16{150, 259} {
		o, err := OutstandingOf(ctx, st, cb, round, municipality, model.NewDate(2012, 12, 1).Time())
		if err != nil {
			t.Fatal(err)
		}
		var codes []string
		for _, m := range o.Missing {
			codes = append(codes, m.Code)
		}
		last := strings.Join(codes[len(codes)-2:], " ")
		if want := map[uint16]string{150: "no-contacts totals", 259: "totals not-approved"}[municipality]; last != want || len(o.Owed) == 0 {
			t.Errorf("%d: what is missing ends in %s, not %s", municipality, last, want)
		}
	}
}

// TestHabit holds the rule to its limits.
func TestHabit(t *testing.T) {
	cb := smallCodebook(t)
	spring, _ := cb.Round("2012F")
	autumn, _ := cb.Round("2012E")
	monday := autumn.First
	for _, c := range []struct {
		why  string
		then []int64 // Mondays and Tuesdays of the spring's weeks, in turn
		want bool
	}{
		{"three a day on all Mondays", []int64{3, 0, 3, 0, 3, 0}, true},
		{"three on two of three", []int64{3, 0, 0, 1, 3, 0}, true},
		{"many on one of three", []int64{90, 0, 2, 1, 2, 1}, false},
		{"two a day, but more on Tuesdays", []int64{2, 9, 2, 9, 2, 9}, false},
		{"only the second week was counted", []int64{0, 0, 9, 0, 0, 0}, false},
		{"only the first", []int64{9, 0, 0, 0, 0, 0}, true},
		{"never on Mondays", []int64{0, 9, 0, 9, 0, 9}, false},
	} {
		h := newHistory()
		for i, n := range c.then {
			h.add(spring.First+model.Date(7*(i/2)+i%2), 1, n)
		}
		b := habitOf(h, autumn, []model.Round{spring}, calendar{}, func(model.Date) bool { return false })
		if got := b.expects(monday, h.all); got != c.want {
			t.Errorf("%s: %v", c.why, got)
		}
	}
	// a silent day is never evidence: a unit that stays away stays silent
	h := newHistory()
	for d := monday; d < monday+4; d++ {
		h.add(d, 1, 5)
	}
	h.add(monday+11, 1, 5) // Friday of the second week
	b := habitOf(h, autumn, nil, calendar{}, func(d model.Date) bool { return d == monday+4 })
	var silent []model.Date
	for d := monday; d <= monday+11; d++ {
		if h.all[d] == 0 && holidays.Closed(d) == "" && b.expects(d, h.all) {
			silent = append(silent, d-monday)
		}
	}
	if want := []model.Date{4, 7, 8, 9, 10}; !reflect.DeepEqual(silent, want) {
		t.Errorf("silent on %d, must be %d", silent, want)
	}
}
