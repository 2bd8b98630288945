package ingest

import (
	"slices"
	"time"

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/dk"

	"komhen/model"
)

// day is what the checks need to know of a date.
type day struct {
	round   string // "" outside every round
	off     string // why offices are closed, "" on a working day
	edition int    // of the round, as its place in the codebook; -1 outside every round
	number  int    // in the calendar, from 1; 0 for a day that is not remembered
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
	found.number = len(c.known)
	c.known = append(c.known, found)
	c.numbers[d] = uint16(len(c.known) - 1)
	return &c.known[c.numbers[d]]
}
