package ingest

import (
	"slices"
	"time"

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/dk"

	"komhen/model"
	"komhen/queries"
)

// day is what the checks need to know of a date.
type day struct {
	round   string // "" outside every round
	off     string // why offices are closed, "" on a working day
	edition int    // of the round, as its place in the codebook; -1 outside every round
}

// calendar answers per date and remembers the answers. It is not safe for concurrent use.
type calendar struct {
	book     *model.Codebook
	holidays *cal.BusinessCalendar
	numbers  []uint16 // by days since 1970: place in known, 0 for a date not asked for yet
	known    []day
}

func newCalendar(book *model.Codebook) calendar {
	holidays := cal.NewBusinessCalendar()
	holidays.AddHoliday(dk.Holidays...)
	holidays.AddHoliday(christmasEve)
	return calendar{book: book, holidays: holidays, numbers: make([]uint16, model.NewDate(2100, 1, 1)), known: make([]day, 1)}
}

// christmasEve is no public holiday by law, but town halls are closed.
var christmasEve = &cal.Holiday{Name: "Juleaftensdag", Type: cal.ObservanceOther, Month: time.December, Day: 24, Func: cal.CalcDayOfMonth}

var weekend = map[time.Weekday]string{time.Saturday: "lørdag", time.Sunday: "søndag"}

// on tells what a date is.
func (c *calendar) on(d model.Date) *day {
	inside := d >= 0 && int(d) < len(c.numbers)
	if inside && c.numbers[d] != 0 {
		return &c.known[c.numbers[d]]
	}
	found := day{off: weekend[d.Weekday()], edition: -1}
	if _, observed, holiday := c.holidays.IsHoliday(d.Time()); observed && holiday != nil {
		found.off = holiday.Name
	}
	if r, in := c.book.RoundOn(d); in {
		found.round = r.Name
		found.edition = slices.IndexFunc(c.book.Editions, func(e model.Edition) bool { return e.Name == r.Edition })
	}
	if !inside {
		return &found
	}
	c.known = append(c.known, found)
	c.numbers[d] = uint16(len(c.known) - 1)
	return &c.known[c.numbers[d]]
}

// tally counts what the warnings about a whole upload need (W02, W06, W09) and what the receipt tells of its period.
type tally struct {
	days      map[model.Date]*dayTally
	municipal [maxMunicipality]*municipalTally // by code
	subjects  int                              // how many the codebook has
	lastDay   model.Date
	today     *dayTally // of lastDay
}

// maxMunicipality is above every municipality code: they have three digits.
const maxMunicipality = 1000

// dayTally is the valid rows of a day and the first of their lines.
type dayTally struct{ rows, line int64 }

// municipalTally is which of the codebook's tasks a municipality has in the upload, by edition of their round.
type municipalTally struct{ editions map[int][]bool }

func newTally(book *model.Codebook) *tally {
	return &tally{days: map[model.Date]*dayTally{}, subjects: len(book.Subjects), lastDay: -1 << 31}
}

// add counts a row. subject is the place of its task in the codebook, -1 when it is in no package.
func (t *tally) add(r *queries.Row, d *day, subject int) {
	date := r.Moment.Date()
	if date != t.lastDay {
		t.lastDay = date
		if t.today = t.days[date]; t.today == nil {
			t.today = &dayTally{line: int64(r.Line)}
			t.days[date] = t.today
		}
	}
	t.today.rows++
	t.today.line = min(t.today.line, int64(r.Line))
	m := t.municipal[r.Municipality]
	if m == nil {
		m = &municipalTally{map[int][]bool{}}
		t.municipal[r.Municipality] = m
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

// merge adds another worker's tally.
func (t *tally) merge(o *tally) {
	for date, d := range o.days {
		mine := t.days[date]
		if mine == nil {
			t.days[date] = d
			continue
		}
		mine.rows += d.rows
		mine.line = min(mine.line, d.line)
	}
	for code, m := range o.municipal {
		mine := t.municipal[code]
		if mine == nil || m == nil {
			if m != nil {
				t.municipal[code] = m
			}
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
