package schedule

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"komhen/model"
)

// byRule are the rounds as the week rule has them, with a totals deadline and two central deliveries.
func byRule(year int) (list []model.Round) {
	for _, half := range "FE" {
		r, err := model.ParseRound(fmt.Sprintf("%d%c", year, half))
		if err != nil {
			continue
		}
		r.TotalsDeadline = r.Last + 30
		r.CentralDelivery = []model.CentralDelivery{{What: "Selvbetjening", Day: r.Last + 10}, {What: "Digital Post", Day: r.Last + 12}}
		list = append(list, r)
	}
	return list
}

func at(text string) time.Time {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return t
}

// walk goes through the minutes of a time as a clock on the wall shows them, and gives the instants at which each wish is due: the first time a fitting
// time of day is shown, or the moment when the clock has jumped over one. It knows nothing of Next.
func walk(from, to time.Time, fits map[string]func(day model.Date, hour, minute int) bool) (due map[string][]time.Time) {
	due = map[string][]time.Time{}
	const minute = 60
	latest := int64(0) // what the clock has shown last, and never less: what it shows again is not new
	for t := from; t.Before(to); t = t.Add(time.Minute) {
		_, offset := t.In(model.Copenhagen).Zone()
		wall := t.Unix() + int64(offset)
		if latest == 0 {
			latest = wall - minute
		}
		var hit map[string]bool
		for shown := latest + minute; shown <= wall; shown += minute { // one, or all that were jumped over
			day, second := model.NewDate(1970, 1, 1)+model.Date(shown/86400), shown%86400
			for name, fit := range fits {
				if fit(day, int(second/3600), int(second%3600/60)) {
					if hit == nil {
						hit = map[string]bool{}
					}
					hit[name] = true
				}
			}
		}
		for name := range hit {
			due[name] = append(due[name], t)
		}
		latest = max(latest, wall)
	}
	return due
}

func isRound(d model.Date, extra model.Date) bool {
	for _, r := range append(byRule(d.Year()), byRule(d.Year()-1)...) {
		if d >= r.First && d <= r.Last+extra {
			return true
		}
	}
	return false
}

// TestYear holds Next to a walk through every minute of 2012: leap day, both clock changes, both rounds.
func TestYear(t *testing.T) {
	from, to := at("2011-12-31T23:00:00Z"), at("2013-01-01T00:00:00Z")
	weekday := func(d model.Date) int { return (int(d.Weekday())+6)%7 + 1 }
	clock := func(hour, minute int) func(h, m int) bool {
		return func(h, m int) bool { return h == hour && m == minute }
	}
	type wish struct {
		when When
		fits func(d model.Date, h, m int) bool
		n    int
	}
	seven, gap := clock(7, 0), clock(2, 30)
	wishes := map[string]wish{
		"every day in the hour that is missing and comes twice": {When{Kind: Daily, At: "02:30"}, func(_ model.Date, h, m int) bool { return gap(h, m) }, 366},
		"Sundays in that hour":   {When{Kind: Weekly, Weekdays: []int{7}, At: "02:30"}, func(d model.Date, h, m int) bool { return gap(h, m) && weekday(d) == 7 }, 53},
		"midnight":               {When{Kind: Daily, At: "00:00"}, func(_ model.Date, h, m int) bool { return h == 0 && m == 0 }, 367}, // and the first of 2013
		"Mondays in count weeks": {When{Kind: Weekly, Weekdays: []int{1}, At: "07:00", Only: CountWeeks}, func(d model.Date, h, m int) bool { return seven(h, m) && weekday(d) == 1 && isRound(d, 0) }, 6},
		"and the week after":     {When{Kind: Weekly, Weekdays: []int{1}, At: "07:00", Only: WeekAfter}, func(d model.Date, h, m int) bool { return seven(h, m) && weekday(d) == 1 && isRound(d, 7) }, 8},
		"the last of the month":  {When{Kind: Monthly, Day: 31, At: "23:59"}, func(d model.Date, h, m int) bool { return h == 23 && m == 59 && (d+1).Day() == 1 }, 12},
		"every hour":             {When{Kind: Cron, Cron: "0 * * * *"}, func(_ model.Date, _, m int) bool { return m == 0 }, 366 * 24}, // 02:00 of March falls on 03:00; 02:00 of October is once; and two of 2013
		"half past every hour":   {When{Kind: Cron, Cron: "30 * * * *"}, func(_ model.Date, _, m int) bool { return m == 30 }, 366*24 + 1},
		"cron in count weeks":    {When{Kind: Cron, Cron: "15 2 * * 0", Only: CountWeeks}, func(d model.Date, h, m int) bool { return h == 2 && m == 15 && weekday(d) == 7 && isRound(d, 0) }, 6},
		"29 February":            {When{Kind: Cron, Cron: "0 12 29 2 *"}, func(d model.Date, h, m int) bool { return h == 12 && m == 0 && d.Month() == 2 && d.Day() == 29 }, 1},
		"a week before the data deadline": {When{Kind: Deadline, Anchor: "data", Days: -7, At: "08:00"}, func(d model.Date, h, m int) bool {
			return h == 8 && m == 0 && slices.ContainsFunc(byRule(2012), func(r model.Round) bool { return r.DataDeadline-7 == d })
		}, 2},
		"each central delivery": {When{Kind: Deadline, Anchor: "central", Days: 1, At: "08:00"}, func(d model.Date, h, m int) bool {
			return h == 8 && m == 0 && slices.ContainsFunc(byRule(2012), func(r model.Round) bool { return r.Last+11 == d || r.Last+13 == d })
		}, 4},
	}
	fits := map[string]func(model.Date, int, int) bool{}
	for name, w := range wishes {
		fits[name] = w.fits
	}
	walked := walk(from, to, fits)
	for name, w := range wishes {
		if faults := w.when.Faults(); len(faults) > 0 {
			t.Fatalf("%s: %v", name, faults)
		}
		want := walked[name]
		var got []time.Time
		for after := from.Add(-time.Second); ; {
			due, ok := w.when.Next(after, byRule)
			if !ok || !due.Before(to) {
				break
			}
			got = append(got, due)
			after = due
		}
		if len(got) != len(want) || len(want) != w.n {
			t.Errorf("%s: %d due times, the clock says %d, expected %d", name, len(got), len(want), w.n)
		}
		for i := range min(len(got), len(want)) {
			if !got[i].Equal(want[i]) {
				t.Errorf("%s: %d is %s, the clock says %s", name, i, got[i], want[i].In(model.Copenhagen))
				break
			}
		}
	}
}

// TestClockChanges states what the two nights look like.
func TestClockChanges(t *testing.T) {
	daily := When{Kind: Daily, At: "02:30"}
	for _, c := range [][2]string{
		{"2012-03-24T12:00:00+01:00", "2012-03-25T03:00:00+02:00"}, // 02:30 is not shown that night: when the clock has jumped
		{"2012-03-25T03:00:00+02:00", "2012-03-26T02:30:00+02:00"},
		{"2012-10-27T12:00:00+02:00", "2012-10-28T02:30:00+02:00"}, // the first of two
		{"2012-10-28T02:30:00+02:00", "2012-10-29T02:30:00+01:00"},
		{"2012-10-28T02:10:00+01:00", "2012-10-29T02:30:00+01:00"}, // between: it was, an hour ago
		{"2012-02-28T12:00:00+01:00", "2012-02-29T02:30:00+01:00"},
	} {
		if due, ok := daily.Next(at(c[0]), byRule); !ok || due.Format(time.RFC3339) != c[1] {
			t.Errorf("after %s: %s", c[0], due.Format(time.RFC3339))
		}
	}
	if r, _ := model.ParseRound("2012E"); !r.Contains(model.NewDate(2012, 10, 28)) || r.Primary != 43 {
		t.Error("28 October 2012 lies in week 43")
	}
}

// TestLawsOfNext: whatever is wished for, the next due time comes after, nothing lies between, and asking from anywhere between gives the same.
func TestLawsOfNext(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := someWhen(t)
		if len(w.Faults()) > 0 {
			if _, ok := w.Next(at("2012-01-01T00:00:00Z"), byRule); ok {
				t.Fatalf("%+v is wrong, and due", w)
			}
			return
		}
		after := at("2011-01-01T00:00:00Z").Add(time.Duration(rapid.Int64Range(0, 3*366*24*3600).Draw(t, "after")) * time.Second)
		due, ok := w.Next(after, byRule)
		if !ok {
			if w.Kind != Cron {
				t.Fatalf("%+v is never due after %s", w, after)
			}
			return
		}
		if !due.After(after) || due.Second() != 0 || due.Location() != model.Copenhagen {
			t.Fatalf("%s after %s", due, after)
		}
		between := after.Add(time.Duration(rapid.Int64Range(0, int64(due.Sub(after))-1).Draw(t, "between")))
		if again, ok := w.Next(between, byRule); !ok || !again.Equal(due) {
			t.Fatalf("%+v: after %s it is %s, after %s %s", w, after, due, between, again)
		}
		latest, earlier, first := w.Missed(after, due.Add(40*24*time.Hour), byRule)
		if latest.Before(due) || earlier > 0 && !first.Equal(due) || earlier == 0 && !latest.Equal(due) {
			t.Fatalf("missed %s, %d before it since %s, and %s was due", latest, earlier, first, due)
		}
	})
}

func someWhen(t *rapid.T) When {
	w := When{Kind: rapid.SampledFrom([]string{Daily, Weekly, Monthly, Deadline, Cron, ""}).Draw(t, "kind"), At: rapid.SampledFrom([]string{"02:30", "00:00", "03:00", "23:59", "07:00", "7", "24:00"}).Draw(t, "at")}
	switch w.Kind {
	case Weekly:
		w.Weekdays = rapid.SliceOfN(rapid.IntRange(0, 8), 0, 3).Draw(t, "weekdays")
	case Monthly:
		w.Day = rapid.IntRange(0, 32).Draw(t, "day")
	case Deadline:
		w.Anchor, w.Days = rapid.SampledFrom([]string{"first", "last", "data", "totals", "central", "x"}).Draw(t, "anchor"), rapid.IntRange(-95, 95).Draw(t, "days")
	case Cron:
		w.Cron = rapid.SampledFrom([]string{"30 2 * * *", "0 */3 * * 1-5", "0 0 30 2 *", "15 7 1 * *", "59 23 31 12 *", "* * * * *", "x"}).Draw(t, "cron")
	}
	if w.Kind != Deadline && w.Kind != Monthly {
		w.Only = rapid.SampledFrom([]string{AllYear, CountWeeks, WeekAfter, "never"}).Draw(t, "only")
	}
	return w
}

func TestFaults(t *testing.T) {
	for field, list := range map[string][]When{
		"cron": {{Kind: Cron, Cron: ""}, {Kind: Cron, Cron: "* * * * *"}, {Kind: Cron, Cron: "*/30 * * * *"}, {Kind: Cron, Cron: "0 0 0 1 1 *"}, {Kind: Cron, Cron: "@hourly"}, {Kind: Cron, Cron: "TZ=UTC"},
			{Kind: Cron, Cron: "CRON_TZ=UTC 0 7 * * *"}, {Kind: Cron, Cron: "61 * * * *"}, {Kind: Cron, Cron: strings.Repeat("1,", 200) + "1 * * * *"}, {Kind: Cron, Cron: "0,5 7 * * *"}},
		"at":       {{Kind: Daily}, {Kind: Daily, At: "7:00"}, {Kind: Daily, At: "25:00"}, {Kind: Daily, At: "07:60"}, {Kind: Daily, At: "+7:00"}},
		"weekdays": {{Kind: Weekly, At: "07:00"}, {Kind: Weekly, At: "07:00", Weekdays: []int{8}}},
		"day":      {{Kind: Monthly, At: "07:00"}}, "days": {{Kind: Deadline, Anchor: "data", At: "07:00", Days: 91}}, "anchor": {{Kind: Deadline, At: "07:00"}}, "kind": {{}}, "only": {{Kind: Daily, At: "07:00", Only: "x"}},
	} {
		for _, w := range list {
			if faults := w.Faults(); len(faults) != 1 || faults[0].Field != field {
				t.Errorf("%+v: %v, want one of %s", w, faults, field)
			}
		}
	}
	if _, ok := (When{Kind: Cron, Cron: "0 0 30 2 *"}).Next(at("2012-01-01T00:00:00Z"), byRule); ok {
		t.Error("30 February came")
	}
}

// FuzzCron: no text makes the form for experts fall over, and what it takes is not oftener than once an hour.
func FuzzCron(f *testing.F) {
	for _, seed := range []string{"30 6 * * 1", "TZ=", "@every 1s", "0 0 30 2 *", "*/1 * * * *", "0 0 ? * MON-FRI"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		w := When{Kind: Cron, Cron: text}
		if len(w.Faults()) > 0 {
			return
		}
		list := w.Upcoming(at("2012-03-24T00:00:00Z"), byRule, 3)
		for i := 1; i < len(list); i++ {
			if !list[i].After(list[i-1]) {
				t.Errorf("%q: %s", text, list)
			}
		}
	})
}
