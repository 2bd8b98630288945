package model

import (
	"fmt"
	"time"
	_ "time/tzdata" // Copenhagen must be known on a machine without zone files
)

// Copenhagen is the time zone of every date, deadline and schedule of the product.
var Copenhagen = mustZone("Europe/Copenhagen")

func mustZone(name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil {
		panic(err) // the zone table is compiled in, so this is a broken build
	}
	return zone
}

// Date is a calendar day, counted in days since 1970-01-01. It has no time zone.
type Date int32

// Moment is a wall-clock time in Copenhagen, in seconds since 1970-01-01 00:00 on that clock.
// Files hold wall-clock times; the hour that is repeated when summer time ends stays as written.
type Moment int64

const secondsPerDay = 24 * 60 * 60

// NewDate makes a date from year, month and day. It does not check that the day exists; see ValidDay.
// The arithmetic is the usual one of civil calendars: years begin in March, so that the leap day comes last.
func NewDate(year, month, day int) Date {
	if month <= 2 {
		year--
		month += 12
	}
	era := year / 400
	if year < 0 {
		era = (year - 399) / 400
	}
	yearOfEra := year - era*400
	dayOfYear := (153*(month-3)+2)/5 + day - 1
	return Date(era*146097 + yearOfEra*365 + yearOfEra/4 - yearOfEra/100 + dayOfYear - 719468)
}

// ValidDay tells whether the calendar holds that day (31-02 does not exist).
func ValidDay(year, month, day int) bool {
	return month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month)
}

func daysIn(year, month int) int {
	switch month {
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// DateOf is the Copenhagen day of an instant.
func DateOf(t time.Time) Date { return MomentOf(t).Date() }

// MomentOf is the Copenhagen wall-clock time of an instant, to the second.
func MomentOf(t time.Time) Moment {
	local := t.In(Copenhagen)
	_, offset := local.Zone()
	return Moment(local.Unix() + int64(offset))
}

// Date is the day a moment falls on.
func (m Moment) Date() Date {
	days := int64(m) / secondsPerDay
	if int64(m)%secondsPerDay < 0 {
		days--
	}
	return Date(days)
}

// Clock is the seconds since midnight; 0 means that only a date was given, or midnight.
func (m Moment) Clock() int { return int(int64(m) - int64(m.Date())*secondsPerDay) }

// At makes a moment of a day and a clock time in seconds since midnight.
func (d Date) At(clock int) Moment { return Moment(int64(d)*secondsPerDay + int64(clock)) }

func (d Date) utc() time.Time { return time.Unix(int64(d)*secondsPerDay, 0).UTC() }

// Time is the start of the day in Copenhagen.
func (d Date) Time() time.Time {
	y, m, day := d.utc().Date()
	return time.Date(y, m, day, 0, 0, 0, 0, Copenhagen)
}

// Year, Month, Day take the date apart.
func (d Date) Year() int             { return d.utc().Year() }
func (d Date) Month() time.Month     { return d.utc().Month() }
func (d Date) Day() int              { return d.utc().Day() }
func (d Date) Weekday() time.Weekday { return d.utc().Weekday() }

// ISOWeek is the ISO 8601 year and week of the day.
func (d Date) ISOWeek() (year, week int) { return d.utc().ISOWeek() }

// ParseISO reads yyyy-mm-dd. ok is false for anything else, and for a day that does not exist.
func ParseISO(text string) (d Date, ok bool) {
	var year, month, day int
	if n, err := fmt.Sscanf(text, "%4d-%2d-%2d", &year, &month, &day); n != 3 || err != nil || !ValidDay(year, month, day) {
		return 0, false
	}
	d = NewDate(year, month, day)
	return d, d.ISO() == text
}

// ISO is yyyy-mm-dd, for machines.
func (d Date) ISO() string { return d.utc().Format("2006-01-02") }

// String is dd-mm-yyyy, as Danes and the upload template write it.
func (d Date) String() string { return d.utc().Format("02-01-2006") }

// String is dd-mm-yyyy, with HH:MM:SS when the moment is not midnight.
func (m Moment) String() string {
	c := m.Clock()
	if c == 0 {
		return m.Date().String()
	}
	return fmt.Sprintf("%s %02d:%02d:%02d", m.Date(), c/3600, c/60%60, c%60)
}

// ParseDate reads a day as machines write it, yyyy-mm-dd, or as Danes do, dd-mm-yyyy. ok is false for anything else and for days that do not
// exist.
func ParseDate(s string) (d Date, ok bool) {
	for _, layout := range []string{"2006-01-02", "02-01-2006"} {
		if t, err := time.Parse(layout, s); err == nil && t.Year() >= 1970 {
			return NewDate(t.Year(), int(t.Month()), t.Day()), true
		}
	}
	return 0, false
}
