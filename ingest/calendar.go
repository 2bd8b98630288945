package ingest

import (
	"slices"

	"komhen/model"
	"komhen/model/holidays"
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
	book    *model.Codebook
	numbers []uint16 // by days since 1970: place in known, 0 for a date not asked for yet
	known   []day
}

func newCalendar(book *model.Codebook) calendar {
	return calendar{book: book, numbers: make([]uint16, model.NewDate(2100, 1, 1)), known: make([]day, 1)}
}

// on tells what a date is.
func (c *calendar) on(d model.Date) *day {
	inside := d >= 0 && int(d) < len(c.numbers)
	if inside && c.numbers[d] != 0 {
		return &c.known[c.numbers[d]]
	}
	found := day{off: holidays.Closed(d), edition: -1}
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
