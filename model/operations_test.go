package model

import (
	"encoding/json"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestMonths: a month is read in every form it is written in, and nothing else is one.
func TestMonths(t *testing.T) {
	september := NewMonth(2020, 9)
	for _, s := range []string{"sep-20", "sep-2020", "Sept. 2020", "september 2020", "SEP 20", "sep–20", "2020-09", "09-2020", "01-09-2020", "01-09-2020 00:00:00", "2020-09-01"} {
		if m, ok := ParseMonth(s); !ok || m != september {
			t.Errorf("%q is %v, %v", s, m, ok)
		}
	}
	for _, s := range []string{"", "sep", "20", "spe-20", "13-2020", "2020-00", "02-09-2020", "sep-20 okt-20", "sep-1820"} {
		if m, ok := ParseMonth(s); ok {
			t.Errorf("%q is %v", s, m)
		}
	}
	if september.First().String() != "01-09-2020" || september.Last().String() != "30-09-2020" || NewMonth(2020, 2).Last().Day() != 29 || september.String() != "september 2020" || NewMonth(2019, 5).Short() != "maj-19" {
		t.Error(september.First(), september.Last())
	}
	for m, minutes := range map[Month]float64{september: 43_200, NewMonth(2020, 3): 44_640 - 60, NewMonth(2020, 10): 44_640 + 60, NewMonth(2020, 2): 41_760} {
		if m.Length().Minutes() != minutes {
			t.Errorf("%s lasts %v", m, m.Length())
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		m := NewMonth(rapid.IntRange(2000, 2099).Draw(t, "year"), rapid.IntRange(1, 12).Draw(t, "month"))
		for _, text := range []string{m.Short(), m.String(), m.ISO(), m.First().String()} {
			if got, ok := ParseMonth(text); !ok || got != m {
				t.Fatalf("%q is %v", text, got)
			}
		}
		raw, err := json.Marshal(m)
		var back Month
		if err != nil || json.Unmarshal(raw, &back) != nil || back != m || MonthOf(m.Last())+1 != MonthOf(m.Last()+1) {
			t.Fatalf("%s, %v", raw, back)
		}
	})
}

// TestAvailability: what is shown is read back as it was, so that a figure below its target never looks like it.
func TestAvailability(t *testing.T) {
	for text, want := range map[string]Availability{"99,80%": 99_800_000, "99,80 %": 99_800_000, "99.8": 99_800_000, "0,998": 99_800_000, "1": FullAvailability, "100": FullAvailability, "1 %": 1_000_000, "0": 0, "0.99799999999999995": 99_800_000} {
		if a, ok := ParseAvailability(text); !ok || a != want {
			t.Errorf("%q is %d, %v", text, a, ok)
		}
	}
	for _, text := range []string{"", "100,01 %", "101", "-1", "n.a.", "1e3", "99,8,0", "9980 %", "99 %%"} {
		if a, ok := ParseAvailability(text); ok {
			t.Errorf("%q is %d", text, a)
		}
	}
	if s := Availability(99_799_900).String(); s != "99,7999 %" {
		t.Error(s)
	}
	rapid.Check(t, func(t *rapid.T) {
		a := Availability(rapid.Int64Range(0, int64(FullAvailability)).Draw(t, "a"))
		if got, ok := ParseAvailability(a.String()); !ok || got != a {
			t.Fatalf("%d is written %s and read %d", a, a, got)
		}
		if a.Round(6) != a || a.Round(2).Round(2) != a.Round(2) || a.AgreesWith(a) == "" && a.Round(2) == a {
			t.Fatalf("%d rounds to %d", a, a.Round(2))
		}
	})
}

// TestDowntimeLaws: down time is within the month, does not care about order or cutting in two, and the months of an incident add up to it.
func TestDowntimeLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		first := NewMonth(2020, 1).First().At(0)
		draw := func(name string) Incident {
			from := first + Moment(rapid.Int64Range(-40*86400, 120*86400).Draw(t, name))
			return Incident{Area: "KO", From: from, To: from + Moment(rapid.Int64Range(60, 40*86400).Draw(t, name+" lasts"))}
		}
		a, b := draw("a"), draw("b")
		var sum time.Duration
		for m := NewMonth(2019, 10); m < NewMonth(2020, 9); m++ {
			both := Downtime(m, []Incident{a, b})
			middle := Incident{From: a.From + (a.To-a.From)/2, To: a.To}
			cut := a
			cut.To = middle.From
			if both > m.Length() || both != Downtime(m, []Incident{b, a}) || both < Downtime(m, []Incident{a}) || both > Downtime(m, []Incident{a})+Downtime(m, []Incident{b}) ||
				both != Downtime(m, []Incident{middle, b, cut}) {
				t.Fatalf("%s: %v of %v and %v", m, both, a, b)
			}
			if x := AvailabilityAfter(m, both); x < 0 || x > FullAvailability {
				t.Fatal(x)
			}
			sum += Downtime(m, []Incident{a})
		}
		if whole := instant(a.To).Sub(instant(a.From)); sum != whole {
			t.Fatalf("months add up to %v of %v", sum, whole)
		}
	})
	yellow := Incident{From: NewMonth(2020, 1).First().At(0), To: NewMonth(2020, 1).First().At(3600), Colour: IncidentYellow}
	if Downtime(NewMonth(2020, 1), []Incident{yellow}) != 0 {
		t.Error("a yellow incident counts")
	}
}

// TestReadyLaws: an integration is ready only when every criterion is, whatever was written; a written Nej stands.
func TestReadyLaws(t *testing.T) {
	answer := rapid.Custom(func(t *rapid.T) *bool {
		yes := rapid.Bool().Draw(t, "yes")
		return map[bool]*bool{true: &yes, false: nil}[rapid.IntRange(0, 3).Draw(t, "given") > 0]
	})
	rapid.Check(t, func(t *rapid.T) {
		i := Integration{Stated: answer.Draw(t, "stated")}
		all := true
		for n := range rapid.IntRange(0, 4).Draw(t, "criteria") {
			c := Criterion{Number: int64(n + 1), Met: answer.Draw(t, "met")}
			all = all && c.Met != nil && *c.Met
			i.Criteria = append(i.Criteria, c)
		}
		want := all && (i.Stated == nil && len(i.Criteria) > 0 || i.Stated != nil && *i.Stated)
		if i.Ready() != want {
			t.Fatalf("%+v", i)
		}
		if said := i.Contradiction() != ""; said != (i.Stated != nil && len(i.Criteria) > 0 && *i.Stated != all) {
			t.Fatalf("%+v: %s", i, i.Contradiction())
		}
	})
}
