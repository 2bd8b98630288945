package model

import (
	"fmt"
	"strings"
	"time"
)

// Round is a tællerunde: the joint count weeks of a spring (F) or an autumn (E). What the codebook states overrides the week rule
// (codebook §3), and what an operator has declared overrides both (RoundDates).
type Round struct {
	Name         string // "2012F"
	Year         int
	Weeks        []int // ISO weeks
	Primary      int   // the week to count if only one is counted
	First, Last  Date
	DataDeadline Date // rows received after the end of this day are "efter frist"
	// TotalsDeadline is 0 where the round asks for no totals, CentralDelivery empty where no day is set (see CentralDay).
	TotalsDeadline  Date
	CentralDelivery []CentralDelivery
	Edition         string // codebook edition that governs the round
	Declared        bool   // an operator has set its dates; they are not the codebook's or the rule's
}

// CentralDelivery is a day on which KL loads statistics of one kind unless the municipality does it itself.
type CentralDelivery struct {
	What string // "Selvbetjening", "Digital Post"
	Day  Date
}

// Title is the round in words, "Forår 2012".
func (r Round) Title() string {
	if r.Name[len(r.Name)-1] == 'F' {
		return fmt.Sprintf("Forår %d", r.Year)
	}
	return fmt.Sprintf("Efterår %d", r.Year)
}

// Contains tells whether a day lies in the round.
func (r Round) Contains(d Date) bool { return d >= r.First && d <= r.Last }

// PrimaryWeek is the first and last day of the round's primary week.
func (r Round) PrimaryWeek() (first, last Date) {
	first = mondayOf(r.Year, r.Primary)
	return first, first + 6
}

// Late tells whether an upload received at t is after the deadline: 23:59:59 in Copenhagen on the last day.
func (r Round) Late(t time.Time) bool { return DateOf(t) > r.DataDeadline }

// CentralDay is when a central delivery is loaded: the stated day, else the day of the data deadline (inventory D4).
func (r Round) CentralDay(what string) Date {
	for _, d := range r.CentralDelivery {
		if d.What == what {
			return d.Day
		}
	}
	return r.DataDeadline
}

// mondayOf is the first day of an ISO week: week 1 holds 4 January.
func mondayOf(year, week int) Date {
	d := NewDate(year, 1, 4)
	monday := d - Date((int(d.Weekday())+6)%7)
	return monday + Date(7*(week-1))
}

// The week rule, weeks 17–19 and 43–45 with the first as primary week: seed 002 p.5.
var roundWeeks = map[byte][]int{'F': {17, 18, 19}, 'E': {43, 44, 45}}

// afterRound is how many days after a round its data are due: two weeks (seed 002 p.12). Totals are due once a year (seed 002 p.15), by
// rule with the autumn's data (inventory D4; which round is ours, after 2012).
const afterRound = 14

// ParseRound reads a round name such as 2012F and gives the round by the week rule, without deadlines stated elsewhere.
func ParseRound(name string) (Round, error) {
	var year int
	var half byte
	if len(name) == 5 {
		if _, err := fmt.Sscanf(name, "%4d%c", &year, &half); err == nil {
			if half == 'f' || half == 'e' {
				half -= 'a' - 'A'
			}
			if weeks, ok := roundWeeks[half]; ok && year >= 2011 && year <= 2100 {
				first := mondayOf(year, weeks[0])
				last := first + Date(7*len(weeks)-1)
				r := Round{
					Name: fmt.Sprintf("%04d%c", year, half), Year: year, Weeks: weeks, Primary: weeks[0],
					First: first, Last: last,
					DataDeadline: last + afterRound,
				}
				if half == 'E' {
					r.TotalsDeadline = last + afterRound
				}
				return r, nil
			}
		}
	}
	return Round{}, &Problem{Code: "round-unknown", Message: fmt.Sprintf("Runden %q kendes ikke. Skriv et årstal fra 2011 og F (forår) eller E (efterår), fx 2012F.", name)}
}

// Round finds a round by name: as an operator declared it, else as the codebook states it, else by the week rule. Its edition is
// filled in.
func (c *Codebook) Round(name string) (Round, error) {
	r, err := c.DefaultRound(name)
	if err != nil {
		return Round{}, err
	}
	if declared, ok := c.declaredRounds()[r.Name]; ok {
		return declared, nil
	}
	return r, nil
}

// DefaultRound is a round as the codebook states it, else by the week rule, whatever has been declared.
func (c *Codebook) DefaultRound(name string) (Round, error) {
	r, err := ParseRound(name)
	if err != nil {
		return Round{}, err
	}
	if stated := c.statedRound[r.Name]; stated != nil {
		r = *stated
	}
	r.Edition = c.EditionOf(r)
	return r, nil
}

// RoundOn is the round a day lies in; ok is false for a day outside every round.
func (c *Codebook) RoundOn(d Date) (r Round, ok bool) {
	for _, half := range []string{"F", "E"} {
		r, err := c.Round(fmt.Sprintf("%04d%s", d.Year(), half))
		if err == nil && r.Contains(d) {
			return r, true
		}
	}
	return Round{}, false
}

// Rounds lists every round from 2011F to the last one that has begun on the day, oldest first.
func (c *Codebook) Rounds(until Date) []Round {
	var rounds []Round
	for year := 2011; year <= until.Year(); year++ {
		for _, half := range []string{"F", "E"} {
			if r, err := c.Round(fmt.Sprintf("%04d%s", year, half)); err == nil && r.First <= until {
				rounds = append(rounds, r)
			}
		}
	}
	return rounds
}

// EditionOf is the newest edition whose first round is not after the round. It is a matter of names: other weeks do not move a
// round into another edition.
func (c *Codebook) EditionOf(r Round) string {
	best, bestFrom := "", 0
	for _, e := range c.Editions {
		from, err := ParseRound(e.From)
		if err == nil && from.order() <= r.order() && (best == "" || from.order() >= bestFrom) {
			best, bestFrom = e.Name, from.order()
		}
	}
	return best
}

// order numbers the rounds as they follow each other.
func (r Round) order() int {
	if strings.HasSuffix(r.Name, "E") {
		return 2*r.Year + 1
	}
	return 2 * r.Year
}
