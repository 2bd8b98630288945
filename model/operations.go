package model

import (
	"cmp"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Driftsstatus: how much of the time shared systems could be used, month by month, against what was agreed (seed 003, inventory §13).

// Availability is a share of time in hundred-millionths: 100 % is FullAvailability. Whole numbers, so that 99,80 % is never a little less
// than 99,80 %.
type Availability int64

// FullAvailability is 100 %.
const FullAvailability Availability = 100_000_000

var writtenAvailability = regexp.MustCompile(`^(\d{1,3}(?:[.,]\d+)?)\s*(%?)$`)

// ParseAvailability reads 99,80 %, 99,8 and 0,998. Without a percent sign a number up to 1 is a fraction, as spreadsheets keep it.
func ParseAvailability(s string) (Availability, bool) {
	m := writtenAvailability.FindStringSubmatch(strings.TrimSpace(strings.ReplaceAll(s, "\u00a0", " ")))
	if m == nil {
		return 0, false
	}
	x, err := strconv.ParseFloat(strings.Replace(m[1], ",", ".", 1), 64)
	if err != nil {
		return 0, false
	}
	if m[2] == "" && x <= 1 {
		x *= 100
	}
	a := Availability(math.Round(x * float64(FullAvailability/100)))
	return a, a >= 0 && a <= FullAvailability
}

// Fraction is 0 to 1, for machines.
func (a Availability) Fraction() float64 { return float64(a) / float64(FullAvailability) }

// Round rounds to a number of decimals of a percent, 0 to 6.
func (a Availability) Round(decimals int) Availability {
	unit := Availability(math.Pow10(6 - decimals))
	return (a + unit/2) / unit * unit
}

// String is "98,98 %": two decimals, and more where there are more, so that what is below a target never looks like it.
func (a Availability) String() string {
	decimals := 2
	for decimals < 6 && a.Round(decimals) != a {
		decimals++
	}
	return FormatDecimal(float64(a)/1e6, decimals) + " %"
}

// Measure is what is measured of an operation area. m1 and m2 are two service levels of one system; Infrastruktur is hardware and operating
// system, Applikation the program (the seed's own words).
type Measure string

const (
	MeasureM1             Measure = "m1"
	MeasureM2             Measure = "m2"
	MeasureApplication    Measure = "applikation"
	MeasureInfrastructure Measure = "infrastruktur"
	MeasureCalls          Measure = "servicekald" // a number and no share; it has no target
)

// Measures in the order in which they are shown.
var Measures = []Measure{MeasureM1, MeasureM2, MeasureApplication, MeasureInfrastructure, MeasureCalls}

// OperationFigure is what was measured of an operation area in a month.
type OperationFigure struct {
	System  string        `json:"system,omitempty"` // "Serviceplatformen"; "" where the file does not say
	Area    string        `json:"area"`             // "KO"; of service calls the system's name
	Measure Measure       `json:"measure"`
	Month   Month         `json:"month"`
	Target  *Availability `json:"target,omitempty"` // nil where none was agreed
	Value   *Availability `json:"value,omitempty"`  // nil for service calls
	Calls   *int64        `json:"calls,omitempty"`  // in round figures; nil for all else
}

// Key names the figure among records.
func (f OperationFigure) Key() string {
	return "figure/" + f.Month.ISO() + f.Row().Place()
}

// Breached tells whether the figure is below its target; equal is kept.
func (f OperationFigure) Breached() bool {
	return f.Target != nil && f.Value != nil && *f.Value < *f.Target
}

// Row is the figure's row of the table of months.
func (f OperationFigure) Row() OperationRow { return OperationRow{f.System, f.Area, f.Measure} }

// OperationRow is a row of the table of months: an operation area and what is measured of it.
type OperationRow struct {
	System  string  `json:"system"`
	Area    string  `json:"area"`
	Measure Measure `json:"measure"`
}

// Label is "KO, applikation".
func (r OperationRow) Label() string {
	if r.Measure == MeasureCalls {
		return "Antal servicekald i runde tal"
	}
	return r.Area + ", " + string(r.Measure)
}

// Place is what the keys of the row's figures end with, after the month.
func (r OperationRow) Place() string { return fmt.Sprintf("/%s/%s", r.Measure, Fold(r.Area)) }

// IsFigureAt tells whether a record's key is that of a figure of the row with that Place, whatever its month.
func IsFigureAt(key, place string) bool {
	const before = len("figure/2012-01")
	return len(key) > before && strings.HasPrefix(key, "figure/") && key[before:] == place
}

// Compare orders rows: by system and area, measures in their order, service calls last.
func (r OperationRow) Compare(o OperationRow) int {
	return cmp.Or(strings.Compare(Fold(r.System), Fold(o.System)), cmpBool(r.Measure == MeasureCalls, o.Measure == MeasureCalls),
		strings.Compare(Fold(r.Area), Fold(o.Area)), cmp.Compare(slices.Index(Measures, r.Measure), slices.Index(Measures, o.Measure)))
}

func cmpBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// OperationNarrative is what is said of a system's month beside the figures.
type OperationNarrative struct {
	System    string `json:"system,omitempty"`
	Month     Month  `json:"month"`
	Satisfied *bool  `json:"satisfied,omitempty"` // whether the stability that users met was satisfactory
	Windows   *int64 `json:"windows,omitempty"`   // service windows held
	Text      string `json:"text,omitempty"`
}

// Key names the narrative among records.
func (n OperationNarrative) Key() string {
	return fmt.Sprintf("narrative/%s/%s", n.Month.ISO(), Fold(n.System))
}

// Colours of an incident, as the seed's legend has them.
const (
	IncidentRed    = "rød" // the system could not be used
	IncidentYellow = "gul" // it could be used, but something of it was missing
)

// Incident is something that went wrong, and what was done about it.
type Incident struct {
	Area       string  `json:"area"`
	Measure    Measure `json:"measure,omitempty"`
	Title      string  `json:"title"`
	From       Moment  `json:"from"`
	To         Moment  `json:"to"`
	Colour     string  `json:"colour,omitempty"`
	Effect     string  `json:"effect,omitempty"`
	Cause      string  `json:"cause,omitempty"`
	Remedy     string  `json:"remedy,omitempty"`
	Solution   string  `json:"solution,omitempty"`    // the permanent one
	SolutionOn Date    `json:"solution_on,omitempty"` // the day of its release; 0 for none
	Interim    string  `json:"interim,omitempty"`     // until then
	Procedure  string  `json:"procedure,omitempty"`   // how procedures are tightened
}

// Key names the incident among records.
func (i Incident) Key() string {
	return fmt.Sprintf("incident/%d/%s/%s", i.From, i.Measure, Fold(i.Area))
}

// instant is a wall-clock moment of Copenhagen as a point in time.
func instant(m Moment) time.Time {
	d := m.Date()
	return time.Date(d.Year(), d.Month(), d.Day(), 0, 0, m.Clock(), 0, Copenhagen)
}

// Downtime is how long the incidents of one area and measure lasted within a month; where they overlap it counts once. Incidents that are
// yellow do not count: the system could be used (ours).
func Downtime(month Month, incidents []Incident) time.Duration {
	first, end := month.First().Time(), (month + 1).First().Time()
	sorted := slices.Clone(incidents)
	slices.SortFunc(sorted, func(a, b Incident) int { return cmp.Compare(a.From, b.From) })
	var sum time.Duration
	reached := first
	for _, i := range sorted {
		from, to := instant(i.From), instant(i.To)
		if i.Colour == IncidentYellow || !from.Before(end) || !to.After(reached) {
			continue
		}
		if from.Before(reached) {
			from = reached
		}
		if to.After(end) {
			to = end
		}
		sum += to.Sub(from)
		reached = to
	}
	return sum
}

// AvailabilityAfter is the share of a month that is left when a system was down for so long.
func AvailabilityAfter(month Month, down time.Duration) Availability {
	return FullAvailability - Availability(math.Round(float64(FullAvailability)*float64(down)/float64(month.Length())))
}

// AgreesWith tells how a stated figure stands to the one computed from incidents: "" when they differ, otherwise in Danish how they agree. The
// seed rounds to one decimal (SL6).
func (a Availability) AgreesWith(computed Availability) string {
	switch a {
	case computed.Round(2):
		return "stemmer"
	case computed.Round(1):
		return "stemmer, når der rundes til én decimal"
	}
	return ""
}
