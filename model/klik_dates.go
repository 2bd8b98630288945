package model

import (
	"fmt"
	"strings"
)

// KlikColour is the colour of a deadline. A closed task, and one without an end, has none.
type KlikColour uint8

const (
	KlikNone KlikColour = iota
	KlikGreen
	KlikYellow
	KlikRed
)

// String is the Danish word.
func (c KlikColour) String() string { return [...]string{"Ingen", "Grøn", "Gul", "Rød"}[c] }

// Name is the word in addresses and JSON.
func (c KlikColour) Name() string { return [...]string{"none", "green", "yellow", "red"}[c] }

// ParseKlikColour reads either.
func ParseKlikColour(s string) (KlikColour, bool) {
	for _, c := range []KlikColour{KlikNone, KlikGreen, KlikYellow, KlikRed} {
		if Fold(s) == Fold(c.String()) || Fold(s) == c.Name() {
			return c, true
		}
	}
	return KlikNone, false
}

// KlikSpan is when a task of a municipality starts and ends, and how many days it takes. End 0: it has no dates.
type KlikSpan struct {
	Start, End Date
	Duration   int
}

// KlikThresholds move the days on which a task turns yellow or red. The zero value is KL05 as it stands.
type KlikThresholds struct {
	Yellow int `json:"yellow,omitempty"` // so many days earlier than the latest safe start
	Red    int `json:"red,omitempty"`    // so many days later than the end
}

// Turns is the first day on which an open task is yellow, and the first on which it is red (KL05, ours; the seeds say no more than that the
// duration decides about yellow): red is today > slut, yellow today > slut − varighed. This is the one place where it is decided.
func (t KlikThresholds) Turns(s KlikSpan) (yellow, red Date) {
	red = s.End + Date(t.Red) + 1
	yellow = s.End - Date(s.Duration) - Date(t.Yellow) + 1
	return min(yellow, red), red
}

// Colour is that of a task on a day. closed: KL06.
func (t KlikThresholds) Colour(s KlikSpan, closed bool, today Date) KlikColour {
	if closed || s.End == 0 {
		return KlikNone
	}
	switch yellow, red := t.Turns(s); {
	case today >= red:
		return KlikRed
	case today >= yellow:
		return KlikYellow
	}
	return KlikGreen
}

// Definition says it in Danish, for wherever a colour is shown.
func (t KlikThresholds) Definition() string {
	red, yellow := "slutdatoen er overskredet", "der er færre dage tilbage til slutdatoen, end opgaven varer"
	if t.Red > 0 {
		red = fmt.Sprintf("slutdatoen er overskredet med mere end %s", days(t.Red))
	}
	if t.Yellow > 0 {
		yellow = fmt.Sprintf("der er færre dage tilbage til slutdatoen, end opgaven varer plus %s", days(t.Yellow))
	}
	return "Rød: opgaven er ikke færdig, og " + red + ". Gul: den er hverken færdig eller rød, og " + yellow +
		". Grøn: alle andre, der ikke er færdige. Færdige opgaver og opgaver uden slutdato har ingen farve."
}

func days(n int) string {
	if n == 1 {
		return "1 dag"
	}
	return FormatInt(int64(n)) + " dage"
}

// Valid is a *Problem for thresholds that make no sense.
func (t KlikThresholds) Valid() error {
	if t.Yellow < 0 || t.Red < 0 || t.Yellow > 365 || t.Red > 365 {
		return &Problem{Code: "klik-thresholds", Message: "Grænserne for gul og rød er et antal dage fra 0 til 365."}
	}
	return nil
}

// SpanOf is when a task is to be done in a wave: slut = go-live + End, start = slut + Start (KL02).
func (t *KlikTask) SpanOf(w *KlikWave) KlikSpan {
	var s KlikSpan
	if t.Duration != nil {
		s.Duration = *t.Duration
	}
	if w == nil || w.GoLive == 0 || t.End == nil {
		return s
	}
	s.End = w.GoLive + Date(*t.End)
	if t.Start != nil {
		s.Start = s.End + Date(*t.Start)
	}
	return s
}

// Span is SpanOf with the municipality's own days, where it has any.
func (w KlikWork) Span(s KlikSpan) KlikSpan {
	if w.Start != 0 {
		s.Start = w.Start
	}
	if w.End != 0 {
		s.End = w.End
	}
	return s
}

// Behind is how many days a task's end lies in the past; 0 when it does not.
func (s KlikSpan) Behind(today Date) int {
	if s.End == 0 || today <= s.End {
		return 0
	}
	return int(today - s.End)
}

// FrozenClash says which day of a task falls in one of the zones: "slutdatoen 24-12-2026 ligger i …"; "" when none does (KL03). Only tasks
// that are marked are to be asked about.
func FrozenClash(s KlikSpan, zones []KlikZone) string {
	var parts []string
	say := func(what string, d Date) {
		for _, z := range zones {
			if d != 0 && d >= z.First && d <= z.Last {
				parts = append(parts, fmt.Sprintf("%s %s ligger i den frosne periode %s", what, d, z))
			}
		}
	}
	say("startdatoen", s.Start)
	say("slutdatoen", s.End)
	return strings.Join(parts, ", og ")
}
