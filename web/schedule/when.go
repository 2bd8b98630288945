package schedule

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/robfig/cron/v3"

	"komhen/model"
)

// When a job is due, on the clock of Copenhagen. Whole minutes.
type When struct {
	Kind     string `json:"kind"`               // Daily, Weekly, Monthly, Deadline or Cron
	Weekdays []int  `json:"weekdays,omitempty"` // of Weekly: 1 is Monday
	Day      int    `json:"day,omitempty"`      // of Monthly: 1 to 31; a shorter month's last day
	At       string `json:"at,omitempty"`       // "07:00", of all but Cron
	Only     string `json:"only,omitempty"`     // of Daily, Weekly and Cron: AllYear, CountWeeks or WeekAfter
	Anchor   string `json:"anchor,omitempty"`   // of Deadline: a name of Anchors
	Days     int    `json:"days,omitempty"`     // of Deadline: after it, or before it when negative
	Cron     string `json:"cron,omitempty"`     // of Cron: minute, hour, day of month, month, weekday
}

// The kinds of When, and what limits them to.
const (
	Daily    = "daily"
	Weekly   = "weekly"
	Monthly  = "monthly"
	Deadline = "deadline"
	Cron     = "cron"

	AllYear    = ""
	CountWeeks = "weeks"      // only on days of a round
	WeekAfter  = "week-after" // and the seven days after it
)

// DaysMost is how far from a deadline a job can be.
const DaysMost = 90

// Rounds gives the rounds of a year, as they stand now.
type Rounds func(year int) []model.Round

// Anchor is a day of a round that jobs can be due before and after.
type Anchor struct {
	Name, Label string
	days        func(model.Round) []model.Date
}

// Anchors are the days of a round, in their order.
var Anchors = []Anchor{
	{"first", "rundens første dag", func(r model.Round) []model.Date { return []model.Date{r.First} }},
	{"last", "rundens sidste dag", func(r model.Round) []model.Date { return []model.Date{r.Last} }},
	{"data", "fristen for data", func(r model.Round) []model.Date { return []model.Date{r.DataDeadline} }},
	{"totals", "fristen for total-tal", func(r model.Round) []model.Date { return []model.Date{r.TotalsDeadline} }},
	{"central", "dagen for central indlæsning", func(r model.Round) (days []model.Date) {
		for _, c := range r.CentralDelivery {
			days = append(days, c.Day)
		}
		return days
	}},
}

func anchorOf(name string) (Anchor, bool) {
	i := slices.IndexFunc(Anchors, func(a Anchor) bool { return a.Name == name })
	if i < 0 {
		return Anchor{}, false
	}
	return Anchors[i], true
}

// Equal tells whether two are due at the same times.
func (w When) Equal(x When) bool { return reflect.DeepEqual(w, x) }

// cronParser takes the five classical fields; no seconds, no @every, no time zone of its own.
var cronParser = cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow)

func parseCron(text string) (cron.Schedule, error) {
	if strings.ContainsAny(text, "=@") || len(text) > 200 {
		return nil, fmt.Errorf("not the five fields")
	}
	return cronParser.Parse(text)
}

func (w When) clock() (hour, minute int, ok bool) {
	t, err := time.Parse("15:04", w.At)
	return t.Hour(), t.Minute(), err == nil && len(w.At) == 5
}

// Fault is what is wrong with a field of a form.
type Fault struct{ Field, Message string }

// Faults says all that is wrong, in the order of a form.
func (w When) Faults() (faults []Fault) {
	wrong := func(field, message string) { faults = append(faults, Fault{field, message}) }
	switch w.Kind {
	case Daily:
	case Weekly:
		if len(w.Weekdays) == 0 || slices.ContainsFunc(w.Weekdays, func(d int) bool { return d < 1 || d > 7 }) {
			wrong("weekdays", "Ugedagen mangler. Vælg mindst én.")
		}
	case Monthly:
		if w.Day < 1 || w.Day > 31 {
			wrong("day", "Dagen i måneden skal være et tal fra 1 til 31.")
		}
	case Deadline:
		if _, ok := anchorOf(w.Anchor); !ok {
			wrong("anchor", "Vælg, hvilken dag i runden der regnes fra.")
		}
		if w.Days < -DaysMost || w.Days > DaysMost {
			wrong("days", fmt.Sprintf("Antallet af dage skal være et helt tal, højst %d.", DaysMost))
		}
	case Cron:
		schedule, err := parseCron(w.Cron)
		if err != nil {
			wrong("cron", "Udtrykket kan ikke læses. Skriv fem felter: minut, time, dag i måneden, måned og ugedag, fx 30 6 * * 1.")
			break
		}
		if tooOften(schedule) {
			wrong("cron", "Det er oftere end én gang i timen. Lad minutfeltet være ét tal, fx 0.")
		}
	default:
		wrong("kind", "Vælg, hvornår det skal laves.")
		return faults
	}
	if _, _, ok := w.clock(); !ok && w.Kind != Cron {
		wrong("at", "Klokkeslættet skal skrives som 07:00.")
	}
	if !slices.Contains([]string{AllYear, CountWeeks, WeekAfter}, w.Only) {
		wrong("only", "Vælg, om det er hele året eller kun i tælleugerne.")
	}
	return faults
}

func tooOften(s cron.Schedule) bool {
	at := s.Next(time.Date(2012, 1, 1, 0, 0, 0, 0, time.UTC))
	for range 100 {
		next := s.Next(at)
		if at.IsZero() || next.IsZero() {
			return false
		}
		if next.Sub(at) < time.Hour {
			return true
		}
		at = next
	}
	return false
}

// Next is the first due time after an instant; ok is false when there is none within three years. It is a matter of its arguments alone.
//
// Ours: a time of day that the clock jumps over is due when it has jumped (02:30 becomes 03:00); one that comes twice is due the first time. Two due
// times that fall on one instant so are one.
func (w When) Next(after time.Time, rounds Rounds) (due time.Time, ok bool) {
	if len(w.Faults()) > 0 {
		return time.Time{}, false
	}
	if w.Kind == Deadline {
		return w.nextDeadline(after, rounds)
	}
	wall := wallOf(after)
	end := wall.AddDate(3, 0, 0)
	allowed := w.days(wall.Year(), rounds)
	for {
		wall, ok = w.nextWall(wall, end, allowed)
		if !ok {
			return time.Time{}, false
		}
		if due = InstantOf(wall); due.After(after) {
			return due, true
		}
	}
}

// days tells on which days w.Only lets it be due.
func (w When) days(year int, rounds Rounds) func(model.Date) bool {
	if w.Only == AllYear {
		return func(model.Date) bool { return true }
	}
	extra := model.Date(0)
	if w.Only == WeekAfter {
		extra = 7
	}
	var all []model.Round
	for y := year - 1; y <= year+4; y++ {
		all = append(all, rounds(y)...)
	}
	return func(d model.Date) bool {
		return slices.ContainsFunc(all, func(r model.Round) bool { return d >= r.First && d <= r.Last+extra })
	}
}

// nextWall is the first time of day after wall, both on a clock that is never changed.
func (w When) nextWall(wall, end time.Time, allowed func(model.Date) bool) (time.Time, bool) {
	if w.Kind == Cron {
		schedule, err := parseCron(w.Cron)
		if err != nil {
			return time.Time{}, false
		}
		for next := schedule.Next(wall); !next.IsZero() && next.Before(end); {
			if allowed(dateOf(next)) {
				return next, true
			}
			next = schedule.Next(time.Date(next.Year(), next.Month(), next.Day(), 23, 59, 59, 0, time.UTC))
		}
		return time.Time{}, false
	}
	hour, minute, _ := w.clock()
	for day := time.Date(wall.Year(), wall.Month(), wall.Day(), hour, minute, 0, 0, time.UTC); day.Before(end); day = day.AddDate(0, 0, 1) {
		if day.After(wall) && w.on(day) && allowed(dateOf(day)) {
			return day, true
		}
	}
	return time.Time{}, false
}

func (w When) on(day time.Time) bool {
	switch w.Kind {
	case Weekly:
		return slices.Contains(w.Weekdays, (int(day.Weekday())+6)%7+1)
	case Monthly:
		last := time.Date(day.Year(), day.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day()
		return day.Day() == min(w.Day, last)
	}
	return true
}

// nextDeadline looks at every round whose day can matter.
func (w When) nextDeadline(after time.Time, rounds Rounds) (due time.Time, ok bool) {
	anchor, _ := anchorOf(w.Anchor)
	hour, minute, _ := w.clock()
	year := after.In(model.Copenhagen).Year()
	for y := year - 1; y <= year+3; y++ {
		for _, r := range rounds(y) {
			for _, day := range anchor.days(r) {
				if day == 0 { // the round states none
					continue
				}
				at := InstantOf(wallOn(day+model.Date(w.Days), hour, minute))
				if at.After(after) && (!ok || at.Before(due)) {
					due, ok = at, true
				}
			}
		}
	}
	return due, ok
}

// Upcoming are the next due times, at most so many.
func (w When) Upcoming(after time.Time, rounds Rounds, most int) (list []time.Time) {
	for len(list) < most {
		due, ok := w.Next(after, rounds)
		if !ok {
			break
		}
		list = append(list, due)
		after = due
	}
	return list
}

// Missed are the due times after one instant up to another, the latest of them, how many came before it, and the first of those.
func (w When) Missed(after, until time.Time, rounds Rounds) (latest time.Time, earlier int, first time.Time) {
	for {
		due, ok := w.Next(after, rounds)
		if !ok || due.After(until) {
			return latest, earlier, first
		}
		if !latest.IsZero() {
			earlier++
			if first.IsZero() {
				first = latest
			}
		}
		latest, after = due, due
	}
}
