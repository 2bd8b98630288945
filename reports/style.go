package reports

import (
	"math"
	"strings"
	"time"
	"unicode"

	"github.com/xuri/excelize/v2"

	"komhen/model"
)

// One accent colour, its tint, and greys: a workbook is read for its figures.
const (
	accentColour = "1B4F72"
	tintColour   = "E9F0F5"
	groupColour  = "A6B4BF" // the comparison group, beside the accent
	inkColour    = "222222"
	quietColour  = "5F6B73"
	lineColour   = "D5DBE0"
	fontFamily   = "Calibri"
)

// Role is what a cell is for; together with a unit it decides how the cell looks.
type Role uint8

const (
	RoleCell Role = iota
	RoleOwn       // the municipality's own value, where others stand beside it
	RoleHead
	RoleTotal
	RoleTitle
	RoleSubtitle
	RoleHelp
	RoleSection
	RoleNote
	RoleLink
	RoleKey
	RoleValue
	RoleTileLabel
	RoleTileValue
	RoleTileNote
)

// numberFormats are written with English separators, as the file format wants it; Excel and LibreOffice show them with
// those of the reader's country.
var numberFormats = map[Unit]string{
	Text: "@", Count: "#,##0", Number: "#,##0", Share: "0.0%", Ratio: "#,##0.0", Per1000: "#,##0.00", Day: "dd-mm-yyyy",
	Points: `+0.0" pct.point";-0.0" pct.point";0.0" pct.point"`, Change: `+#,##0.00;-#,##0.00;0.00`,
	Clock: "dd-mm-yyyy hh:mm", Place: "0", SharedPlace: `0" (delt)"`, ChangeCount: "+#,##0;-#,##0;0",
	Uptime: "0.00##%", UptimeBelow: `0.00##%" ▼"`,
}

// Units that only workbooks use: differences carry their sign, a shared place says so.
const (
	Points      Unit = "procentpoint"
	Change      Unit = "forskel"
	ChangeCount Unit = "forskel i antal"
	Place       Unit = "placering"
	SharedPlace Unit = "delt placering"
	Clock       Unit = "tidspunkt"
	Uptime      Unit = "driftseffektivitet"           // a fraction, shown with two decimals of a percent or more
	UptimeBelow Unit = "driftseffektivitet under mål" // the same, marked by sign and colour
)

type styleKey struct {
	role    Role
	unit    Unit
	missing bool // a dash stands where a number would
	literal bool // text that a spreadsheet might take for a formula
}

// Styles makes the cell styles of one workbook, each once. A failure is kept in Err, so that a sheet can be written
// without a check a cell.
type Styles struct {
	f   *excelize.File
	ids map[styleKey]int
	Err error
}

// NewStyles sets the workbook's font and gives its styles.
func NewStyles(f *excelize.File) *Styles {
	s := &Styles{f: f, ids: map[styleKey]int{}}
	s.fail(f.SetDefaultFont(fontFamily))
	return s
}

func (s *Styles) fail(err error) {
	if s.Err == nil && err != nil {
		s.Err = err
	}
}

func (s *Styles) id(k styleKey) int {
	if id, made := s.ids[k]; made {
		return id
	}
	id, err := s.f.NewStyle(k.style())
	s.fail(err)
	if k.literal && err == nil {
		yes := true
		s.f.Styles.CellXfs.Xf[id].QuotePrefix = &yes // shows the text as text also after the cell was edited
	}
	s.ids[k] = id
	return id
}

func (k styleKey) style() *excelize.Style {
	font := &excelize.Font{Family: fontFamily, Size: 10.5, Color: inkColour}
	align := &excelize.Alignment{Vertical: "center"}
	st := &excelize.Style{Font: font, Alignment: align}
	fill := func(colour string) {
		st.Fill = excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{colour}}
	}
	line := func(side, colour string, style int) {
		st.Border = append(st.Border, excelize.Border{Type: side, Color: colour, Style: style})
	}
	numeric := k.unit != Text && k.unit != ""
	format, has := numberFormats[k.unit]
	if has {
		st.CustomNumFmt = &format
	}
	switch k.role {
	case RoleCell, RoleOwn, RoleTotal:
		if numeric {
			align.Horizontal = "right" // without an indent, which LibreOffice honours now and then only
		} else {
			align.Horizontal, align.Indent, align.WrapText = "left", 1, true
		}
		line("bottom", lineColour, 1)
		if k.role == RoleOwn {
			fill(tintColour)
			font.Bold = true
		}
		if k.role == RoleTotal {
			font.Bold = true
			st.Border = nil
			line("top", accentColour, 1)
			line("bottom", accentColour, 6)
		}
	case RoleHead:
		font.Bold, font.Color = true, "FFFFFF"
		fill(accentColour)
		align.WrapText, align.Horizontal, align.Indent = true, "left", 1
		if numeric {
			align.Horizontal, align.Indent = "right", 2 // clear of the filter button
		}
		st.CustomNumFmt = nil
	case RoleTitle:
		font.Bold, font.Size, font.Color = true, 18, accentColour
	case RoleSubtitle:
		font.Size, font.Color = 11.5, inkColour
	case RoleHelp:
		font.Color, font.Size = quietColour, 10.5
		align.WrapText, align.Vertical = true, "top"
	case RoleSection:
		font.Bold, font.Size, font.Color = true, 12.5, accentColour
		line("bottom", accentColour, 1)
	case RoleNote:
		font.Size, font.Color = 9.5, quietColour
		align.WrapText, align.Vertical = true, "top"
	case RoleLink:
		font.Color, font.Underline = accentColour, "single"
		align.Horizontal = "left"
	case RoleKey:
		font.Color = quietColour
		align.Vertical = "top"
	case RoleValue:
		align.WrapText, align.Vertical, align.Horizontal = true, "top", "left"
	case RoleTileLabel:
		font.Color, font.Size = quietColour, 10
		fill(tintColour)
		align.Horizontal, align.Indent = "left", 1
		line("top", accentColour, 5)
		line("right", "FFFFFF", 5)
	case RoleTileValue:
		font.Bold, font.Size, font.Color = true, 20, accentColour
		fill(tintColour)
		line("right", "FFFFFF", 5)
		align.Horizontal, align.Indent = "left", 1
	case RoleTileNote:
		font.Size, font.Color = 9.5, quietColour
		fill(tintColour)
		line("right", "FFFFFF", 5)
		align.Horizontal, align.Indent = "left", 1
	}
	if k.missing {
		font.Color = quietColour
	}
	if k.unit == UptimeBelow {
		font.Bold, font.Color = true, "7A1F12"
		fill("FBE3DF")
	}
	return st
}

// put writes a value with its look: nil and NaN become a dash, a number stays a number and text stays text.
func (s *Styles) put(sheet string, col, row int, v any, role Role, unit Unit) {
	cell, err := excelize.CoordinatesToCellName(col, row)
	s.fail(err)
	k := styleKey{role: role, unit: unit}
	switch x := v.(type) {
	case nil:
		k.missing = true
		s.fail(s.f.SetCellStr(sheet, cell, model.Missing))
	case float64:
		if math.IsNaN(x) || math.IsInf(x, 0) {
			k.missing = true
			s.fail(s.f.SetCellStr(sheet, cell, model.Missing))
			break
		}
		s.fail(s.f.SetCellFloat(sheet, cell, x, -1, 64))
	case int64:
		s.fail(s.f.SetCellInt(sheet, cell, x))
	case int:
		s.fail(s.f.SetCellInt(sheet, cell, int64(x)))
	case model.Date:
		s.fail(s.f.SetCellInt(sheet, cell, excelDay(x)))
	case time.Time: // the clock it shows, whatever its zone
		seconds := x.Hour()*3600 + x.Minute()*60 + x.Second()
		day := excelDay(model.NewDate(x.Year(), int(x.Month()), x.Day()))
		s.fail(s.f.SetCellFloat(sheet, cell, float64(day)+float64(seconds)/(24*60*60), -1, 64))
	case string:
		text := PlainText(x)
		k.literal = role != RoleHead && model.LooksLikeFormula(text)
		s.fail(s.f.SetCellStr(sheet, cell, text))
	}
	s.fail(s.f.SetCellStyle(sheet, cell, cell, s.id(k)))
}

// excelDay is the serial number of a day in a workbook: days since 30-12-1899, right from 01-03-1900 on.
func excelDay(d model.Date) int64 { return int64(d) + 25569 }

// PlainText makes text safe to show: control characters, and marks that turn the reading direction, become "�"; a
// workbook must not show another file name than the one that came.
func PlainText(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return ' '
		case unicode.IsControl(r), r >= 0x200e && r <= 0x200f, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069,
			r == 0xfffe, r == 0xffff, r == unicode.ReplacementChar:
			return unicode.ReplacementChar
		}
		return r
	}, s)
}

// shownWidth estimates how many characters wide a value is shown.
func shownWidth(v any, unit Unit) int {
	switch x := v.(type) {
	case string:
		return len([]rune(x))
	case int64:
		return len([]rune(model.FormatInt(x)))
	case int:
		return len([]rune(model.FormatInt(int64(x))))
	case float64:
		switch unit {
		case Share:
			return len([]rune(model.FormatDecimal(x*100, 1))) + 1
		case Points:
			return len([]rune(model.FormatDecimal(x, 1))) + 11
		case Per1000, Change:
			return len([]rune(model.FormatDecimal(x, 2))) + 1
		case Uptime, UptimeBelow:
			return 8
		}
		return len([]rune(model.FormatDecimal(x, 1)))
	case model.Date:
		return 10
	}
	return 1
}
