package web

import (
	"strconv"

	"komhen/model"
	"komhen/reports"
)

// figureTable is a report's table ready to be shown: the same cells as the command line's, column for column.
type figureTable struct {
	ID, Caption string
	Head        []figureCell
	Rows        []figureRow
	Totals      []figureCell
	Without     []figureRow // named below the table, because they have no figures
	Left        []string    // columns without any contacts, which are not shown
	Wide        bool        // too wide for a screen: it scrolls sideways, the first columns stand still
}

type figureRow struct {
	ID    string
	Mark  string // why it is pointed out, "din kommune"; of those without figures the name
	Cells []figureCell
}

type figureCell struct {
	Text    string
	Title   string // its column, for narrow screens
	Numeric bool
	Header  bool   // names the row
	Sort    string // what the column is sorted by, where the text would sort wrongly
	Short   bool   // a code: never broken
}

// wideTable is how many columns fit on a screen.
const wideTable = 8

func tableOf(rep *reports.Report) figureTable {
	t := figureTable{ID: "tal", Caption: rep.Title + ", " + rep.Heading()}
	columns, left := rep.Columns, map[int]bool{}
	for _, i := range rep.Unused() {
		left[i] = true
		t.Left = append(t.Left, columns[i].Label)
	}
	header := headerColumn(rep)
	line := func(cells []any) []figureCell {
		var list []figureCell
		for i, c := range columns {
			if !left[i] {
				list = append(list, cellOf(cells[i], c, i == header))
			}
		}
		return list
	}
	for i, c := range columns {
		if !left[i] {
			t.Head = append(t.Head, figureCell{Text: c.Label, Numeric: c.Unit != reports.Text && c.Unit != reports.Day, Short: len(c.Label) <= 10})
		}
	}
	t.Wide = len(t.Head) > wideTable
	for _, row := range rep.Shown() {
		t.Rows = append(t.Rows, figureRow{Cells: line(row)})
	}
	if len(rep.Totals) > 0 {
		t.Totals = line(rep.Totals)
		for i := range t.Totals {
			if t.Totals[i].Text == model.Missing || t.Totals[i].Text == "" {
				t.Totals[i].Text, t.Totals[i].Header = "", false // there is no total, which is not an unknown one
			}
		}
	}
	return t
}

// headerColumn is the column that names a row: its label, else the first.
func headerColumn(rep *reports.Report) int {
	for i, c := range rep.Columns {
		if c.Name == "label" {
			return i
		}
	}
	return 0
}

func cellOf(v any, c reports.Column, header bool) figureCell {
	cell := figureCell{Text: reports.CellText(v, c.Unit), Title: c.Label, Numeric: c.Unit != reports.Text && c.Unit != reports.Day, Header: header}
	switch x := v.(type) {
	case string:
		cell.Short = len(x) <= 10
	case int64:
		cell.Sort = strconv.FormatInt(x, 10)
	case float64:
		cell.Sort = strconv.FormatFloat(x, 'f', -1, 64)
	case model.Date:
		cell.Sort = x.ISO()
	case nil:
		cell.Sort = "-"
	}
	return cell
}

// hasFigures tells whether there is a contact anywhere in a report. One of answers says itself when there are none, and one of totals has
// those.
func hasFigures(rep *reports.Report) bool {
	if rep.Name == "questions" || rep.Name == "coverage" && len(rep.Rows) > 0 {
		return true
	}
	for i, c := range rep.Columns {
		if c.Unit != reports.Count && c.Name != "days_with" {
			continue
		}
		for _, row := range rep.Rows {
			if n, ok := row[i].(int64); ok && n > 0 {
				return true
			}
		}
	}
	return false
}
