package model

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Month is a calendar month, counted in months since January of year 0. As text it is yyyy-mm.
type Month int32

var (
	monthNames = [...]string{"januar", "februar", "marts", "april", "maj", "juni", "juli", "august", "september", "oktober", "november", "december"}

	writtenMonth = regexp.MustCompile(`^([\p{L}]+)[ .\-–/]*(\d{4}|\d{2})$`)
	numberMonth  = regexp.MustCompile(`^(?:(\d{4})-(\d{2})|(?:01[-./])?(\d{2})[-./](\d{4})|(\d{4})-(\d{2})-01)(?: 00:00(?::00)?)?$`)
)

// NewMonth makes a month of a year and a number from 1 to 12.
func NewMonth(year, month int) Month { return Month(year*12 + month - 1) }

// MonthOf is the month of a day.
func MonthOf(d Date) Month { return NewMonth(d.Year(), int(d.Month())) }

// ParseMonth reads a month as Danes and their spreadsheets write it: okt-19, okt. 2019, oktober 2019, 2019-10, 10-2019, or the month's
// first day, which is what a spreadsheet makes of okt-19. A year of two digits is of this century.
func ParseMonth(s string) (Month, bool) {
	s = strings.ToLower(strings.Join(strings.Fields(s), " "))
	if m := writtenMonth.FindStringSubmatch(s); m != nil {
		for i, name := range monthNames {
			if m[1] == name || m[1] == name[:3] || m[1] == "sept" && name == "september" {
				year, _ := strconv.Atoi(m[2])
				if len(m[2]) == 2 {
					year += 2000
				}
				return validMonth(year, i+1)
			}
		}
		return 0, false
	}
	m := numberMonth.FindStringSubmatch(s)
	if m == nil {
		return 0, false
	}
	year, _ := strconv.Atoi(m[1] + m[4] + m[5])
	month, _ := strconv.Atoi(m[2] + m[3] + m[6])
	return validMonth(year, month)
}

func validMonth(year, month int) (Month, bool) {
	return NewMonth(year, month), year >= 1990 && year <= 2199 && month >= 1 && month <= 12
}

// Year and Number take the month apart; Number is 1 to 12.
func (m Month) Year() int   { return int(m) / 12 }
func (m Month) Number() int { return int(m)%12 + 1 }

// First and Last are the month's first and last day.
func (m Month) First() Date { return NewDate(m.Year(), m.Number(), 1) }
func (m Month) Last() Date  { return (m + 1).First() - 1 }

// Length is how long the month lasts on the clock of Copenhagen: an hour more or less when summer time begins or ends.
func (m Month) Length() time.Duration { return (m + 1).First().Time().Sub(m.First().Time()) }

// Short is the month as a column's header has it, "okt-19".
func (m Month) Short() string {
	return fmt.Sprintf("%s-%02d", monthNames[m.Number()-1][:3], m.Year()%100)
}

// String is "oktober 2019".
func (m Month) String() string { return fmt.Sprintf("%s %d", monthNames[m.Number()-1], m.Year()) }

// ISO is "2019-10", for machines.
func (m Month) ISO() string { return fmt.Sprintf("%04d-%02d", m.Year(), m.Number()) }

// MarshalText is ISO.
func (m Month) MarshalText() ([]byte, error) { return []byte(m.ISO()), nil }

// UnmarshalText reads ISO.
func (m *Month) UnmarshalText(text []byte) error {
	read, ok := ParseMonth(string(text))
	if !ok {
		return fmt.Errorf("%q is not a month", text)
	}
	*m = read
	return nil
}
