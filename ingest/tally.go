package ingest

import (
	"slices"

	"komhen/model"
	"komhen/queries"
)

// tally counts what the warnings about a whole upload need (W02, W05, W06, W09) and what the receipt tells of its period.
type tally struct {
	days      map[model.Date]*dayTally
	quick     []*dayTally                      // the same by number of the day
	municipal [maxMunicipality]*municipalTally // by code
	subjects  int                              // how many the codebook has
	editions  int                              // likewise
	names     []string                         // of units, by number
	crowded   bool                             // more units than are counted here
	units     map[unitOf]dayTally              // of all workers
	parts     map[uint16]partTally             // of a central delivery: what each municipality has in it, 0 what is nobody's
}

// maxMunicipality is above every municipality code: they have three digits.
const maxMunicipality = 1000

// maxUnits is how many different units are counted: more than any register has. A column of other things has as many as there are
// rows, and those are counted by the database.
const maxUnits = 1024

type unitOf struct {
	municipality uint16
	unit         string
}

// dayTally is the valid rows of a day, or of a unit, and the first of their lines.
type dayTally struct{ rows, line int64 }

func (d *dayTally) add(rows, line int64) {
	if d.rows == 0 || line < d.line {
		d.line = line
	}
	d.rows += rows
}

// municipalTally is what a municipality has in the upload: which of the codebook's tasks, by edition of their round (nil where it
// has none), and its units by number.
type municipalTally struct {
	editions [][]bool
	units    []dayTally
}

func newTally(book *model.Codebook) *tally {
	return &tally{days: map[model.Date]*dayTally{}, subjects: len(book.Subjects), editions: len(book.Editions), units: map[unitOf]dayTally{}, parts: map[uint16]partTally{}}
}

// number gives a unit its number.
func (t *tally) number(unit string) int {
	if len(t.names) < maxUnits {
		t.names = append(t.names, unit)
		return len(t.names) - 1
	}
	return maxUnits
}

// add counts a row. subject is the place of its task in the codebook, -1 when it is in no package; unit is a number, -1 for none.
func (t *tally) add(r *queries.Row, d *day, subject, unit int) {
	t.on(r.Moment, d).add(1, int64(r.Line))
	m := t.municipal[r.Municipality]
	if m == nil {
		m = &municipalTally{editions: make([][]bool, t.editions)}
		t.municipal[r.Municipality] = m
	}
	switch {
	case unit >= maxUnits:
		t.crowded = true
	case unit >= len(m.units):
		m.units = append(m.units, make([]dayTally, unit+1-len(m.units))...)
		fallthrough
	case unit >= 0:
		m.units[unit].add(1, int64(r.Line))
	}
	if d.edition < 0 {
		return
	}
	tasks := m.editions[d.edition]
	if tasks == nil {
		tasks = make([]bool, t.subjects)
		m.editions[d.edition] = tasks
	}
	if subject >= 0 {
		tasks[subject] = true
	}
}

// on is the tally of a day.
func (t *tally) on(m model.Moment, d *day) *dayTally {
	if d.number < len(t.quick) && t.quick[d.number] != nil {
		return t.quick[d.number]
	}
	date := m.Date()
	sum := t.days[date]
	if sum == nil {
		sum = &dayTally{}
		t.days[date] = sum
	}
	if d.number > 0 {
		if d.number >= len(t.quick) {
			t.quick = append(t.quick, make([]*dayTally, d.number+1-len(t.quick))...)
		}
		t.quick[d.number] = sum
	}
	return sum
}

// merge adds another worker's tally.
func (t *tally) merge(o *tally) {
	t.crowded = t.crowded || o.crowded
	for code, p := range o.parts {
		t.parts[code] = t.parts[code].with(p)
	}
	for date, d := range o.days {
		if mine := t.days[date]; mine != nil {
			mine.add(d.rows, d.line)
		} else {
			t.days[date] = d
		}
	}
	for code, m := range o.municipal {
		if m == nil {
			continue
		}
		for number, d := range m.units {
			if d.rows > 0 {
				key := unitOf{uint16(code), o.names[number]}
				sum := t.units[key]
				sum.add(d.rows, d.line)
				t.units[key] = sum
			}
		}
		mine := t.municipal[code]
		if mine == nil {
			t.municipal[code] = &municipalTally{editions: m.editions}
			continue
		}
		for edition, tasks := range m.editions {
			if mine.editions[edition] == nil {
				mine.editions[edition] = tasks
				continue
			}
			for i, has := range tasks {
				mine.editions[edition][i] = mine.editions[edition][i] || has
			}
		}
	}
}

// ownSpan is where the rows lie that the upload brought, or nil where the tally does not tell: unless every valid row is one, and
// unless they are of one municipality or all in one round, so that each municipality surely has some in that round.
func (u *Upload) ownSpan(p *pipeline) *queries.Span {
	codes := p.tally.codes()
	if u.plan.fix || p.repeats != 0 || p.conflicts > 0 || u.Receipt.Accepted != p.counted.rows || len(codes) > 1 && len(p.rounds) > 1 {
		return nil
	}
	span := &queries.Span{Municipalities: codes}
	for date := range p.tally.days {
		if monday := date - model.Date((int(date.Weekday())+6)%7); !slices.Contains(span.Weeks, monday) {
			span.Weeks = append(span.Weeks, monday)
		}
	}
	slices.Sort(span.Weeks)
	return span
}

// codes are the municipalities that have rows, in order.
func (t *tally) codes() []uint16 {
	var codes []uint16
	for code, m := range t.municipal {
		if m != nil {
			codes = append(codes, uint16(code))
		}
	}
	return codes
}

// period is the first and last day of the valid rows, and their sums by round ("" is outside every round).
func (t *tally) period(days *calendar) (first, last model.Date, rounds map[string]dayTally) {
	rounds = map[string]dayTally{}
	for date, d := range t.days {
		if len(rounds) == 0 || date < first {
			first = date
		}
		if len(rounds) == 0 || date > last {
			last = date
		}
		name := days.on(date).round
		sum, ok := rounds[name]
		if !ok || d.line < sum.line {
			sum.line = d.line
		}
		sum.rows += d.rows
		rounds[name] = sum
	}
	return first, last, rounds
}

// mainRound is the round that most valid rows lie in.
func mainRound(rounds map[string]dayTally) string {
	best, most := "", int64(0)
	for round, d := range rounds {
		if round != "" && (d.rows > most || d.rows == most && round < best) {
			best, most = round, d.rows
		}
	}
	return best
}

// newUnits are the units of the valid rows, in no order; the register may know them.
func (t *tally) newUnits() []queries.NewUnit {
	list := make([]queries.NewUnit, 0, len(t.units))
	for of, d := range t.units {
		list = append(list, queries.NewUnit{Municipality: of.municipality, Unit: of.unit, Rows: d.rows, Line: d.line})
	}
	return list
}
