package model

import (
	"errors"
	"fmt"
	"testing"
	"time"
)

// The week rule against package time: every day of every round from 2011 to 2030, and the days just outside.
func TestWeekRule(t *testing.T) {
	for year := 2011; year <= 2030; year++ {
		for half, weeks := range map[string][]int{"F": {17, 18, 19}, "E": {43, 44, 45}} {
			name := fmt.Sprintf("%d%s", year, half)
			r, err := ParseRound(name)
			if err != nil {
				t.Fatal(err)
			}
			var days []Date
			for at := time.Date(year, 1, 1, 12, 0, 0, 0, time.UTC); at.Year() == year; at = at.AddDate(0, 0, 1) {
				if y, w := at.ISOWeek(); y == year && w >= weeks[0] && w <= weeks[2] {
					days = append(days, NewDate(year, int(at.Month()), at.Day()))
				}
			}
			if len(days) != 21 || r.First != days[0] || r.Last != days[20] {
				t.Errorf("%s is %s – %s, want %s – %s", name, r.First, r.Last, days[0], days[len(days)-1])
			}
			if r.Contains(r.First-1) || !r.Contains(r.First) || !r.Contains(r.Last) || r.Contains(r.Last+1) {
				t.Errorf("%s does not contain its own days", name)
			}
			first, last := r.PrimaryWeek()
			if first != r.First || last != r.First+6 || r.Primary != weeks[0] || first.Weekday() != time.Monday {
				t.Errorf("%s: primary week %d is %s – %s", name, r.Primary, first, last)
			}
			if r.DataDeadline != r.Last+14 || (r.TotalsDeadline == r.DataDeadline) != (half == "E") || r.Name != name || r.Year != year {
				t.Errorf("%s: %+v", name, r)
			}
		}
	}
}

func TestParseRound(t *testing.T) {
	if r, err := ParseRound("2012f"); err != nil || r.Name != "2012F" || r.Title() != "Forår 2012" {
		t.Errorf("2012f: %v, %v", r.Name, err)
	}
	if r, err := ParseRound("2012e"); err != nil || r.Title() != "Efterår 2012" {
		t.Errorf("2012e: %v, %v", r.Name, err)
	}
	for _, name := range []string{"", "2012", "2012X", "2010F", "2101E", "12F", "F2012", "2012FF", " 012F", "+012F", "2012 ", "20æF"} {
		_, err := ParseRound(name)
		var p *Problem
		if !errors.As(err, &p) || p.Code != "round-unknown" {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// The autumn round's deadline lies after the end of summer time, the spring round's within it.
func TestLateAcrossSummerTime(t *testing.T) {
	for _, c := range []struct {
		round string
		at    string
		late  bool
	}{
		{"2013E", "2013-11-24T23:59:59+01:00", false}, {"2013E", "2013-11-25T00:00:00+01:00", true},
		{"2013E", "2013-11-24T22:59:59Z", false}, {"2013E", "2013-11-24T23:00:00Z", true},
		{"2013F", "2013-05-26T23:59:59+02:00", false}, {"2013F", "2013-05-27T00:00:00+02:00", true},
		{"2013F", "2013-05-26T21:59:59Z", false}, {"2013F", "2013-05-26T22:00:00Z", true},
		{"2013F", "2013-04-22T00:00:00+02:00", false},
	} {
		r, err := ParseRound(c.round)
		if err != nil {
			t.Fatal(err)
		}
		at, err := time.Parse(time.RFC3339, c.at)
		if err != nil {
			t.Fatal(err)
		}
		if r.Late(at) != c.late {
			t.Errorf("%s received %s: late = %v", c.round, c.at, !c.late)
		}
	}
}

func TestEditionOf(t *testing.T) {
	c := small()
	c.Editions = []Edition{c.Editions[1], c.Editions[0]} // the order of the file does not matter
	if err := c.Index(); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"2011F": "2012", "2012E": "2012", "2013F": "2013", "2013E": "2013", "2030F": "2013"} {
		r, err := c.Round(name)
		if err != nil || r.Edition != want {
			t.Errorf("%s: edition %q, want %q (%v)", name, r.Edition, want, err)
		}
	}
}

func TestRoundsAndRoundOn(t *testing.T) {
	c := small()
	if err := c.Index(); err != nil {
		t.Fatal(err)
	}
	rounds := c.Rounds(NewDate(2012, 10, 22))
	var names string
	for _, r := range rounds {
		names += r.Name + " "
	}
	if names != "2011F 2011E 2012F 2012E " {
		t.Errorf("rounds until the first day of 2012E: %s", names)
	}
	if n := len(c.Rounds(NewDate(2012, 10, 21))); n != 3 {
		t.Errorf("%d rounds the day before", n)
	}
	for day, want := range map[Date]string{
		NewDate(2012, 4, 22): "", NewDate(2012, 4, 23): "2012F", NewDate(2012, 5, 13): "2012F", NewDate(2012, 5, 14): "",
		NewDate(2012, 11, 11): "2012E", NewDate(2010, 4, 26): "", NewDate(2101, 4, 26): "",
	} {
		r, ok := c.RoundOn(day)
		if ok != (want != "") || r.Name != want {
			t.Errorf("%s lies in %q, want %q", day, r.Name, want)
		}
	}
	r, _ := c.Round("2012F")
	if r.DataDeadline != NewDate(2012, 6, 1) {
		t.Errorf("the stated record does not override the week rule: %s", r.DataDeadline)
	}
}
