package model

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// RoundDates is what an operator declares of a round (RecordRound, key ""). What is left empty goes by the default: the codebook's, or
// the rule where the weeks are others than the codebook's. Days are as in Round; 0 is empty.
type RoundDates struct {
	Weeks          []int // ISO weeks that follow each other
	Primary        int
	DataDeadline   Date
	TotalsDeadline Date
	NoTotals       bool // the round asks for no totals; TotalsDeadline is empty
	Central        []CentralDelivery
	Note           string // why, for those who read the history
}

// roundDatesJSON is how RoundDates stand in the journal. Names never change.
type roundDatesJSON struct {
	Weeks    []int         `json:"weeks,omitempty"`
	Primary  int           `json:"primary,omitempty"`
	Data     string        `json:"data_deadline,omitempty"`
	Totals   string        `json:"totals_deadline,omitempty"`
	NoTotals bool          `json:"no_totals,omitempty"`
	Central  []centralJSON `json:"central,omitempty"`
	Note     string        `json:"note,omitempty"`
}

type centralJSON struct {
	What string `json:"what"`
	Day  string `json:"day"`
}

// MarshalJSON writes days as yyyy-mm-dd.
func (d RoundDates) MarshalJSON() ([]byte, error) {
	day := func(d Date) string {
		if d == 0 {
			return ""
		}
		return d.ISO()
	}
	out := roundDatesJSON{d.Weeks, d.Primary, day(d.DataDeadline), day(d.TotalsDeadline), d.NoTotals, nil, d.Note}
	for _, c := range d.Central {
		out.Central = append(out.Central, centralJSON{c.What, c.Day.ISO()})
	}
	return json.Marshal(out)
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (d *RoundDates) UnmarshalJSON(data []byte) error {
	var in roundDatesJSON
	if err := json.Unmarshal(data, &in); err != nil {
		return err
	}
	var faults []string
	day := func(text string) (day Date) {
		if text == "" {
			return 0
		}
		var ok bool
		if day, ok = parseISO(text); !ok {
			faults = append(faults, text)
		}
		return day
	}
	*d = RoundDates{in.Weeks, in.Primary, day(in.Data), day(in.Totals), in.NoTotals, nil, in.Note}
	for _, c := range in.Central {
		d.Central = append(d.Central, CentralDelivery{c.What, day(c.Day)})
	}
	if len(faults) > 0 {
		return fmt.Errorf("not days: %q", faults)
	}
	return nil
}

func parseISO(text string) (Date, bool) {
	var y, m, d int
	if n, err := fmt.Sscanf(text, "%4d-%2d-%2d", &y, &m, &d); n != 3 || err != nil || !ValidDay(y, m, d) {
		return 0, false
	}
	day := NewDate(y, m, d)
	return day, day.ISO() == text
}

// Equal tells whether two declarations say the same, the note too.
func (d RoundDates) Equal(e RoundDates) bool {
	return slices.Equal(d.Weeks, e.Weeks) && slices.Equal(d.Central, e.Central) && d.Primary == e.Primary && d.DataDeadline == e.DataDeadline &&
		d.TotalsDeadline == e.TotalsDeadline && d.NoTotals == e.NoTotals && d.Note == e.Note
}

// On is a default round with the declared dates in place of its own.
func (d RoundDates) On(standard Round) Round {
	r := standard
	r.Declared = true
	moved := len(d.Weeks) > 0 && !slices.Equal(d.Weeks, standard.Weeks)
	if moved {
		r.Weeks = slices.Clone(d.Weeks)
		r.First, r.Last = mondayOf(r.Year, r.Weeks[0]), mondayOf(r.Year, r.Weeks[len(r.Weeks)-1])+6
		r.DataDeadline = r.Last + afterRound
		if r.TotalsDeadline != 0 {
			r.TotalsDeadline = r.Last + afterRound
		}
		if !slices.Contains(r.Weeks, r.Primary) {
			r.Primary = r.Weeks[0]
		}
	}
	r.Primary, r.DataDeadline = cmp.Or(d.Primary, r.Primary), cmp.Or(d.DataDeadline, r.DataDeadline)
	r.TotalsDeadline = cmp.Or(d.TotalsDeadline, r.TotalsDeadline)
	if d.NoTotals {
		r.TotalsDeadline = 0
	}
	r.CentralDelivery = slices.Clone(standard.CentralDelivery)
	if len(d.Central) > 0 {
		r.CentralDelivery = slices.Clone(d.Central)
	} else if moved { // a stated day of other weeks must not come before the data can
		for i := range r.CentralDelivery {
			r.CentralDelivery[i].Day = max(r.CentralDelivery[i].Day, r.DataDeadline)
		}
	}
	return r
}

// RoundFault is what is wrong with one field of RoundDates: "weeks", "primary", "data", "totals", "central" or "note".
type RoundFault struct{ Field, Message string }

// Limits of what can be declared (ours): a day further away is a wrong year.
const (
	mostDaysAfter = 366
	maxRoundNote  = 500
	maxCentral    = 10
	maxCentralLen = 60
)

// Faults is everything that is wrong with dates for a round; none means that they can be declared. Weeks lie in the half-year that
// the round is named after, so a spring and an autumn cannot overlap.
func (d RoundDates) Faults(standard Round) (faults []RoundFault) {
	wrong := func(field, message string, args ...any) {
		faults = append(faults, RoundFault{field, fmt.Sprintf(message, args...)})
	}
	if fault := weeksFault(d.Weeks, standard); fault != "" {
		wrong("weeks", "%s", fault)
		return faults // no day can be held against weeks that are none
	}
	r := d.On(standard)
	if !slices.Contains(r.Weeks, r.Primary) {
		wrong("primary", "Den primære uge %d er ikke en af rundens uger (%s). Vælg en af dem.", r.Primary, WeeksText(r.Weeks))
	}
	deadline := func(field, what string, day Date) {
		switch {
		case day < r.Last:
			wrong(field, "%s %s ligger før rundens sidste dag, %s. Vælg den dag eller en senere.", what, day, r.Last)
		case day > r.Last+mostDaysAfter:
			wrong(field, "%s %s ligger mere end et år efter rundens sidste dag, %s. Se efter, om årstallet er rigtigt.", what, day, r.Last)
		}
	}
	deadline("data", "Fristen for data", r.DataDeadline)
	if d.NoTotals && d.TotalsDeadline != 0 {
		wrong("totals", "Runden kan ikke både have en frist for total-tal og ingen. Slet datoen, eller fjern krydset.")
	} else if r.TotalsDeadline != 0 {
		deadline("totals", "Fristen for total-tal", r.TotalsDeadline)
	}
	if len(d.Central) > maxCentral {
		wrong("central", "Der kan højst være %d centrale leveringer i en runde.", maxCentral)
	}
	seen := map[string]bool{}
	for _, c := range r.CentralDelivery {
		_, cpr := MaskCPR(c.What, false)
		switch {
		case strings.TrimSpace(c.What) == "" || strings.TrimSpace(c.What) != c.What:
			wrong("central", "En central levering mangler sit navn. Skriv, hvad der bliver leveret, fx Digital Post.")
		case utf8.RuneCountInString(c.What) > maxCentralLen || strings.ContainsFunc(c.What, isControl) || !utf8.ValidString(c.What) || cpr:
			wrong("central", "Navnet på en central levering kan ikke bruges. Skriv højst %d tegn på én linje, og intet CPR-nummer.", maxCentralLen)
		case seen[Fold(c.What)]:
			wrong("central", "%s står to gange. Giv hver central levering én dag.", c.What)
		default:
			deadline("central", c.What+":", c.Day)
		}
		seen[Fold(c.What)] = true
	}
	if _, cpr := MaskCPR(d.Note, false); cpr {
		wrong("note", "Begrundelsen ser ud til at indeholde et CPR-nummer. Skriv den uden.")
	} else if utf8.RuneCountInString(d.Note) > maxRoundNote || strings.ContainsFunc(d.Note, isControl) || !utf8.ValidString(d.Note) {
		wrong("note", "Begrundelsen er for lang eller har linjeskift. Skriv højst %d tegn på én linje.", maxRoundNote)
	}
	return faults
}

func isControl(r rune) bool { return r < ' ' || r == 0x7f }

// weeksFault is what is wrong with a round's weeks, "" when nothing is; no weeks are the default's.
func weeksFault(weeks []int, r Round) string {
	if len(weeks) == 0 {
		return ""
	}
	for i, w := range weeks {
		if i > 0 && w != weeks[i-1]+1 {
			return fmt.Sprintf("Ugerne %s følger ikke lige efter hinanden. Skriv dem i rækkefølge og uden huller, fx %s.", WeeksText(weeks), WeeksText(r.Weeks))
		}
	}
	first, last, half := 1, 26, "forår"
	if strings.HasSuffix(r.Name, "E") {
		first, last, half = 27, 53, "efterår"
	}
	if weeks[0] < first || weeks[len(weeks)-1] > last {
		return fmt.Sprintf("Uge %s ligger ikke i %s %d. Vælg uger fra %d til %d.", WeeksText(weeks), half, r.Year, first, last)
	}
	if mondayOf(r.Year, weeks[0]).Year() != r.Year || (mondayOf(r.Year, weeks[len(weeks)-1])+6).Year() != r.Year {
		return fmt.Sprintf("Uge %s ligger ikke helt i %d. Alle rundens dage skal ligge i det år, den hedder efter.", WeeksText(weeks), r.Year)
	}
	return ""
}

// WeeksText is weeks in a sentence: "17, 18 og 19".
func WeeksText(weeks []int) string {
	var b strings.Builder
	for i, w := range weeks {
		switch {
		case i > 0 && i == len(weeks)-1:
			b.WriteString(" og ")
		case i > 0:
			b.WriteString(", ")
		}
		fmt.Fprint(&b, w)
	}
	return b.String()
}

// RoundChanges says in Danish what differs between two versions of a round, a sentence for each thing.
func RoundChanges(before, after Round) (changes []string) {
	note := func(what, from, to string) {
		if from != to {
			changes = append(changes, fmt.Sprintf("%s: %s i stedet for %s", what, to, from))
		}
	}
	day := func(d Date) string {
		if d == 0 {
			return "ingen"
		}
		return d.String()
	}
	note("Uger", WeeksText(before.Weeks), WeeksText(after.Weeks))
	note("Primær uge", fmt.Sprint(before.Primary), fmt.Sprint(after.Primary))
	note("Frist for data", day(before.DataDeadline), day(after.DataDeadline))
	note("Frist for total-tal", day(before.TotalsDeadline), day(after.TotalsDeadline))
	days := map[string][2]Date{}
	var names []string
	for i, r := range []Round{before, after} {
		for _, c := range r.CentralDelivery {
			if _, known := days[c.What]; !known {
				names = append(names, c.What)
			}
			both := days[c.What]
			both[i] = c.Day
			days[c.What] = both
		}
	}
	for _, name := range names {
		note(name, day(days[name][0]), day(days[name][1]))
	}
	return changes
}

// ParseWeeks reads weeks as people write them: "17, 18 og 19", "17-19" or "17 18 19". ok is false for anything else.
func ParseWeeks(text string) (weeks []int, ok bool) {
	text = strings.NewReplacer(" og ", ",", "–", "-", " - ", "-").Replace(strings.TrimSpace(text))
	for _, part := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' || r == ';' }) {
		from, to, isRange := strings.Cut(part, "-")
		if !isRange {
			to = from
		}
		first, err := strconv.Atoi(from)
		last, err2 := strconv.Atoi(to)
		if err != nil || err2 != nil || first < 1 || last > 53 || last < first {
			return nil, false
		}
		for w := first; w <= last; w++ {
			weeks = append(weeks, w)
		}
	}
	return weeks, len(weeks) > 0 && len(weeks) <= 53
}

// ParseDay reads a day as people and programs write it, 1-6-2012, 01-06-2012 or 2012-06-01. ok is false for anything else.
func ParseDay(text string) (day Date, ok bool) {
	if day, ok := parseISO(text); ok {
		return day, true
	}
	for _, layout := range []string{"02-01-2006", "2-1-2006"} {
		if t, err := time.Parse(layout, text); err == nil {
			return NewDate(t.Year(), int(t.Month()), t.Day()), true
		}
	}
	return 0, false
}
