package demo

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/dk"

	"komhen/model"
)

// country is the codebook with everything that the municipalities have in common.
type country struct {
	cb       *model.Codebook
	rounds   []model.Round
	calendar *cal.BusinessCalendar
	openings map[opening][3]picker[int] // hours of an ordinary day, a Thursday and a Friday
}

// newCountry checks that the codebook knows every code of the habits.
func newCountry(cb *model.Codebook) (*country, error) {
	c := &country{cb: cb, calendar: cal.NewBusinessCalendar(), openings: map[opening][3]picker[int]{}}
	c.calendar.AddHoliday(dk.Holidays...)
	for _, name := range rounds {
		r, err := cb.Round(name)
		if err != nil {
			return nil, err
		}
		c.rounds = append(c.rounds, r)
	}
	for _, o := range []opening{atDesk, onPhone, atCounter} {
		var days [3]picker[int]
		for i := range days {
			for hour, w := range hours(o, i == 1, i == 2) {
				days[i].add(hour, w)
			}
		}
		c.openings[o] = days
	}
	var unknown []string
	check := func(kind string, id uint8, code string) {
		if id == 0 && code != "" {
			unknown = append(unknown, kind+" "+code)
		}
	}
	all := func(kind string, find func(string) uint8, codes []weighted) {
		for _, w := range codes {
			check(kind, find(w.code), w.code)
		}
	}
	for _, h := range habits {
		check("channel", cb.ChannelID(h.code), h.code)
		all("type", cb.TypeID, h.types)
	}
	for _, s := range systems {
		all("channel", cb.ChannelID, s.channels)
		all("type", cb.TypeID, s.types)
		all("closing", cb.ClosingID, s.closings)
		all("form", cb.FormID, s.forms)
	}
	all("closing", cb.ClosingID, []weighted{{"STRAKS", 1}, {"HOLD", 1}})
	all("form", cb.FormID, []weighted{{"JA", 1}, {"NEJ", 1}})
	all("channel", cb.ChannelID, []weighted{{websiteChannel, 1}})
	if len(unknown) > 0 {
		return nil, fmt.Errorf("demo: the codebook lacks %s", strings.Join(unknown, ", "))
	}
	return c, nil
}

// open tells whether people can call or come on that day.
func (c *country) open(d model.Date) bool {
	t := time.Date(d.Year(), d.Month(), d.Day(), 12, 0, 0, 0, time.UTC)
	holiday, _, _ := c.calendar.IsHoliday(t)
	return weekday[d.Weekday()] > 0 && !holiday
}

// town is a municipality and what is particular to it.
type town struct {
	*country
	m          *model.Municipality
	population float64
	weeks      int     // how many weeks of a round it counts
	activity   float64 // contacts per 1,000 inhabitants over three weeks
	digital    float64 // factor on digital channels in the first round
	desks      []desk
	branches   picker[string]
	postcodes  picker[string]
	people     bool // its tool asks for gender, age and postcode
}

// perThousand is the average activity of the country.
const perThousand = 142

func (c *country) town(code uint16) (*town, error) {
	m := c.cb.Municipality(code)
	if m == nil {
		return nil, fmt.Errorf("demo: the codebook lacks municipality %d", code)
	}
	n, _ := m.PopulationOn(c.rounds[0].First)
	r := random("town/" + itoa(int(code)))
	t := &town{country: c, m: m, population: float64(n)}
	t.activity = perThousand * math.Exp(0.18*r.NormFloat64())
	t.digital = math.Exp(0.25*r.NormFloat64() + 0.08*math.Log(float64(n)/50_000))
	t.weeks = []int{1, 2, 3, 3, 3}[r.IntN(5)]
	t.people = r.Float64() < 0.3
	for _, d := range desks {
		if n >= d.from {
			t.desks = append(t.desks, d)
		}
	}
	if n < branchesFrom {
		t.branches.add(frontOffice, 1)
	} else {
		for _, b := range branches {
			t.branches.add(b.code, b.weight)
		}
	}
	for _, p := range postcodes[code] {
		t.postcodes.add(p.code, p.weight)
	}
	return t, nil
}

// unit is who handles a task: its own desk, or in three of ten cases the front office.
func (t *town) unit(r *rand.Rand, subject string) string {
	if r.Float64() > 0.3 {
		for _, d := range t.desks {
			for _, g := range d.groups {
				if strings.HasPrefix(subject, g) {
					return d.name
				}
			}
		}
	}
	return t.branches.pick(r)
}

// subjects is the mix of tasks of the round's edition; factor is how much more common the papers are.
func (c *country) subjects(round model.Round, factor float64) (p picker[string]) {
	for _, s := range c.cb.Subjects {
		kle, weight := s.KLE.String(), 0.0
		switch s.Packages[round.Edition] {
		case model.Obligatory:
			weight = 1.2
		case model.Extra:
			weight = 0.3
		default:
			continue
		}
		for _, h := range heavy {
			if h.code == kle {
				weight = h.weight
			}
		}
		for _, g := range papers {
			if strings.HasPrefix(kle, g) {
				weight *= factor
			}
		}
		p.add(kle, weight)
	}
	return p
}

// period is the days of a round that the municipality counts.
func (t *town) period(round model.Round) (first, last model.Date) {
	return round.First, min(round.First+model.Date(7*t.weeks-1), round.Last)
}

// dayWeights shares a file's contacts over its days. weekend is the weight of a closed day.
func (t *town) dayWeights(first, last model.Date, weekend float64) (days []model.Date, weights []float64) {
	total := 0.0
	for d := first; d <= last; d++ {
		w := weekend
		if t.open(d) {
			w = weekday[d.Weekday()]
		}
		w *= laterWeeks[min(int(d-first)/7, len(laterWeeks)-1)]
		total += w
		days, weights = append(days, d), append(weights, w)
	}
	for i := range weights {
		weights[i] /= total
	}
	return days, weights
}

// volume is how many contacts a source brings over the weeks that the municipality counts, were it the only one.
func (t *town) volume(scale float64) float64 {
	sum := 0.0
	for i := range t.weeks {
		sum += laterWeeks[i]
	}
	return t.population / 1000 * t.activity * scale * sum / (laterWeeks[0] + laterWeeks[1] + laterWeeks[2])
}

// slug is the municipality's name as it stands in file names.
func (t *town) slug() string {
	return strings.NewReplacer("æ", "ae", "ø", "oe", "å", "aa", " ", "-").Replace(strings.ToLower(t.m.Name))
}
