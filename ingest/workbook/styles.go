package workbook

import (
	"archive/zip"
	"strconv"
	"strings"
)

// styles tells what the number formats of the workbook make of a number.
type styles struct {
	formats  []format // by style index, the s attribute of a cell
	date1904 bool

	day     int64 // the day written last: columns of dates repeat it
	dayText string
}

// format is what matters of a number format: whether it shows a date, and whether it is a mask of digits such as 000000-0000.
type format struct {
	date  bool
	clock bool   // shows hours, minutes or seconds
	mask  string // "" or only digit places and literals
}

// Places of a mask: a digit that is shown even when it is a leading zero, and one that is not.
const zeroPlace, digitPlace = "\x00", "\x01"

func (s *styles) of(style int) format {
	if style < 0 || style >= len(s.formats) {
		return format{}
	}
	return s.formats[style]
}

// builtIn is the meaning of the number formats that stand in no file. 27–36 and 50–58 are dates in East Asian editions only.
func builtIn(id int) format {
	switch {
	case id >= 14 && id <= 17:
		return format{date: true}
	case id == 22:
		return format{date: true, clock: true}
	case id >= 18 && id <= 21, id >= 45 && id <= 47:
		return format{date: true, clock: true}
	case id >= 27 && id <= 36, id >= 50 && id <= 58:
		return format{date: true, clock: id >= 32 && id <= 35 || id == 55 || id == 56}
	}
	return format{}
}

func (b *Book) readStyles(f *zip.File) error {
	custom := map[int]format{}
	inCells := 0
	return b.eachTag(f, func(s *scanner, name string) error {
		switch name {
		case "numFmt":
			id, _, err := s.attribute("numFmtId")
			if err != nil {
				return err
			}
			code, _, err := s.attribute("formatCode")
			if err != nil {
				return err
			}
			if n, err := strconv.Atoi(id); err == nil {
				custom[n] = parseFormat(code)
			}
		case "cellXfs":
			inCells = s.depthOf()
		case "xf":
			// The cell formats come after the number formats; cellStyleXfs, which comes before them, is not what s means.
			if inCells == 0 || s.depthOf() != inCells+1 || len(b.styles.formats) > 1<<16 {
				return nil
			}
			id, _, err := s.attribute("numFmtId")
			if err != nil {
				return err
			}
			n, _ := strconv.Atoi(id)
			f, ok := custom[n]
			if !ok {
				f = builtIn(n)
			}
			b.styles.formats = append(b.styles.formats, f)
		case "cellStyles", "dxfs":
			inCells = 0
		}
		return nil
	})
}

const general = "General"

// parseFormat reads the part of a number format that governs positive numbers.
func parseFormat(code string) format {
	var f format
	var mask strings.Builder
	isMask, places, letters := true, 0, false
	for i := 0; i < len(code); i++ {
		c := code[i]
		switch {
		case c == ';':
			i = len(code)
		case c == '"':
			end := strings.IndexByte(code[i+1:], '"')
			if end < 0 {
				i = len(code)
				break
			}
			mask.WriteString(code[i+1 : i+1+end])
			i += end + 1
		case c == '\\':
			if i++; i < len(code) {
				mask.WriteByte(code[i])
			}
		case c == '_', c == '*': // a gap as wide as, or a filling with, the next character
			isMask = false
			i++
		case c == '[':
			end := strings.IndexByte(code[i:], ']')
			if end < 0 {
				i = len(code)
				break
			}
			inside := strings.ToLower(code[i+1 : i+end])
			if strings.Trim(inside, "hms") == "" && inside != "" { // [h]: hours that go on counting
				f.date, f.clock = true, true
			}
			i += end
		case c == '0':
			places++
			mask.WriteString(zeroPlace)
		case c == '#':
			places++
			mask.WriteString(digitPlace)
		case len(code)-i >= len(general) && strings.EqualFold(code[i:i+len(general)], general):
			isMask = false
			i += len(general) - 1
		case c == '-' || c == ' ' || c == '(' || c == ')' || c == '/' || c == ':':
			mask.WriteByte(c)
		default:
			isMask = false
			switch c {
			case 'd', 'D', 'y', 'Y', 'm', 'M':
				letters = true
			case 'h', 'H', 's', 'S':
				letters, f.clock = true, true
			}
		}
	}
	if letters {
		f.date = true
	}
	if !f.date {
		f.clock = false
		if isMask && places >= 2 {
			f.mask = mask.String()
		}
	}
	return f
}
