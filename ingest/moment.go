package ingest

import (
	"strings"
	"time"

	"komhen/model"
)

// parseMoment reads dd-mm-yyyy[ HH:MM[:SS]] and ISO 8601 dates; '/' and '.' may stand for '-'. A zone is turned into the
// Copenhagen clock. why is Danish and empty on success.
func parseMoment(s string) (m model.Moment, why string) {
	if m, ok := commonMoment(s); ok {
		return m, ""
	}
	if len(s) < 8 {
		return 0, "kan ikke læses som en dato"
	}
	var year, month, day, rest int
	switch {
	case len(s) >= 10 && separator(s[2]) && s[5] == s[2]:
		day, month, year, rest = num(s, 0, 2), num(s, 3, 2), num(s, 6, 4), 10
	case len(s) >= 10 && s[4] == '-' && s[7] == '-':
		year, month, day, rest = num(s, 0, 4), num(s, 5, 2), num(s, 8, 2), 10
	case len(s) >= 8 && num(s, 0, 8) >= 0 && (len(s) == 8 || s[8] == 'T'):
		year, month, day, rest = num(s, 0, 4), num(s, 4, 2), num(s, 6, 2), 8
	default:
		return parseLooseDate(s)
	}
	if year < 0 || month < 0 || day < 0 {
		return 0, "kan ikke læses som en dato"
	}
	if !model.ValidDay(year, month, day) || year < 1900 {
		return 0, "findes ikke i kalenderen"
	}
	date := model.NewDate(year, month, day)
	if len(s) == rest {
		return date.At(0), ""
	}
	return parseClock(date, s[rest:])
}

// commonMoment is the quick way for the form nearly every file has, dd-mm-yyyy with or without HH:MM:SS.
func commonMoment(s string) (m model.Moment, ok bool) {
	if len(s) != 10 && len(s) != 19 {
		return 0, false
	}
	d, ok := commonDate(s[:10])
	if !ok {
		return 0, false
	}
	return commonClock(d, s[10:])
}

func commonDate(s string) (d model.Date, ok bool) {
	if s[2] != '-' || s[5] != '-' {
		return 0, false
	}
	day, month, century, year := pair(s, 0), pair(s, 3), pair(s, 6), pair(s, 8)
	if (day|month|century|year)&bad != 0 || century < 19 || !model.ValidDay(century*100+year, month, day) {
		return 0, false
	}
	return model.NewDate(century*100+year, month, day), true
}

// commonClock reads "" or " HH:MM:SS".
func commonClock(d model.Date, s string) (m model.Moment, ok bool) {
	if len(s) == 0 {
		return d.At(0), true
	}
	hour, minute, second := pair(s, 1), pair(s, 4), pair(s, 7)
	if s[0] != ' ' || s[3] != ':' || s[6] != ':' || (hour|minute|second)&bad != 0 || hour > 23 || minute > 59 || second > 59 {
		return 0, false
	}
	return d.At(hour*3600 + minute*60 + second), true
}

// bad is set in a pair that is not two digits.
const bad = 1 << 10

func pair(s string, i int) int {
	a, b := s[i]-'0', s[i+1]-'0'
	if a > 9 || b > 9 {
		return bad
	}
	return int(a)*10 + int(b)
}

// parseLooseDate reads days and months without a leading zero (3-5-2012).
func parseLooseDate(s string) (model.Moment, string) {
	date, clock, _ := strings.Cut(s, " ")
	parts := strings.FieldsFunc(date, func(r rune) bool { return r == '-' || r == '/' || r == '.' })
	if len(parts) != 3 || len(parts[0]) > 2 || len(parts[1]) > 2 || len(parts[2]) != 4 {
		return 0, "kan ikke læses som en dato"
	}
	day, month, year := num(parts[0], 0, len(parts[0])), num(parts[1], 0, len(parts[1])), num(parts[2], 0, 4)
	if year < 0 || month < 0 || day < 0 {
		return 0, "kan ikke læses som en dato"
	}
	if !model.ValidDay(year, month, day) || year < 1900 {
		return 0, "findes ikke i kalenderen"
	}
	if clock == "" {
		return model.NewDate(year, month, day).At(0), ""
	}
	return parseClock(model.NewDate(year, month, day), " "+clock)
}

func separator(c byte) bool { return c == '-' || c == '/' || c == '.' }

// parseClock reads " HH:MM", " HH:MM:SS", "THH:MM:SS", with fractions and a zone behind in ISO form.
func parseClock(d model.Date, s string) (model.Moment, string) {
	const unreadable = "har et klokkeslæt, der ikke kan læses"
	for len(s) > 1 && s[0] == ' ' && s[1] == ' ' {
		s = s[1:]
	}
	if len(s) < 5 || s[0] != ' ' && s[0] != 'T' {
		return 0, unreadable
	}
	s = s[1:]
	if s[1] == ':' || s[1] == '.' {
		s = "0" + s // 9:05
	}
	if len(s) < 5 || s[2] != ':' && s[2] != '.' {
		return 0, unreadable
	}
	hour, minute, second := num(s, 0, 2), num(s, 3, 2), 0
	rest := s[5:]
	if len(rest) >= 3 && rest[0] == s[2] {
		second = num(rest, 1, 2)
		rest = rest[3:]
	}
	if hour < 0 || minute < 0 || second < 0 || hour > 23 || minute > 59 || second > 59 {
		return 0, unreadable
	}
	if len(rest) > 1 && (rest[0] == '.' || rest[0] == ',') {
		i := 1
		for i < len(rest) && rest[i] >= '0' && rest[i] <= '9' {
			i++
		}
		if _, hit := model.MaskCPR(rest, false); hit {
			return 0, unreadable // no fraction, and not to be kept
		}
		rest = rest[i:]
	}
	m := d.At(hour*3600 + minute*60 + second)
	if rest == "" {
		return m, ""
	}
	return inZone(m, rest, unreadable)
}

func inZone(m model.Moment, zone, unreadable string) (model.Moment, string) {
	offset := 0
	if zone != "Z" {
		digits := strings.Replace(zone[1:], ":", "", 1)
		if zone[0] != '+' && zone[0] != '-' || len(digits) != 4 && len(digits) != 2 {
			return 0, unreadable
		}
		hours, minutes := num(digits, 0, 2), 0
		if len(digits) == 4 {
			minutes = num(digits, 2, 2)
		}
		if hours < 0 || minutes < 0 || hours > 14 || minutes > 59 {
			return 0, unreadable
		}
		offset = hours*3600 + minutes*60
		if zone[0] == '-' {
			offset = -offset
		}
	}
	return model.MomentOf(time.Unix(int64(m)-int64(offset), 0)), ""
}

// num reads n digits at i, or -1.
func num(s string, i, n int) int {
	if i+n > len(s) {
		return -1
	}
	x := 0
	for _, c := range []byte(s[i : i+n]) {
		if c < '0' || c > '9' {
			return -1
		}
		x = x*10 + int(c-'0')
	}
	return x
}
