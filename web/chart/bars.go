package chart

import (
	"fmt"
	"math"
	"sort"
	"strings"

	"komhen/model"
	"komhen/reports"
)

// notFilledIn is how reports name what is not filled in; it stands last and quiet.
const notFilledIn = "Ikke oplyst"

// counted draws contacts with their share, most first, the smallest put together.
func (c *Chart) counted(t table, lead, many string) {
	label, n, share := t.column("label", "unit"), t.column("contacts"), t.column("share")
	c.Kind, c.unit = Bars, reports.Count
	total := t.total(n)
	write := func(n int64, share any) string {
		if share == nil {
			return model.FormatInt(n)
		}
		return fmt.Sprintf("%s (%s)", model.FormatInt(n), reports.CellText(share, reports.Share))
	}
	var rest point
	var restN, left, empty int64
	restShare := 0.0
	rows := append([][]any(nil), t.rows...)
	sort.SliceStable(rows, func(a, b int) bool { return count(cell(rows[a], n)) > count(cell(rows[b], n)) })
	var last []point
	for _, row := range rows {
		contacts := count(cell(row, n))
		if contacts == 0 {
			empty++
			continue
		}
		p := point{label: text(cell(row, label)), value: contacts, text: write(contacts, cell(row, share))}
		switch {
		case p.label == notFilledIn:
			p.quiet = true
			last = append(last, p)
		case len(c.points) == most:
			left++
			restN += contacts
			restShare += size(cell(row, share))
			rest = p
		default:
			c.points = append(c.points, p)
		}
	}
	c.Summary = c.largest(lead, total)
	if left == 1 {
		c.points = append(c.points, rest)
	} else if left > 1 {
		label := fmt.Sprintf("De øvrige %s", model.FormatInt(left))
		c.points = append(c.points, point{label: label, value: restN, text: write(restN, math.Round(restShare*1000)/1000), quiet: true})
		c.Note = fmt.Sprintf("Tegnet er de %d største; resten er lagt sammen og står hver for sig i tabellen.", most)
	}
	c.points = append(c.points, last...)
	if empty > 0 {
		c.Note = strings.TrimSpace(c.Note + " " + many + " uden henvendelser er ikke tegnet.")
	}
}

// largest is a sentence about the first bars.
func (c *Chart) largest(lead string, total int64) string {
	if len(c.points) == 0 {
		return "Der er ingen oplyste henvendelser at tegne."
	}
	s := fmt.Sprintf(lead+": %s af %s.", c.points[0].label, c.points[0].text, contacts(total))
	if len(c.points) == 2 {
		return s + fmt.Sprintf(" Derefter følger %s: %s.", c.points[1].label, c.points[1].text)
	}
	if len(c.points) > 2 {
		return s + fmt.Sprintf(" Derefter følger %s: %s og %s: %s.", c.points[1].label, c.points[1].text, c.points[2].label, c.points[2].text)
	}
	return s
}

// parts draws a few categories that make up a whole.
func (c *Chart) parts(t table) {
	label, n, share := t.column("label"), t.column("contacts"), t.column("share")
	c.Kind, c.unit = Parts, reports.Share
	var said []string
	for _, row := range t.rows {
		if contacts := count(cell(row, n)); contacts > 0 {
			name := text(cell(row, label))
			part := reports.CellText(cell(row, share), reports.Share)
			c.points = append(c.points, point{label: name, value: number(cell(row, share)), text: fmt.Sprintf("%s (%s)", part, model.FormatInt(contacts)), quiet: name == notFilledIn})
			said = append(said, fmt.Sprintf("%s: %s", name, part))
		}
	}
	c.Summary = fmt.Sprintf("Af %s er fordelingen: %s.", contacts(t.total(n)), strings.Join(said, ", "))
}

// digital draws the digital share of the tasks that most contacts came in about.
func (c *Chart) digital(t table) {
	label, inbound, share := t.column("label"), t.column("inbound"), t.column("digital_share")
	c.Kind, c.unit = Bars, reports.Share
	for _, row := range t.rows {
		if v, ok := cell(row, share).(float64); ok && len(c.points) < most {
			c.points = append(c.points, point{label: text(cell(row, label)), value: v, text: fmt.Sprintf("%s af %s", reports.CellText(v, reports.Share), model.FormatInt(count(cell(row, inbound))))})
		}
	}
	if len(c.points) == 0 {
		return
	}
	if v := cell(t.Totals, share); v != nil {
		c.Summary = fmt.Sprintf("I alt er %s af de indgående henvendelser digitale. ", reports.CellText(v, reports.Share))
	}
	c.Summary += extremes(c.points, reports.Share, "Blandt de tegnede opgaver")
	if with := len(t.rows); with > len(c.points) {
		c.Note = fmt.Sprintf("Tegnet er de %d opgaver, som flest henvendelser kom ind om; resten står i tabellen.", len(c.points))
	}
}

// months adds a report's rows up by month: a bar for each.
func (c *Chart) months(t table) {
	name, value := t.column("name"), t.column("contacts")
	c.Kind, c.unit = Bars, reports.Count
	for _, row := range t.rows {
		label, n := text(cell(row, name)), count(cell(row, value))
		if last := len(c.points) - 1; last >= 0 && c.points[last].label == label {
			n += count(c.points[last].value)
			c.points = c.points[:last]
		}
		c.points = append(c.points, point{label: label, value: n, text: model.FormatInt(n)})
	}
	if len(c.points) > 0 {
		c.Summary = extremes(c.points, c.unit, fmt.Sprintf("Af %d måneder med henvendelser", len(c.points)))
	}
}

// extremes is a sentence about the highest and the lowest.
func extremes(points []point, unit reports.Unit, lead string) string {
	high, low := points[0], points[0]
	for _, p := range points {
		if size(p.value) > size(high.value) {
			high = p
		}
		if size(p.value) < size(low.value) {
			low = p
		}
	}
	if size(high.value) == size(low.value) {
		return fmt.Sprintf("%s er værdien %s.", lead, reports.CellText(high.value, unit))
	}
	return fmt.Sprintf("%s er %s højest (%s) og %s lavest (%s).", lead, high.label, reports.CellText(high.value, unit), low.label, reports.CellText(low.value, unit))
}

// compare draws the first share (or else the first figure) of any other report: one bar for each row.
func (c *Chart) compare(t table, highlight []string) {
	label, value := t.column("label", "name", "unit"), t.column("digital_share", "share")
	for i, column := range t.Columns {
		if label < 0 && column.Unit == reports.Text {
			label = i
		}
		if value < 0 && column.Unit == reports.Share {
			value = i
		}
	}
	for i, column := range t.Columns {
		if value < 0 && (column.Unit == reports.Count || column.Unit == reports.Number || column.Unit == reports.Ratio || column.Unit == reports.Per1000) {
			value = i
		}
	}
	if label < 0 || value < 0 {
		return
	}
	c.Kind, c.unit = Bars, t.Columns[value].Unit
	c.Title = t.Title + ": " + t.Columns[value].Label
	missing := 0
	for _, row := range t.rows {
		v := number(cell(row, value))
		if v == nil {
			missing++
			continue
		}
		p := point{label: text(cell(row, label)), value: v, text: reports.CellText(v, c.unit)}
		for _, h := range highlight {
			p.loud = p.loud || (h != "" && p.label == h)
		}
		c.points = append(c.points, p)
	}
	if len(c.points) == 0 {
		return
	}
	what := "med tal"
	switch t.Name {
	case "ranking":
		what = "kommuner med tal"
	case "coverage":
		what = "kanaler med en dækningsgrad"
	}
	c.Summary = extremes(c.points, c.unit, fmt.Sprintf("Af %s %s", model.FormatInt(int64(len(c.points))), what))
	if missing > 0 {
		c.Note = fmt.Sprintf("%s uden tal er ikke tegnet.", model.FormatInt(int64(missing)))
	}
}
