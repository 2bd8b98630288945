package workbook

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"komhen/model"
)

// appendNumber appends a stored number as the importer understands it: a date where the format shows one, the digits where
// the format is a mask of them, else a plain decimal. Text that is no number is appended as it is.
func (s *styles) appendNumber(dst []byte, raw []byte, style int) []byte {
	f := s.of(style)
	if f == (format{}) && plainNumber(raw) {
		return append(dst, raw...)
	}
	text := strings.TrimSpace(string(raw))
	x, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsInf(x, 0) || math.IsNaN(x) {
		return append(dst, text...)
	}
	if f.date {
		if out, ok := s.appendDate(dst, x, f); ok {
			return out
		}
	}
	if f.mask != "" && x >= 0 && x < 1e15 {
		from := len(dst)
		if dst = appendMasked(dst, x, f.mask); !hidesCPR(dst[from:]) {
			return dst
		}
		return appendDigits(dst[:from], dst[from:])
	}
	return appendPlain(dst, x)
}

// hidesCPR tells whether text is CPR-shaped once what is no digit is left out, but not as it stands: 01-01-90-1234. The stored
// number is a person's all the same, so the digits alone are what the rest of the product gets to see, and masks.
func hidesCPR(text []byte) bool {
	if len(text) <= shortestCPR || shape(string(text)) != 0 {
		return false
	}
	return shape(string(appendDigits(nil, text))) != 0
}

func appendDigits(dst, text []byte) []byte {
	for _, c := range text {
		if c >= '0' && c <= '9' {
			dst = append(dst, c)
		}
	}
	return dst
}

// plainNumber tells whether the stored form is the one to show: at most 15 digits, no leading or trailing zeros to drop, no
// exponent.
func plainNumber(raw []byte) bool {
	b := raw
	if len(b) > 0 && b[0] == '-' {
		b = b[1:]
	}
	if len(b) == 0 || len(b) > 15 || b[0] == '0' && len(b) > 1 && b[1] != '.' {
		return false
	}
	point := -1
	for i, c := range b {
		if c == '.' && point < 0 && i > 0 {
			point = i
		} else if c < '0' || c > '9' {
			return false
		}
	}
	if point >= 0 && (point == len(b)-1 || b[len(b)-1] == '0') {
		return false
	}
	return len(b) == len(raw) || string(b) != "0"
}

// appendPlain writes a number without an exponent, with the 15 digits that Excel shows at most.
func appendPlain(dst []byte, x float64) []byte {
	if x == 0 {
		return append(dst, '0') // and never -0
	}
	if x != math.Trunc(x) || math.Abs(x) >= 1e15 {
		if y, err := strconv.ParseFloat(strconv.FormatFloat(x, 'e', 14, 64), 64); err == nil {
			x = y
		}
	}
	if a := math.Abs(x); a >= 1e21 || a < 1e-9 {
		return strconv.AppendFloat(dst, x, 'E', -1, 64)
	}
	return strconv.AppendFloat(dst, x, 'f', -1, 64)
}

// appendMasked fills the digits of a whole number into a mask from the right, as Excel shows them.
func appendMasked(dst []byte, x float64, mask string) []byte {
	digits := strconv.FormatInt(int64(math.Round(x)), 10)
	places := strings.Count(mask, zeroPlace) + strings.Count(mask, digitPlace)
	first := true
	for i := 0; i < len(mask); i++ {
		if mask[i:i+1] != zeroPlace && mask[i:i+1] != digitPlace {
			dst = append(dst, mask[i])
			continue
		}
		n := 1
		switch {
		case places > len(digits):
			if n = 0; mask[i:i+1] == zeroPlace {
				dst = append(dst, '0')
			}
		case first: // digits beyond the mask stand before it
			n = 1 + len(digits) - places
		}
		first = false
		dst = append(dst, digits[:n]...)
		digits = digits[n:]
		places--
	}
	return dst
}

const (
	secondsPerDay = 24 * 60 * 60
	lastSerial    = 2958465 // 31-12-9999, the last day Excel shows
)

// appendDate writes a serial date as dd-mm-yyyy, with HH:MM:SS where there is a time of day, rounded to the second. A time
// without a date is HH:MM:SS. Numbers that Excel shows no date for are left to the caller.
func (s *styles) appendDate(dst []byte, serial float64, f format) ([]byte, bool) {
	if serial < 0 || serial > lastSerial+1 {
		return dst, false
	}
	seconds := int64(math.Round(serial * secondsPerDay))
	day, clock := seconds/secondsPerDay, int(seconds%secondsPerDay)
	if day > lastSerial {
		return dst, false
	}
	if day == 0 && f.clock && !s.date1904 {
		return fmt.Appendf(dst, "%02d:%02d:%02d", clock/3600, clock/60%60, clock%60), true
	}
	if s.dayText == "" || s.day != day {
		s.day, s.dayText = day, dayText(day, s.date1904)
	}
	dst = append(dst, s.dayText...)
	if clock == 0 {
		return dst, true
	}
	return append(dst, ' ', digit(clock/36000), digit(clock/3600%10), ':', digit(clock/600%6), digit(clock/60%10), ':',
		digit(clock/10%6), digit(clock%10)), true
}

// dayText is the day that Excel shows for a whole serial number, with its 0 January and its 29 February 1900.
func dayText(day int64, date1904 bool) string {
	switch {
	case date1904:
		return (model.NewDate(1904, 1, 1) + model.Date(day)).String()
	case day == 0:
		return "00-01-1900"
	case day < 60:
		return (model.NewDate(1899, 12, 31) + model.Date(day)).String()
	case day == 60:
		return "29-02-1900"
	}
	return (model.NewDate(1899, 12, 30) + model.Date(day)).String()
}

func digit(n int) byte { return byte('0' + n) }

// appendISO writes the ISO 8601 date of a date cell in the way of the other dates; other text stays as it is.
func appendISO(dst []byte, text []byte) []byte {
	s := strings.TrimSuffix(string(text), "Z")
	day, clock, _ := strings.Cut(s, "T")
	var y, m, d int
	if len(day) != 10 || day[4] != '-' || day[7] != '-' {
		return append(dst, text...)
	}
	if n, err := fmt.Sscanf(day, "%4d-%2d-%2d", &y, &m, &d); n != 3 || err != nil || !model.ValidDay(y, m, d) {
		return append(dst, text...)
	}
	clock, _, _ = strings.Cut(clock, ".")
	if clock != "" && (len(clock) != 8 || clock[2] != ':' || clock[5] != ':') {
		return append(dst, text...)
	}
	dst = append(dst, day[8:10]...)
	dst = append(dst, '-')
	dst = append(dst, day[5:7]...)
	dst = append(dst, '-')
	dst = append(dst, day[:4]...)
	if clock != "" && clock != "00:00:00" {
		dst = append(append(dst, ' '), clock...)
	}
	return dst
}
