package reports

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// wide is the number of columns beyond which a table for people leaves out channels that have no contacts at all.
const wide = 10

// noteWidth is where notes are broken.
const noteWidth = 100

// WriteTable writes a report for a terminal: aligned columns, Danish numbers, totals under a rule, notes below.
func WriteTable(w io.Writer, r *Report) error {
	out := bufio.NewWriter(w)
	fmt.Fprintln(out, r.Title)
	fmt.Fprintln(out, r.Heading())
	fmt.Fprintln(out)
	columns, left := tableColumns(r)
	rows := r.Shown()
	widths := make([]int, len(columns))
	heads := make([][]string, len(columns))
	tallest := 0
	cell := func(row []any, c int) string { return CellText(row[c], r.Columns[c].Unit) }
	for i, c := range columns {
		for _, row := range rows {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell(row, c)))
		}
		if len(r.Totals) > 0 {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell(r.Totals, c)))
		}
		heads[i] = headLines(r.Columns[c], &widths[i])
		tallest = max(tallest, len(heads[i]))
	}
	line := func(text func(i, c int) string) {
		var b strings.Builder
		for i, c := range columns {
			if i > 0 {
				b.WriteString("  ")
			}
			t := text(i, c)
			pad := strings.Repeat(" ", max(0, widths[i]-utf8.RuneCountInString(t)))
			if r.Columns[c].Unit == Text {
				b.WriteString(t + pad)
			} else {
				b.WriteString(pad + t)
			}
		}
		fmt.Fprintln(out, strings.TrimRight(b.String(), " "))
	}
	rule := func() { line(func(i, _ int) string { return strings.Repeat("─", widths[i]) }) }
	for l := 0; l < tallest; l++ {
		line(func(i, _ int) string {
			if at := l - (tallest - len(heads[i])); at >= 0 {
				return heads[i][at]
			}
			return ""
		})
	}
	rule()
	for _, row := range rows {
		line(func(_, c int) string { return cell(row, c) })
	}
	if len(r.Totals) > 0 {
		rule()
		line(func(_, c int) string { return cell(r.Totals, c) })
	}
	notes := r.Notes
	if len(left) > 0 {
		notes = append([]string{"Ikke vist her, fordi de ingen henvendelser har: " + listText(left) + "."}, notes...)
	}
	fmt.Fprintln(out)
	for _, n := range notes {
		for i, part := range wrap(PlainText(n), noteWidth-2) {
			fmt.Fprintln(out, []string{"• ", "  "}[min(i, 1)]+part)
		}
	}
	return out.Flush()
}

// Heading says whose figures they are, and when: "Køge · Forår 2012 (2012F)".
func (r *Report) Heading() string {
	if r.About != "" {
		return r.About
	}
	who := "Alle kommuner"
	if r.Municipality != nil {
		who = r.Municipality.Name
	}
	if r.Scope != "" {
		return who + " · " + r.Scope
	}
	return fmt.Sprintf("%s · %s (%s)", who, r.Round.Title(), r.Round.Name)
}

// Unused is the columns of a wide table that hold channels without any contact. A terminal and a page leave them out, and say so.
func (r *Report) Unused() (columns []int) {
	for i, c := range r.Columns {
		if len(r.Columns) > wide && c.Unit == Count && c.Name != contactsColumn.Name && len(r.Totals) > 0 && r.Totals[i] == int64(0) {
			columns = append(columns, i)
		}
	}
	return columns
}

// tableColumns picks the columns a terminal shows, and names those left out.
func tableColumns(r *Report) (columns []int, left []string) {
	unused := r.Unused()
	for i, c := range r.Columns {
		if c.Code {
			continue
		}
		if slices.Contains(unused, i) {
			left = append(left, c.Label)
			continue
		}
		columns = append(columns, i)
	}
	return columns, left
}

// headLines breaks the header of a column of figures over several lines, so that a long header does not widen it.
func headLines(c Column, width *int) []string {
	if c.Unit == Text {
		*width = max(*width, utf8.RuneCountInString(c.Label))
		return []string{c.Label}
	}
	for _, word := range strings.Fields(c.Label) {
		*width = max(*width, utf8.RuneCountInString(word))
	}
	return wrap(c.Label, *width)
}

// wrap breaks text between words into lines of at most width characters.
func wrap(text string, width int) []string {
	var lines []string
	line, n := "", 0
	for _, word := range strings.Fields(text) {
		size := utf8.RuneCountInString(word)
		if n > 0 && n+1+size > width {
			lines = append(lines, line)
			line, n = "", 0
		}
		if n > 0 {
			line, n = line+" ", n+1
		}
		line, n = line+word, n+size
	}
	return append(lines, line)
}
