package demo

import (
	"math"
	"math/rand/v2"
	"sort"

	"komhen/model"
)

// toolFile is an extract of a registration tool: one row for each contact that an employee registered.
type toolFile struct {
	*town
	name        string // seeds the draws, so two files with one name hold the same contacts
	round       model.Round
	index       int // of the round, 0 is the first
	total       float64
	first, last model.Date
	until       model.Date             // rows after this day are left out
	only        func(unit string) bool // nil: every unit
	fewer       map[string]bool        // channels that another system counts too
	layout      layout
	faults      float64 // share of rows that are damaged
	cpr         bool    // one remark holds something that looks like a person's number
}

// way is a habit ready to draw from.
type way struct {
	habit
	form    bool // the channel asks for Blanket
	types   picker[string]
	tasks   *picker[string]
	openers *[3]picker[int]
}

func (f *toolFile) ways() *picker[*way] {
	lean := random("lean/" + f.m.CodeText())
	mixes := map[float64]*picker[string]{}
	var p picker[*way]
	for _, h := range habits {
		w := &way{habit: h, form: f.cb.Channel(f.cb.ChannelID(h.code)).Form == model.FormRequired}
		for _, t := range h.types {
			w.types.add(t.code, t.weight)
		}
		if mixes[h.papers] == nil {
			mix := f.subjects(f.round, h.papers)
			mixes[h.papers] = &mix
		}
		w.tasks = mixes[h.papers]
		days := f.openings[h.hours]
		w.openers = &days
		weight := h.weight * math.Pow(h.growth, float64(f.index)) * math.Exp(0.15*lean.NormFloat64())
		if h.digital {
			weight *= f.digital
		}
		if f.fewer[h.code] {
			weight *= 0.4
		}
		p.add(w, weight)
	}
	return &p
}

type contact struct {
	way  *way
	when model.Moment
}

// each makes the rows day by day, in the order of the clock.
func (f *toolFile) each(row func(*cells) error) error {
	r := random(f.name)
	ways := f.ways()
	days, weights := f.dayWeights(f.first, f.last, 0)
	id, cprAt := 0, -1
	if f.cpr {
		cprAt = 40 + r.IntN(40)
	}
	var today []contact
	for i, day := range days {
		if day > f.until {
			break
		}
		today = today[:0]
		for range around(r, f.total*weights[i]) {
			w := ways.pick(r)
			kind := 0
			switch day.Weekday() {
			case 4:
				kind = 1
			case 5:
				kind = 2
			}
			today = append(today, contact{w, day.At(w.openers[kind].pick(r)*3600 + r.IntN(3600))})
		}
		if weights[i] == 0 {
			today = today[:0]
		}
		sort.SliceStable(today, func(a, b int) bool { return today[a].when < today[b].when })
		for _, x := range today {
			id++
			c := f.row(r, x, id)
			if f.only != nil && !f.only(c[fUnit]) {
				continue
			}
			if f.faults > 0 && r.Float64() < f.faults {
				damage(r, &c)
			}
			if cprAt >= 0 && id >= cprAt {
				c[fRemark], cprAt = inventedNumber, -1
			}
			if err := row(&c); err != nil {
				return err
			}
		}
	}
	return nil
}

// row fills in the parameters of a contact. Everything is drawn whether the layout shows it or not, so that a
// municipality's contacts do not depend on how it writes them down.
func (f *toolFile) row(r *rand.Rand, x contact, id int) (c cells) {
	w := x.way
	c[fCode], c[fName] = f.m.CodeText(), f.m.Name
	c[fChannel] = w.code
	c[fSubject] = w.tasks.pick(r)
	c[fUnit] = f.unit(r, c[fSubject])
	c[fType] = w.types.pick(r)
	straks := w.straks
	if c[fType] == "OPRET" && straks > 0.5 {
		straks -= 0.25 // a new case is more often put aside
	}
	c[fClosing] = "HOLD"
	if r.Float64() < straks {
		c[fClosing] = "STRAKS"
	}
	form := w.habit.form
	if c[fType] != "OPRET" {
		form /= 6
	}
	hasForm := r.Float64() < form
	if w.form {
		c[fForm] = "NEJ"
		if hasForm {
			c[fForm] = "JA"
		}
	}
	c[fDate] = stamp(x.when, f.layout.stamp)
	length := int(60 * w.minutes * math.Exp(0.55*r.NormFloat64()))
	c[fStart] = stamp(x.when-model.Moment(min(max(length, 15), 3600)), "second")
	c[fEnd] = stamp(x.when, "second")
	c[fSource] = toolSource
	c[fID] = "T" + f.m.CodeText() + "-" + f.round.Name + "-" + itoa(id)
	c[fGender] = [2]string{"K", "M"}[r.IntN(2)]
	c[fAge] = itoa(min(max(int(47+19*r.NormFloat64()), 15), 97))
	if len(f.postcodes.items) > 0 {
		c[fPostcode] = f.postcodes.pick(r)
	}
	c[fTried] = [4]string{"Ja", "Nej", "Nej", ""}[r.IntN(4)]
	c[fRemark] = remarks[r.IntN(len(remarks))]
	return c
}

const toolSource = "Tracetool"

// stamp writes a moment: "day" 23-04-2012, "minute" 23-04-2012 09:05, "second" 23-04-2012 09:05:31.
func stamp(m model.Moment, kind string) string {
	d, s := m.Date(), m.Clock()
	b := make([]byte, 0, 19)
	two := func(n int) { b = append(b, byte('0'+n/10%10), byte('0'+n%10)) }
	two(d.Day())
	b = append(b, '-')
	two(int(d.Month()))
	b = append(b, '-')
	two(d.Year() / 100)
	two(d.Year())
	if kind != "day" {
		b = append(b, ' ')
		two(s / 3600)
		b = append(b, ':')
		two(s / 60 % 60)
	}
	if kind == "second" {
		b = append(b, ':')
		two(s % 60)
	}
	return string(b)
}
