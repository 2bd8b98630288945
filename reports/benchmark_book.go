package reports

import (
	"fmt"
	"math"
	"strings"

	"github.com/xuri/excelize/v2"
)

// book is a workbook in the making: pages that look alike, one table style, one print set-up.
type book struct {
	f       *excelize.File
	s       *Styles
	left    string // page header, left and right
	right   string
	source  string // page footer
	context string // the line under every title: municipality, round, group
}

func newBook() *book {
	f := excelize.NewFile()
	return &book{f: f, s: NewStyles(f)}
}

// page is one sheet in the making. row is the next free row.
type page struct {
	b    *book
	name string
	row  int
	cols int // columns that title, help and notes span
	head int // row of the frozen header; 0: nothing is frozen
	fit  int // pages in height; 0: as many as it takes
}

// field is a column of a table on a page.
type field struct {
	label string
	unit  Unit
	own   bool // the municipality's own value, set off from the group's
	width float64
}

// as shows a cell in another unit than its column's.
type as struct {
	v    any
	unit Unit
}

// area tells where a table's rows ended up, for charts.
type area struct {
	page             *page
	first, last, end int // rows; end is the first row after the totals
}

// page starts a sheet with its title, context and reading help; cols is how many columns these lines span.
func (b *book) page(name, title, help string, widths ...float64) *page {
	if len(b.f.GetSheetList()) == 1 && b.f.GetSheetList()[0] == "Sheet1" {
		b.s.fail(b.f.SetSheetName("Sheet1", name))
	} else {
		_, err := b.f.NewSheet(name)
		b.s.fail(err)
	}
	p := &page{b: b, name: name, cols: len(widths)}
	for i, w := range widths {
		p.width(i+1, w)
	}
	p.line(1, title, RoleTitle, 28)
	p.line(2, b.context, RoleSubtitle, 18)
	p.line(3, help, RoleHelp, 0)
	p.row = 4
	return p
}

func (p *page) width(col int, width float64) {
	name, err := excelize.ColumnNumberToName(col)
	p.b.s.fail(err)
	p.b.s.fail(p.b.f.SetColWidth(p.name, name, name, width))
}

func (p *page) height(row int, points float64) { p.b.s.fail(p.b.f.SetRowHeight(p.name, row, points)) }

func (p *page) cell(col, row int) string {
	name, err := excelize.CoordinatesToCellName(col, row)
	p.b.s.fail(err)
	return name
}

func (p *page) put(col, row int, v any, role Role, unit Unit) {
	p.b.s.put(p.name, col, row, v, role, unit)
}

// span writes text over columns from..to of a row.
func (p *page) span(row, from, to int, text any, role Role, unit Unit) {
	for col := from + 1; col <= to; col++ {
		p.b.s.fail(p.b.f.SetCellStyle(p.name, p.cell(col, row), p.cell(col, row), p.b.s.id(styleKey{role: role, unit: unit})))
	}
	p.put(from, row, text, role, unit)
	if to > from {
		p.b.s.fail(p.b.f.MergeCell(p.name, p.cell(from, row), p.cell(to, row)))
	}
}

// line writes text over the whole page; a height of 0 makes room for as many lines as the text takes.
func (p *page) line(row int, text string, role Role, height float64) {
	p.span(row, 1, p.cols, text, role, "")
	if height == 0 {
		height = 14.5 * float64(p.lines(text, 1, p.cols))
	}
	p.height(row, height)
}

// lines is how many lines the text takes over columns from..to; a column is as many digits wide as it says, and letters are
// a little narrower.
func (p *page) lines(text string, from, to int) int {
	width := 0.0
	for col := from; col <= to; col++ {
		name, _ := excelize.ColumnNumberToName(col)
		w, err := p.b.f.GetColWidth(p.name, name)
		p.b.s.fail(err)
		width += w
	}
	return max(1, int(math.Ceil(float64(len([]rune(text)))*0.95/width)))
}

// headLines is how many lines a bold header takes beside its filter button, broken between words.
func (p *page) headLines(label string, col int) int {
	name, _ := excelize.ColumnNumberToName(col)
	width, err := p.b.f.GetColWidth(p.name, name)
	p.b.s.fail(err)
	lines, left := 1, width-3
	for _, word := range strings.Fields(label) {
		need := float64(len([]rune(word))+1) * 1.02
		if left -= need; left < 0 {
			lines, left = lines+1, width-3-need
		}
	}
	return lines
}

// section writes a heading inside a page.
func (p *page) section(text string) {
	p.span(p.row, 1, p.cols, text, RoleSection, "")
	p.height(p.row, 22)
	p.row++
}

// notes writes what a reader must know of the figures above.
func (p *page) notes(notes ...string) {
	p.row++
	for _, n := range notes {
		if n != "" {
			p.line(p.row, n, RoleNote, 0)
			p.row++
		}
	}
}

// freeze keeps the rows down to and including row in sight and repeats them on every printed page.
func (p *page) freeze(row int) { p.head = row }

// table writes a real table with filters, and its totals below it where they do not take part in sorting.
func (p *page) table(name string, fields []field, rows [][]any, totals []any) area {
	s := p.b.s
	headLines := 1
	for i, f := range fields {
		p.put(i+1, p.row, f.label, RoleHead, f.unit)
		headLines = max(headLines, p.headLines(f.label, i+1))
	}
	p.height(p.row, 15*float64(headLines)+3)
	a := area{page: p, first: p.row + 1, last: p.row + len(rows)}
	for r, row := range rows {
		tall := 1
		for c, f := range fields {
			v, unit := row[c], f.unit
			if x, other := v.(as); other {
				v, unit = x.v, x.unit
			}
			role := RoleCell
			if f.own {
				role = RoleOwn
			}
			p.put(c+1, a.first+r, v, role, unit)
			if text, isText := v.(string); isText {
				tall = max(tall, p.lines(text, c+1, c+1))
			}
		}
		p.height(a.first+r, 14*float64(tall)+3)
	}
	s.fail(p.b.f.AddTable(p.name, &excelize.Table{
		Range: p.cell(1, p.row) + ":" + p.cell(len(fields), a.last), Name: name, ShowRowStripes: new(bool),
	}))
	p.row = a.last + 1
	if len(totals) > 0 {
		for c, f := range fields {
			v, unit := totals[c], f.unit
			if text, isText := v.(string); isText {
				v, unit = text, Text
			}
			if v == nil && (unit == Text || unit == "") {
				v = ""
			}
			p.put(c+1, p.row, v, RoleTotal, unit)
		}
		p.height(p.row, 18)
		p.row++
	}
	a.end = p.row
	return a
}

// fields of a report, with widths that fit what stands in them.
func fieldsOf(columns []Column, rows [][]any) []field {
	fields := make([]field, len(columns))
	for i, c := range columns {
		fields[i] = field{label: c.Label, unit: c.Unit}
		fields[i].width = fitWidth(c.Label, c.Unit, column(rows, i))
	}
	return fields
}

func column(rows [][]any, i int) []any {
	values := make([]any, len(rows))
	for r := range rows {
		values[r] = rows[r][i]
	}
	return values
}

// fitWidth is a column width in characters: the longest value up to 40, and at least the header's longest word.
func fitWidth(label string, unit Unit, values []any) float64 {
	widest := 0
	for _, v := range values {
		u := unit
		if x, other := v.(as); other {
			v, u = x.v, x.unit
		}
		widest = max(widest, shownWidth(v, u))
	}
	word := 0
	for _, w := range strings.Fields(label) {
		word = max(word, len([]rune(w)))
	}
	w := math.Max(float64(min(widest, 40))*1.05+3, float64(word)*1.1+5)
	return math.Max(w, math.Max(9, float64(len([]rune(label)))/2.4+5)) // at most three lines of header
}

func widthsOf(fields []field) []float64 {
	widths := make([]float64, len(fields))
	for i, f := range fields {
		widths[i] = f.width
	}
	return widths
}

// ref is an absolute reference to a column of the area's rows, for a chart. rows limits how many (0: all).
func (a area) ref(col, rows int) string {
	last := a.last
	if rows > 0 {
		last = min(last, a.first+rows-1)
	}
	name, err := excelize.ColumnNumberToName(col)
	a.page.b.s.fail(err)
	return fmt.Sprintf("%s!$%s$%d:$%s$%d", quoted(a.page.name), name, a.first, name, last)
}

// plainText tells Excel that a column's KLE numbers are text and no dates with a short year, which it would mark as faults.
func (a area) plainText(col int) {
	s, cells := a.page.b.s, a.page.cell(col, a.first)+":"+a.page.cell(col, a.last)
	s.fail(a.page.b.f.AddIgnoredErrors(a.page.name, cells, excelize.IgnoredErrorsTwoDigitTextYear))
}

// headRef is an absolute reference to a column's header.
func (a area) headRef(col int) string {
	name, err := excelize.ColumnNumberToName(col)
	a.page.b.s.fail(err)
	return fmt.Sprintf("%s!$%s$%d", quoted(a.page.name), name, a.first-1)
}

func quoted(sheet string) string { return "'" + strings.ReplaceAll(sheet, "'", "''") + "'" }

// finish sets what every page has: panes, print set-up, header and footer. home adds the way back to the front page.
func (p *page) finish() {
	f, s := p.b.f, p.b.s
	no, yes, zoom := false, true, 100.0
	s.fail(f.SetSheetView(p.name, 0, &excelize.ViewOptions{ShowGridLines: &no, ZoomScale: &zoom}))
	if p.head > 0 {
		s.fail(f.SetPanes(p.name, &excelize.Panes{
			Freeze: true, YSplit: p.head, TopLeftCell: p.cell(1, p.head+1), ActivePane: "bottomLeft",
			Selection: []excelize.Selection{{SQRef: p.cell(1, p.head+1), ActiveCell: p.cell(1, p.head+1), Pane: "bottomLeft"}},
		}))
		s.fail(f.SetDefinedName(&excelize.DefinedName{
			Name: "_xlnm.Print_Titles", Scope: p.name, RefersTo: fmt.Sprintf("%s!$%d:$%d", quoted(p.name), p.head, p.head),
		}))
	}
	size, landscape, wide, tall := 9, "landscape", 1, p.fit // 9 is A4
	s.fail(f.SetSheetProps(p.name, &excelize.SheetPropsOptions{FitToPage: &yes}))
	s.fail(f.SetPageLayout(p.name, &excelize.PageLayoutOptions{Size: &size, Orientation: &landscape, FitToWidth: &wide, FitToHeight: &tall}))
	side, top, edge := 0.5, 0.8, 0.35
	s.fail(f.SetPageMargins(p.name, &excelize.PageLayoutMarginsOptions{
		Left: &side, Right: &side, Top: &top, Bottom: &top, Header: &edge, Footer: &edge, Horizontally: &yes,
	}))
	s.fail(f.SetHeaderFooter(p.name, &excelize.HeaderFooterOptions{
		OddHeader: "&L&9" + headerText(p.b.left) + "&R&9" + headerText(p.b.right),
		OddFooter: "&L&9" + headerText(p.b.source) + "&C&9&A&R&9Side &P af &N",
	}))
}

// headerText keeps text out of the reach of header codes: an & is written twice, and a leading digit must not join the size.
func headerText(s string) string {
	return " " + strings.ReplaceAll(PlainText(s), "&", "&&")
}

// home writes the way back to the front page.
func (p *page) home() {
	p.put(1, p.row, "← "+sheetFront, RoleLink, "")
	p.b.s.fail(p.b.f.SetCellHyperLink(p.name, p.cell(1, p.row), quoted(sheetFront)+"!A1", "Location"))
	p.height(p.row, 18)
	p.row++
}

// rowsFor is how many rows of ordinary height a chart of so many pixels covers.
func (p *page) rowsFor(pixels uint) int { return int(pixels)/20 + 1 }

// pixels is how wide the page's columns are on a screen, as Excel draws them with its standard font.
func (p *page) pixels() uint {
	sum := 0.0
	for col := 1; col <= p.cols; col++ {
		sum += p.columnPixels(col)
	}
	return uint(sum)
}

func (p *page) columnPixels(col int) float64 {
	name, err := excelize.ColumnNumberToName(col)
	p.b.s.fail(err)
	w, err := p.b.f.GetColWidth(p.name, name)
	p.b.s.fail(err)
	return math.Trunc(w*7 + 5)
}

// columnAt is the first column that begins at or after so many pixels from the left.
func (p *page) columnAt(pixels uint) int {
	left := 0.0
	for col := 1; ; col++ {
		if left >= float64(pixels)-5 || col > p.cols {
			return col
		}
		left += p.columnPixels(col)
	}
}

// from is the area without its first rows.
func (a area) from(rows int) area {
	a.first += rows
	return a
}

func upperFirst(s string) string {
	r := []rune(s)
	if len(r) == 0 {
		return s
	}
	return strings.ToUpper(string(r[:1])) + string(r[1:])
}
