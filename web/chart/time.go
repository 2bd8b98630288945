package chart

import (
	"fmt"
	"math"

	"komhen/model"
	"komhen/reports"
)

// days draws every day of the round.
func (c *Chart) days(t table) {
	date, weekday, n := t.column("date"), t.column("weekday"), t.column("contacts")
	c.Kind, c.unit = Columns, reports.Count
	var best point
	var total, with int64
	for _, row := range t.rows {
		day, ok := cell(row, date).(model.Date)
		if !ok {
			continue
		}
		contacts := count(cell(row, n))
		name := text(cell(row, weekday))
		short := []rune(name)
		p := point{label: fmt.Sprintf("%s %d/%d", string(short[:min(3, len(short))]), day.Day(), int(day.Month())), value: contacts, text: model.FormatInt(contacts)}
		p.quiet = name == "lørdag" || name == "søndag"
		c.points = append(c.points, p)
		if total += contacts; contacts > 0 {
			with++
		}
		if contacts > size64(best.value) {
			best = p
			best.label = name + " den " + day.String()
		}
	}
	switch {
	case total == 0:
		c.points = nil
	case with == 1:
		c.Summary = fmt.Sprintf("Alle %s er fra %s.", contacts(total), best.label)
	default:
		c.Summary = fmt.Sprintf("Flest henvendelser var der %s: %s af %s. Der er henvendelser på %d af rundens %d dage.", best.label, best.text, contacts(total), with, len(c.points))
		c.Note = "Lørdage og søndage er lysere."
	}
}

func size64(v any) int64 { return int64(size(v)) }

// trend draws contacts from round to round; a round that nobody counted is a gap.
func (c *Chart) trend(t table) {
	round, label, n, change := t.column("round"), t.column("label"), t.column("contacts"), t.column("change_share")
	c.Kind, c.unit = Line, reports.Count
	if len(t.rows) == 1 {
		c.Kind = Columns
	}
	counted := 0
	for _, row := range t.rows {
		v := number(cell(row, n))
		if v != nil {
			counted++
		}
		c.points = append(c.points, point{label: text(cell(row, round)), value: v, text: reports.CellText(cell(row, n), reports.Count)})
	}
	if counted == 0 {
		c.points = nil
		return
	}
	row := t.rows[len(t.rows)-1]
	name := text(cell(row, label))
	last, ok := cell(row, n).(int64)
	if !ok {
		c.Summary = fmt.Sprintf("%s er ikke talt.", name)
		return
	}
	c.Summary = fmt.Sprintf("%s: %s.", name, contacts(last))
	if share, ok := cell(row, change).(float64); ok {
		word := "flere"
		if share < 0 {
			word = "færre"
		}
		if share == 0 {
			c.Summary = fmt.Sprintf("%s: %s, lige så mange som i den seneste runde før.", name, contacts(last))
		} else {
			c.Summary = fmt.Sprintf("%s: %s, %s %s end i den seneste runde før.", name, contacts(last), reports.CellText(math.Abs(share), reports.Share), word)
		}
	}
	if counted < len(t.rows) {
		c.Note = "Runder, der ikke er talt, er huller i linjen."
	}
}
