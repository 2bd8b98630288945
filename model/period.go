package model

import (
	"encoding/json"
	"fmt"
	"time"
)

// Period is a span of whole days, the first and the last included.
type Period struct{ First, Last Date }

// String is "01-01-2012 – 31-12-2012".
func (p Period) String() string { return p.First.String() + " – " + p.Last.String() }

// Key is the period in the key of a record; it never changes.
func (p Period) Key() string { return p.First.ISO() + " " + p.Last.ISO() }

// Days is how many days it has.
func (p Period) Days() int { return int(p.Last-p.First) + 1 }

// Meets tells whether two periods share a day.
func (p Period) Meets(o Period) bool { return p.First <= o.Last && o.First <= p.Last }

type writtenPeriod struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// MarshalJSON writes {"from":"2012-01-01","to":"2012-12-31"}.
func (p Period) MarshalJSON() ([]byte, error) {
	return json.Marshal(writtenPeriod{p.First.ISO(), p.Last.ISO()})
}

// UnmarshalJSON reads what MarshalJSON writes.
func (p *Period) UnmarshalJSON(text []byte) error {
	var w writtenPeriod
	if err := json.Unmarshal(text, &w); err != nil {
		return err
	}
	for _, day := range []struct {
		text string
		to   *Date
	}{{w.From, &p.First}, {w.To, &p.Last}} {
		t, err := time.Parse("2006-01-02", day.text)
		if err != nil {
			return err
		}
		*day.to = NewDate(t.Year(), int(t.Month()), t.Day())
	}
	return nil
}

// NamedPeriod is a period that people have a name for. Name is for addresses: "2012", "2012H1", "2012K3", "2012F", "2012F-primary".
type NamedPeriod struct {
	Name, Label string
	Period
}

// PeriodsOf are the periods that totals of a year are commonly of (seed 002 p.15): the year, its halves and quarters, and the count
// periods of its rounds.
func PeriodsOf(year int, rounds []Round) []NamedPeriod {
	months := func(first, last int) Period {
		return Period{NewDate(year, first, 1), NewDate(year, last, daysIn(year, last))}
	}
	list := []NamedPeriod{{fmt.Sprint(year), fmt.Sprintf("Hele %d", year), months(1, 12)}}
	for half := 1; half <= 2; half++ {
		list = append(list, NamedPeriod{fmt.Sprintf("%dH%d", year, half), fmt.Sprintf("%d. halvår %d", half, year), months(6*half-5, 6*half)})
	}
	for quarter := 1; quarter <= 4; quarter++ {
		list = append(list, NamedPeriod{fmt.Sprintf("%dK%d", year, quarter), fmt.Sprintf("%d. kvartal %d", quarter, year), months(3*quarter-2, 3*quarter)})
	}
	for _, r := range rounds {
		list = append(list, NamedPeriod{r.Name, "Tælleperioden " + r.Title(), Period{r.First, r.Last}})
		if first, last := r.PrimaryWeek(); len(r.Weeks) > 1 {
			list = append(list, NamedPeriod{r.Name + "-primary", fmt.Sprintf("Den primære uge %d, %s", r.Primary, r.Title()), Period{first, last}})
		}
	}
	return list
}
