// Package holidays tells on which days town halls are closed: Saturdays, Sundays, Danish public holidays, Grundlovsdag and 24 December.
//
// Danger: it knows the country's days, not a municipality's own. An office may be closed on other days, and something may come in on
// these: nothing is to be refused because of what it says.
package holidays

import (
	"sync"
	"time"

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/dk"

	"komhen/model"
)

var calendar = sync.OnceValue(func() *cal.BusinessCalendar {
	c := cal.NewBusinessCalendar()
	c.AddHoliday(dk.Holidays...)
	c.AddHoliday(christmasEve)
	return c
})

// christmasEve is no public holiday by law, but town halls are closed.
var christmasEve = &cal.Holiday{Name: "Juleaftensdag", Type: cal.ObservanceOther, Month: time.December, Day: 24, Func: cal.CalcDayOfMonth}

var weekend = map[time.Weekday]string{time.Saturday: "lørdag", time.Sunday: "søndag"}

// Closed is why offices are closed on a day in Danish ("lørdag", "Store bededag"), "" on a working day. It is safe for concurrent use:
// the calendar is not told to remember what it has worked out.
func Closed(d model.Date) string {
	if _, observed, holiday := calendar().IsHoliday(d.Time()); observed && holiday != nil {
		return holiday.Name
	}
	return weekend[d.Weekday()]
}
