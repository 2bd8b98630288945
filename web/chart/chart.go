// Package chart turns a report into a picture: options for ECharts, a sentence that says the main thing, and the same figures
// as plain bars for those without script and for print.
//
// Danger: a chart shows the report's own figures, as rounded there, and adds up only what it calls the rest. It never
// stands without the table beside it: the plain bars are hidden from screen readers, who have the sentence and the table.
package chart

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"math"
	"strings"

	"komhen/model"
	"komhen/reports"
)

// Kind is how a chart is drawn.
type Kind string

const (
	Bars    Kind = "bars"    // lying bars, the first category on top
	Parts   Kind = "parts"   // one bar that is divided
	Columns Kind = "columns" // upright, over time
	Line    Kind = "line"    // over time, with gaps where a value is missing
	Grid    Kind = "grid"    // a heatmap
)

// Chart is a finished picture. HTML is all that a page needs; the rest is for pages that put it together themselves.
type Chart struct {
	ID      string // prefix of element ids; "graf-" and the report's name
	Kind    Kind
	Title   string // above the summary; a page whose heading says the same sets it to ""
	Summary string // a Danish sentence or two with the main thing
	Note    string // what is left out or put together, "" if nothing is
	Option  []byte // JSON for komhen.js: an ECharts option, where text stands ready-made beside each value

	points []point
	grid   *grid
	unit   reports.Unit
	height int
}

// point is a bar: its category, its value (nil: missing) and how the value is written.
type point struct {
	label string
	value any
	text  string
	quiet bool // the rest, or what is not filled in
	loud  bool // the viewer's own
}

// most is the number of bars before the rest are put together.
const most = 20

// Of picks the chart that shows a report best. ok is false when there is nothing to draw. Labels in highlight (a
// municipality's name) stand out.
func Of(rep *reports.Report, highlight ...string) (c *Chart, ok bool) {
	if rep == nil || len(rep.Rows) == 0 {
		return nil, false
	}
	c = &Chart{ID: "graf-" + rep.Name, Title: rep.Title}
	t := table{Report: rep, rows: rep.Shown()}
	switch rep.Name {
	case "channels":
		c.counted(t, "Den største kanal er %s", "Kanaler")
	case "subjects":
		c.counted(t, "Den største opgave er %s", "Opgaver")
	case "types":
		c.counted(t, "Den hyppigste henvendelsestype er %s", "Henvendelsestyper")
	case "units":
		c.counted(t, "Flest henvendelser har %s", "Enheder")
	case "closings", "forms":
		c.parts(t)
	case "days":
		c.days(t)
	case "trend":
		c.trend(t)
	case "channel-by-subject":
		c.channels(t)
	case "digital-share":
		c.digital(t)
	case "local":
		c.months(t)
	case "coverage":
		c.compare(t, highlight)
		c.Title = t.Title // its one share is what the title says
	case "board", "deliveries", "questions": // words, not figures
	default:
		c.compare(t, highlight)
	}
	if len(c.points) == 0 && c.grid == nil {
		return nil, false
	}
	c.Option = c.option()
	return c, true
}

// table finds a report's columns by name, so that a column more does not disturb.
type table struct {
	*reports.Report
	rows [][]any // as shown
}

// column is the place of the first column with one of the names, -1 if there is none.
func (t table) column(names ...string) int {
	for _, name := range names {
		for i, c := range t.Columns {
			if c.Name == name {
				return i
			}
		}
	}
	return -1
}

// cell is a value of a row, nil where the column does not exist.
func cell(row []any, column int) any {
	if column < 0 || column >= len(row) {
		return nil
	}
	return row[column]
}

func count(v any) int64 { n, _ := v.(int64); return n }

func text(v any) string { s, _ := v.(string); return reports.PlainText(s) }

// total is the sum below a column, or else of its rows.
func (t table) total(column int) (sum int64) {
	if n, ok := cell(t.Totals, column).(int64); ok {
		return n
	}
	for _, row := range t.rows {
		sum += count(cell(row, column))
	}
	return sum
}

// number is a value as ECharts takes it; nil is a gap.
func number(v any) any {
	switch x := v.(type) {
	case int64:
		return x
	case float64:
		if !math.IsNaN(x) && !math.IsInf(x, 0) {
			return x
		}
	}
	return nil
}

func size(v any) float64 {
	switch x := v.(type) {
	case int64:
		return float64(x)
	case float64:
		return x
	}
	return 0
}

//go:embed chart.html
var page string

var figure = template.Must(template.New("chart").Parse(page))

//go:embed plain.html
var plain string

var plainFigure = template.Must(template.New("plain").Parse(plain))

// plainBar is a bar as the page shows it without script: Width is a part of 100.
type plainBar struct {
	Label, Text, Width string
	Quiet, Loud        bool
}

// HTML is the figure: caption, room for ECharts, plain bars, and the data for komhen.js.
func (c *Chart) HTML() (template.HTML, error) {
	return c.draw(figure, map[string]any{"Height": c.height, "Data": template.JS(c.Option)})
}

// Plain is the figure as paper has it: caption and plain bars, without script. Its note is left to the page.
func (c *Chart) Plain() (template.HTML, error) { return c.draw(plainFigure, map[string]any{}) }

func (c *Chart) draw(with *template.Template, data map[string]any) (template.HTML, error) {
	largest := 0.0
	for _, p := range c.points {
		largest = max(largest, size(p.value))
	}
	if c.Kind == Parts {
		largest = 1
	}
	var bars []plainBar
	for _, p := range c.points {
		width := 0.0
		if largest > 0 {
			width = max(0, 100*size(p.value)/largest)
		}
		bars = append(bars, plainBar{p.label, p.text, fmt.Sprintf("%.2f", width), p.quiet, p.loud})
	}
	data["Chart"], data["Summary"], data["Bars"], data["Grid"] = c, strings.ReplaceAll(c.Summary, " %", "\u00a0%"), bars, c.grid
	var out strings.Builder
	err := with.Execute(&out, data)
	return template.HTML(out.String()), err
}

func mustJSON(v any) []byte {
	out, err := json.Marshal(v) // escapes <, > and &, so that it may stand in a script element
	if err != nil {
		panic(err) // maps, texts and finite numbers
	}
	return out
}

func contacts(n int64) string {
	if n == 1 {
		return "1 henvendelse"
	}
	return model.FormatInt(n) + " henvendelser"
}
