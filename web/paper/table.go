package paper

import (
	"unicode/utf8"

	"komhen/model"
	"komhen/reports"
)

// table is a report's table as paper has it.
type table struct {
	Caption string
	Head    []cell
	Rows    [][]cell
	Totals  []cell
	Left    []string // columns without any contacts, which are not shown
	Wide    bool     // stands on a sheet lying down, with headings on end
	Short   bool     // is not broken over two sheets
}

type cell struct {
	Text    string
	Numeric bool
	Header  bool // names the row
	OnEnd   bool // a heading that is turned
	Whole   bool // a code or a date: never broken
	Zero    bool // of many columns, where what is not zero is looked for
}

const (
	wideTable  = 8  // columns that fit on an upright sheet
	shortTable = 24 // rows that are kept on one sheet
)

func tableOf(rep *reports.Report, caption string) *table {
	t := &table{Caption: caption, Short: len(rep.Rows) <= shortTable}
	left := map[int]bool{}
	for _, i := range rep.Unused() {
		left[i] = true
		t.Left = append(t.Left, rep.Columns[i].Label)
	}
	header := 0
	for i, c := range rep.Columns {
		if c.Code {
			left[i] = true
			header = max(header, i+1)
		}
	}
	for i, c := range rep.Columns {
		if c.Name == "label" {
			header = i
		}
	}
	line := func(cells []any) (list []cell) {
		for i, c := range rep.Columns {
			if !left[i] {
				text := reports.CellText(cells[i], c.Unit)
				list = append(list, cell{Text: nonBreaking(text), Numeric: numeric(c), Header: i == header, Whole: c.Unit == reports.Day || utf8.RuneCountInString(text) <= 12})
			}
		}
		return list
	}
	for i, c := range rep.Columns {
		if !left[i] {
			t.Head = append(t.Head, cell{Text: c.Label, Numeric: numeric(c), Header: i == header})
		}
	}
	if t.Wide = len(t.Head) > wideTable; t.Wide {
		for i := range t.Head {
			t.Head[i].OnEnd = !t.Head[i].Header && i > 1
		}
	}
	for _, row := range rep.Shown() {
		cells := line(row)
		for i := range cells {
			cells[i].Zero = t.Wide && cells[i].Text == "0"
		}
		t.Rows = append(t.Rows, cells)
	}
	if len(rep.Totals) > 0 {
		t.Totals = line(rep.Totals)
		for i := range t.Totals {
			if t.Totals[i].Text == model.Missing {
				t.Totals[i].Text = "" // there is no total, which is not an unknown one
			}
		}
	}
	return t
}

func numeric(c reports.Column) bool { return c.Unit != reports.Text && c.Unit != reports.Day }
