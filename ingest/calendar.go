package ingest

import (
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
	obliged string // edition of the round
}

// calendar answers per date and remembers the answers. It is not safe for concurrent use.
type calendar struct {
	book     *model.Codebook
	holidays *cal.BusinessCalendar
	known    map[model.Date]day
	last     model.Date
	lastDay  day
}

func newCalendar(book *model.Codebook) calendar {
	holidays := cal.NewBusinessCalendar()
	holidays.AddHoliday(dk.Holidays...)
	return calendar{book: book, holidays: holidays, known: map[model.Date]day{}, last: -1 << 31}
}

var weekend = map[time.Weekday]string{time.Saturday: "lørdag", time.Sunday: "søndag"}

// on tells what a date is.
func (c *calendar) on(d model.Date) day {
	if d == c.last {
		return c.lastDay
	}
	known, ok := c.known[d]
	if !ok {
		known.off = weekend[d.Weekday()]
		if _, observed, holiday := c.holidays.IsHoliday(d.Time()); observed && holiday != nil {
			known.off = holiday.Name
		}
		if r, in := c.book.RoundOn(d); in {
			known.round, known.obliged = r.Name, r.Edition
		}
		c.known[d] = known
	}
	c.last, c.lastDay = d, known
	return known
}

// tally counts what the warnings about a whole upload need (W02, W06, W09) and what the receipt tells of its period.
type tally struct {
	first, last model.Date
	rounds      map[string]int64           // valid rows by round, "" outside
	firstLine   map[string]int64           // the first of them
	municipal   map[uint16]*municipalTally // by municipality
}

type municipalTally struct {
	rows     int64
	editions map[string]map[model.KLE]bool // tasks that stand in the upload, by edition of their round
}

func newTally() tally {
	return tally{rounds: map[string]int64{}, firstLine: map[string]int64{}, municipal: map[uint16]*municipalTally{}}
}

func (t *tally) add(r *queries.Row, d day) {
	date := r.Moment.Date()
	if t.first == 0 || date < t.first {
		t.first = date
	}
	if date > t.last {
		t.last = date
	}
	t.rounds[d.round]++
	if line, ok := t.firstLine[d.round]; !ok || int64(r.Line) < line {
		t.firstLine[d.round] = int64(r.Line)
	}
	m := t.municipal[r.Municipality]
	if m == nil {
		m = &municipalTally{editions: map[string]map[model.KLE]bool{}}
		t.municipal[r.Municipality] = m
	}
	m.rows++
	if d.obliged == "" {
		return
	}
	tasks := m.editions[d.obliged]
	if tasks == nil {
		tasks = map[model.KLE]bool{}
		m.editions[d.obliged] = tasks
	}
	if !tasks[r.Subject] {
		tasks[r.Subject] = true
	}
}

// merge adds another worker's tally.
func (t *tally) merge(o tally) {
	if t.first == 0 || o.first != 0 && o.first < t.first {
		t.first = o.first
	}
	t.last = max(t.last, o.last)
	for round, n := range o.rounds {
		t.rounds[round] += n
		if line, ok := t.firstLine[round]; !ok || o.firstLine[round] < line {
			t.firstLine[round] = o.firstLine[round]
		}
	}
	for code, m := range o.municipal {
		mine := t.municipal[code]
		if mine == nil {
			t.municipal[code] = m
			continue
		}
		mine.rows += m.rows
		for edition, tasks := range m.editions {
			if mine.editions[edition] == nil {
				mine.editions[edition] = tasks
				continue
			}
			for k := range tasks {
				mine.editions[edition][k] = true
			}
		}
	}
}

// mainRound is the round that most valid rows lie in.
func (t *tally) mainRound() string {
	best, most := "", int64(0)
	for round, n := range t.rounds {
		if round != "" && (n > most || n == most && round < best) {
			best, most = round, n
		}
	}
	return best
}
