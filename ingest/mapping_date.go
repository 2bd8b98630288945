package ingest

import (
	"slices"
	"strings"

	"komhen/model"
)

// DateFormats are the forms of a date that a profile can state. d, m and y stand for day, month and year; days and months may lack
// their leading zero where separators stand between. Two-digit years are of this century.
//
// Not among them: mm-dd-yyyy, which is mistaken for dd-mm-yyyy, and ddmmyy, which together with a time looks like a CPR number.
var DateFormats = []string{
	"dd-mm-yyyy", "dd.mm.yyyy", "dd/mm/yyyy", "dd-mm-yy", "dd.mm.yy", "dd/mm/yy", "yyyy-mm-dd", "yyyy/mm/dd", "yyyy.mm.dd", "yyyymmdd", "ddmmyyyy",
	"mm/dd/yyyy", "mm/dd/yy",
}

// AmountFormats are the forms of antal that a profile can state: how thousands are set apart.
var AmountFormats = []string{"1.234", "1,234", "1 234"}

// DanishFormat spells a date format for people: dd-mm-åååå.
func DanishFormat(format string) string { return strings.ReplaceAll(format, "y", "å") }

// dateReader reads the moments of one column. "" is our own forms.
type dateReader string

func (d dateReader) read(s string) (m model.Moment, why string) {
	own := len(s) >= 10 && s[2] == '-' && s[5] == '-' && num(s, 6, 4) >= 0 // as workbooks have it; no other format looks like it
	if d == "" || own {
		return parseMoment(s)
	}
	unreadable := "er ikke en dato på formen " + DanishFormat(string(d))
	var parts [3]int // day, month, year
	rest, ok := d.split(s, &parts)
	if !ok {
		return 0, unreadable
	}
	day, month, year := parts[0], parts[1], parts[2]
	if strings.Count(string(d), "y") == 2 {
		year += 2000
	}
	if !model.ValidDay(year, month, day) || year < 1900 {
		return 0, "findes ikke i kalenderen"
	}
	date := model.NewDate(year, month, day)
	if rest = trim(strings.TrimPrefix(trim(rest), ",")); rest == "" {
		return date.At(0), ""
	}
	return readClock(date, strings.TrimPrefix(rest, "T"))
}

// split reads the digits of a date as the format places them; rest is what follows.
func (d dateReader) split(s string, parts *[3]int) (rest string, ok bool) {
	format := string(d)
	loose := strings.ContainsAny(format, "-./") // the separators say where a number ends
	for len(format) > 0 {
		at := strings.IndexByte("dmy", format[0])
		if at < 0 {
			if s == "" || s[0] != format[0] {
				return "", false
			}
			s, format = s[1:], format[1:]
			continue
		}
		width := 1
		for width < len(format) && format[width] == format[0] {
			width++
		}
		format = format[width:]
		digits := 0
		for digits < width && digits < len(s) && s[digits] >= '0' && s[digits] <= '9' {
			digits++
		}
		if digits == 0 || digits < width && (!loose || at == 2) {
			return "", false
		}
		parts[at] = num(s, 0, digits)
		s = s[digits:]
	}
	return s, s == "" || s[0] < '0' || s[0] > '9'
}

// readClock reads a time of day: HH:MM[:SS], with '.' for ':', HHMM, HHMMSS, and the American AM and PM.
func readClock(date model.Date, s string) (model.Moment, string) {
	upper := strings.ToUpper(s)
	half := ""
	for _, mark := range []string{"AM", "PM", "A.M.", "P.M."} {
		if cut, ok := strings.CutSuffix(upper, mark); ok {
			half, s = mark[:1], trim(cut)
		}
	}
	if (len(s) == 4 || len(s) == 6) && num(s, 0, len(s)) >= 0 {
		s = strings.TrimSuffix(s[:2]+":"+s[2:4]+":"+s[4:], ":")
	}
	m, why := parseClock(date, " "+s)
	if why != "" || half == "" {
		return m, why
	}
	hour := m.Clock() / 3600
	if hour < 1 || hour > 12 {
		return 0, "har et klokkeslæt, der ikke kan læses"
	}
	m -= model.Moment(hour / 12 * 12 * 3600) // 12 is the hour that comes before 1
	if half == "P" {
		m += 12 * 3600
	}
	return m, ""
}

// plainAmount takes the marks between thousands away where they stand as the format says; other text stays as it is.
func plainAmount(s, format string) string {
	if len(format) != 5 || !strings.Contains(s, format[1:2]) {
		return s
	}
	groups := strings.Split(s, format[1:2])
	for i, g := range groups {
		if num(g, 0, len(g)) < 0 || len(g) != 3 && i > 0 || len(g) > 3 || g == "" {
			return s
		}
	}
	return strings.Join(groups, "")
}

func isDateFormat(s string) bool { return s == "" || slices.Contains(DateFormats, s) }
