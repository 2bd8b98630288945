package chart

import (
	"fmt"
	"math"
	"slices"

	"komhen/model"
	"komhen/reports"
)

// grid is a heatmap: for each task, what part of its contacts each channel has.
type grid struct {
	Columns []string
	Rows    []gridRow
}

type gridRow struct {
	Label string
	Cells []gridCell
}

// gridCell is a part of a row. Shade is 0 (nothing) to 5.
type gridCell struct {
	Text  string
	Shade int
	n     int64
	share float64
}

// shadeFrom is where shades 2 to 5 begin, in parts of the row.
var shadeFrom = []float64{0.1, 0.25, 0.5, 0.75}

// channels draws the channels of the tasks with most contacts.
func (c *Chart) channels(t table) {
	label, n := t.column("label"), t.column("contacts")
	c.Kind, c.unit = Grid, reports.Share
	rows := slices.DeleteFunc(slices.Clone(t.rows), func(row []any) bool { return count(cell(row, n)) == 0 })
	slices.SortStableFunc(rows, func(a, b []any) int { return int(count(cell(b, n)) - count(cell(a, n))) })
	left := len(rows)
	rows = rows[:min(len(rows), most)]
	left -= len(rows)
	var columns []int
	for i, column := range t.Columns {
		if column.Unit != reports.Count || i == n {
			continue
		}
		if slices.ContainsFunc(rows, func(row []any) bool { return count(row[i]) > 0 }) {
			columns = append(columns, i)
		}
	}
	if len(rows) == 0 || len(columns) == 0 {
		return
	}
	c.grid = &grid{}
	for _, i := range columns {
		c.grid.Columns = append(c.grid.Columns, t.Columns[i].Label)
	}
	var best int64
	for _, row := range rows {
		r := gridRow{Label: text(cell(row, label))}
		for _, i := range columns {
			g := gridCell{n: count(row[i])}
			if g.n > 0 {
				g.share = float64(g.n) / float64(count(cell(row, n)))
				g.Text, g.Shade = model.FormatDecimal(100*g.share, 0), 1
				for _, from := range shadeFrom {
					if math.Round(g.share*100)/100 >= from {
						g.Shade++
					}
				}
			}
			if g.n > best {
				best = g.n
				c.Summary = fmt.Sprintf("Flest henvendelser om en opgave gennem én kanal: %s, %s, %s (%s af opgavens).", r.Label, t.Columns[i].Label, contacts(g.n), reports.CellText(g.share, reports.Share))
			}
			r.Cells = append(r.Cells, g)
		}
		c.grid.Rows = append(c.grid.Rows, r)
	}
	c.Note = "Tallet i feltet er kanalens procent af opgavens henvendelser."
	if left > 0 {
		c.Note += fmt.Sprintf(" Tegnet er de %d største opgaver; resten står i tabellen.", most)
	}
}
