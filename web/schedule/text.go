package schedule

import (
	"fmt"
	"strings"
)

var weekdayNames = []string{"mandag", "tirsdag", "onsdag", "torsdag", "fredag", "lørdag", "søndag"}

// Text says in Danish when it is: "hver mandag kl. 07.00 i tælleugerne".
func (w When) Text() string {
	clock := " kl. " + strings.Replace(w.At, ":", ".", 1)
	only := map[string]string{CountWeeks: " i tælleugerne", WeekAfter: " i tælleugerne og ugen efter"}[w.Only]
	switch w.Kind {
	case Daily:
		return "hver dag" + clock + only
	case Weekly:
		var days []string
		for _, d := range w.Weekdays {
			if d >= 1 && d <= 7 {
				days = append(days, weekdayNames[d-1])
			}
		}
		return "hver " + list(days) + clock + only
	case Monthly:
		return fmt.Sprintf("den %d. i hver måned%s", w.Day, clock)
	case Deadline:
		anchor, _ := anchorOf(w.Anchor)
		days := "dage"
		n := w.Days
		if n < 0 {
			n = -n
		}
		if n == 1 {
			days = "dag"
		}
		switch {
		case w.Days < 0:
			return fmt.Sprintf("%d %s før %s%s", n, days, anchor.Label, clock)
		case w.Days > 0:
			return fmt.Sprintf("%d %s efter %s%s", n, days, anchor.Label, clock)
		}
		return "på " + anchor.Label + clock
	case Cron:
		return "efter cron-udtrykket " + w.Cron + only
	}
	return ""
}

func list(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " og " + words[len(words)-1]
}

// Label is a state in Danish.
func (s State) Label() string {
	switch s {
	case Due:
		return "Venter på at blive lavet"
	case Started:
		return "Er ved at blive lavet"
	case Made:
		return "Lavet"
	case Sending:
		return "Er ved at blive sendt"
	case Sent:
		return "Sendt"
	case Kept:
		return "Lavet, i arkivet"
	case Unsure:
		return "Kan være sendt"
	case Failed:
		return "Gik galt"
	case Waiting:
		return "Bliver prøvet igen"
	case Skipped:
		return "Ikke sendt"
	case prunedFiles:
		return "Filerne er slettet"
	}
	return string(s)
}
