package reports

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"komhen/model"
)

// OperationsFormats are what driftsstatus can be written as. csv and xlsx can be imported again.
var OperationsFormats = map[string]func(io.Writer, *Operations) error{
	"table": WriteOperationsTable, "csv": WriteOperationsCSV, "json": WriteOperationsJSON, "xlsx": WriteOperationsXLSX}

// Report is the months as a table, in percent; what is below its target has a mark behind it.
func (o *Operations) Report() *Report {
	r := &Report{Name: "operations", Title: "Driftsstatus: brugeroplevet driftseffektivitet i procent", About: o.Heading(), Notes: []string{o.Summary()}}
	r.Columns = []Column{{Name: "label", Label: "Driftsområde", Unit: Text}, {Name: "target", Label: "SLA-mål", Unit: Number}}
	for _, m := range o.Months {
		r.Columns = append(r.Columns, Column{Name: m.ISO(), Label: m.Short(), Unit: Number})
	}
	for _, line := range o.Rows {
		row := []any{line.Label(), nil}
		if line.Measure == model.MeasureCalls && line.System != "" {
			row[0] = line.System + ", servicekald"
		}
		if line.Target != nil {
			row[1] = bare(*line.Target)
		}
		for _, f := range line.Cells {
			switch {
			case f.Calls != nil:
				row = append(row, *f.Calls)
			case f.Value == nil:
				row = append(row, nil)
			case f.Breached():
				row = append(row, bare(*f.Value)+"▼")
			default:
				row = append(row, bare(*f.Value))
			}
		}
		r.Rows = append(r.Rows, row)
	}
	return r
}

// WriteOperationsTable writes the months for a terminal, and below them all that is said of them.
func WriteOperationsTable(w io.Writer, o *Operations) error {
	r := o.Report()
	for _, b := range o.Breaches {
		r.Notes = append(r.Notes, "Under mål: "+b.Sentence())
	}
	for _, c := range o.Computed {
		r.Notes = append(r.Notes, c.Sentence())
	}
	for _, n := range o.Narratives {
		r.Notes = append(r.Notes, strings.TrimSpace(n.System+" "+n.Month.String()+": "+NarrativeSentence(n)))
	}
	for _, i := range o.Incidents {
		r.Notes = append(r.Notes, fmt.Sprintf("Hændelse på %s, %s til %s: %s", i.Area, ClockText(i.From), ClockText(i.To), i.Title))
	}
	r.Notes = append(r.Notes, OperationsLegend...)
	return WriteTable(w, r)
}

func bare(a model.Availability) string { return strings.TrimSuffix(a.String(), " %") }

// WriteOperationsCSV writes what is shown in the layout that is imported.
func WriteOperationsCSV(w io.Writer, o *Operations) error {
	out := newCSV(w)
	for _, row := range o.figureRows(func(v any, _ bool) any { return v }) {
		line := make([]string, len(row))
		for i, v := range row {
			switch x := v.(type) {
			case model.Availability:
				line[i] = x.String()
			case nil:
			default:
				line[i] = csvText(x)
			}
		}
		if err := out.Write(line); err != nil {
			return err
		}
	}
	for _, table := range [][][]any{o.narrativeRows(), o.incidentRows()} {
		if len(table) == 1 {
			continue
		}
		if err := out.Write([]string{""}); err != nil {
			return err
		}
		for _, row := range table {
			line := make([]string, len(row))
			for i, v := range row {
				switch x := v.(type) {
				case nil:
				case time.Time:
					line[i] = x.Format("02-01-2006 15:04:05")
				default:
					line[i] = csvText(x)
				}
			}
			if err := out.Write(line); err != nil {
				return err
			}
		}
	}
	out.Flush()
	return out.Error()
}

// figureRows is the months' table, header first; cell turns a value into what an output wants.
func (o *Operations) figureRows(cell func(v any, breached bool) any) [][]any {
	head := []any{"System", "Driftsområde", "Måling", "SLA-mål"}
	for _, m := range o.Months {
		head = append(head, m.Short())
	}
	rows := [][]any{head}
	for _, line := range o.Rows {
		row := []any{line.System, line.Area, string(line.Measure), nil}
		if line.Target != nil {
			row[3] = cell(*line.Target, false)
		}
		for _, f := range line.Cells {
			switch {
			case f.Calls != nil:
				row = append(row, *f.Calls)
			case f.Value != nil:
				row = append(row, cell(*f.Value, f.Breached()))
			default:
				row = append(row, nil)
			}
		}
		rows = append(rows, row)
	}
	return rows
}

func (o *Operations) narrativeRows() [][]any {
	rows := [][]any{{"System", "Måned", "Tilfredsstillende", "Servicevinduer", "Bemærkning"}}
	for _, n := range o.Narratives {
		row := []any{n.System, n.Month.Short(), yesNoText(n.Satisfied), nil, n.Text}
		if n.Windows != nil {
			row[3] = *n.Windows
		}
		rows = append(rows, row)
	}
	return rows
}

func (o *Operations) incidentRows() [][]any {
	rows := [][]any{{"Driftsområde", "Måling", "Hændelse", "Fra", "Til", "Farve", "Virkning", "Årsag", "Afhjælpning", "Permanent løsning", "Løsningsdato", "Midlertidig foranstaltning", "Opstramning"}}
	for _, i := range o.Incidents {
		row := []any{i.Area, string(i.Measure), i.Title, clockOf(i.From), clockOf(i.To), i.Colour, i.Effect, i.Cause, i.Remedy, i.Solution, nil, i.Interim, i.Procedure}
		if i.SolutionOn != 0 {
			row[10] = i.SolutionOn
		}
		rows = append(rows, row)
	}
	return rows
}

// clockOf is a moment as workbooks want it: the clock it shows, whatever its zone.
func clockOf(m model.Moment) time.Time {
	d := m.Date()
	return time.Date(d.Year(), d.Month(), d.Day(), 0, 0, m.Clock(), 0, time.UTC)
}

// ClockText is a moment for people, "29-09-2020 kl. 19.50".
func ClockText(m model.Moment) string { return clockOf(m).Format("02-01-2006 kl. 15.04") }

func yesNoText(b *bool) string {
	switch {
	case b == nil:
		return ""
	case *b:
		return "Ja"
	}
	return "Nej"
}

// WriteOperationsXLSX writes a workbook: the months with what is below target marked, those months as a list, and the incidents.
func WriteOperationsXLSX(w io.Writer, o *Operations) error {
	b := newBook()
	defer b.f.Close()
	b.context = o.Heading()
	b.left, b.right, b.source = "Driftsstatus", o.Heading(), "KLIK"
	rows := o.figureRows(func(v any, breached bool) any {
		if breached {
			return as{v.(model.Availability).Fraction(), UptimeBelow}
		}
		return v.(model.Availability).Fraction()
	})
	fields := []field{{label: "System", unit: Text, width: 20}, {label: "Driftsområde", unit: Text, width: 24}, {label: "Måling", unit: Text, width: 15}, {label: "SLA-mål", unit: Uptime, width: 11}}
	for _, m := range o.Months {
		fields = append(fields, field{label: m.Short(), unit: Uptime, width: 12.5})
	}
	for r, row := range rows[1:] {
		for c, v := range row {
			if n, whole := v.(int64); whole {
				rows[r+1][c] = as{n, Number}
			}
		}
	}
	p := b.page("Driftsstatus", "Driftsstatus: brugeroplevet driftseffektivitet", o.Summary(), widthsOf(fields)...)
	head := p.row
	if len(rows) > 1 {
		p.table("Driftstal", fields, rows[1:], nil)
		p.freeze(head)
	}
	notes := append([]string{}, OperationsLegend...)
	for _, c := range o.Computed {
		notes = append(notes, c.Sentence())
	}
	for _, n := range o.Narratives {
		notes = append(notes, strings.TrimSpace(n.System+" "+n.Month.String()+": "+NarrativeSentence(n)))
	}
	p.notes(notes...)
	p.finish()
	o.breachPage(b)
	o.listPage(b, "Hændelser", "Hændelser", "Nyeste først. Tiderne er danske.", "Haendelser", o.incidentRows(), []float64{14, 14, 20, 17, 17, 9, 22, 24, 22, 24, 14, 22, 22}, map[int]Unit{3: Clock, 4: Clock, 10: Day})
	o.listPage(b, "Bemærkninger", "Bemærkninger til måneden", "Hvad der er sagt om måneden ved siden af tallene.", "Bemaerkninger", o.narrativeRows(), []float64{22, 12, 19, 16, 90}, map[int]Unit{3: Number})
	day := model.NewDate(2012, 1, 1)
	if o.Month != 0 {
		day = o.Month.First()
	}
	b.s.fail(b.f.SetDocProps(&excelize.DocProperties{Title: "Driftsstatus", Subject: PlainText(o.Heading()), Creator: "komhen", Language: "da-DK",
		Created: day.ISO() + "T00:00:00Z", Modified: day.ISO() + "T00:00:00Z"}))
	if b.s.Err != nil {
		return b.s.Err
	}
	return writeStable(b.f, w)
}

func (o *Operations) breachPage(b *book) {
	fields := []field{{label: "System", unit: Text, width: 22}, {label: "Område", unit: Text, width: 26}, {label: "Måling", unit: Text, width: 16}, {label: "I måneden", unit: Text, width: 18},
		{label: "Mål", unit: Uptime, width: 12}, {label: "Nået", unit: Uptime, width: 12}}
	p := b.page("Under mål", "Måneder under mål", o.Summary(), widthsOf(fields)...)
	var rows [][]any
	for _, x := range o.Breaches {
		rows = append(rows, []any{x.System, x.Area, string(x.Measure), x.Month.String(), x.Target.Fraction(), as{x.Value.Fraction(), UptimeBelow}})
	}
	if len(rows) > 0 {
		head := p.row
		p.table("Under_maal", fields, rows, nil)
		p.freeze(head)
	}
	p.finish()
}

// listPage is a sheet with one table, header first in rows.
func (o *Operations) listPage(b *book, sheet, title, help, name string, rows [][]any, widths []float64, units map[int]Unit) {
	if len(rows) == 1 {
		return
	}
	var fields []field
	for i, label := range rows[0] {
		unit := Text
		if u, other := units[i]; other {
			unit = u
		}
		fields = append(fields, field{label: label.(string), unit: unit, width: widths[i]})
	}
	p := b.page(sheet, title, help, widths...)
	head := p.row
	p.table(name, fields, rows[1:], nil)
	p.freeze(head)
	p.finish()
}

type operationsDocument struct {
	Report     string              `json:"report"`
	Title      string              `json:"title"`
	Month      *model.Month        `json:"month"`
	Months     []model.Month       `json:"months"`
	System     *string             `json:"system"`
	Systems    []string            `json:"systems"`
	Rows       []operationsLine    `json:"rows"`
	Breaches   []operationsBreach  `json:"breaches"`
	Narratives []operationsText    `json:"narratives"`
	Incidents  []operationsEvent   `json:"incidents"`
	Computed   []operationsCompute `json:"computed"`
	Notes      []string            `json:"notes"`
}

type operationsLine struct {
	model.OperationRow
	Target *float64 `json:"target"`
	Values []any    `json:"values"` // a fraction, or a number of calls; null where nothing was measured
}

type operationsBreach struct {
	model.OperationRow
	Month  model.Month `json:"month"`
	Value  float64     `json:"value"`
	Target float64     `json:"target"`
}

type operationsText struct {
	System    string      `json:"system"`
	Month     model.Month `json:"month"`
	Satisfied *bool       `json:"satisfied"`
	Windows   *int64      `json:"service_windows"`
	Text      string      `json:"text"`
}

type operationsEvent struct {
	Area       string        `json:"area"`
	Measure    model.Measure `json:"measure"`
	Title      string        `json:"title"`
	From       string        `json:"from"` // the clock of Copenhagen
	To         string        `json:"to"`
	Colour     string        `json:"colour"`
	Effect     string        `json:"effect"`
	Cause      string        `json:"cause"`
	Remedy     string        `json:"remedy"`
	Solution   string        `json:"solution"`
	SolutionOn *string       `json:"solution_on"`
	Interim    string        `json:"interim"`
	Procedure  string        `json:"procedure"`
}

type operationsCompute struct {
	model.OperationRow
	Month        model.Month `json:"month"`
	Minutes      int64       `json:"minutes"`
	MonthMinutes int64       `json:"month_minutes"`
	Value        float64     `json:"value"`
	Stated       *float64    `json:"stated"`
	Agrees       bool        `json:"agrees"` // at two decimals or one
}

// WriteOperationsJSON writes the one JSON document: availabilities as fractions, months yyyy-mm, times ISO 8601 on Copenhagen's clock.
func WriteOperationsJSON(w io.Writer, o *Operations) error {
	d := operationsDocument{Report: "operations", Title: "Driftsstatus", Months: append([]model.Month{}, o.Months...), Systems: append([]string{}, o.Systems...), Rows: []operationsLine{},
		Breaches: []operationsBreach{}, Narratives: []operationsText{}, Incidents: []operationsEvent{}, Computed: []operationsCompute{}, Notes: OperationsLegend}
	if o.Month != 0 {
		d.Month = &o.Month
	}
	if o.System != "" {
		d.System = &o.System
	}
	for _, line := range o.Rows {
		x := operationsLine{OperationRow: line.OperationRow, Target: fractionOf(line.Target), Values: []any{}}
		for _, f := range line.Cells {
			switch {
			case f.Calls != nil:
				x.Values = append(x.Values, *f.Calls)
			case f.Value != nil:
				x.Values = append(x.Values, f.Value.Fraction())
			default:
				x.Values = append(x.Values, nil)
			}
		}
		d.Rows = append(d.Rows, x)
	}
	for _, b := range o.Breaches {
		d.Breaches = append(d.Breaches, operationsBreach{b.Row(), b.Month, b.Value.Fraction(), b.Target.Fraction()})
	}
	for _, n := range o.Narratives {
		d.Narratives = append(d.Narratives, operationsText{n.System, n.Month, n.Satisfied, n.Windows, n.Text})
	}
	for _, i := range o.Incidents {
		x := operationsEvent{i.Area, i.Measure, i.Title, isoMoment(i.From), isoMoment(i.To), i.Colour, i.Effect, i.Cause, i.Remedy, i.Solution, nil, i.Interim, i.Procedure}
		if i.SolutionOn != 0 {
			day := i.SolutionOn.ISO()
			x.SolutionOn = &day
		}
		d.Incidents = append(d.Incidents, x)
	}
	for _, c := range o.Computed {
		d.Computed = append(d.Computed, operationsCompute{c.OperationRow, c.Month, int64(c.Down.Minutes()), int64(c.Month.Length().Minutes()), c.Computed.Fraction(), fractionOf(c.Stated),
			c.Stated != nil && c.Stated.AgreesWith(c.Computed) != ""})
	}
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	return out.Encode(d)
}

func fractionOf(a *model.Availability) *float64 {
	if a == nil {
		return nil
	}
	x := a.Fraction()
	return &x
}

func isoMoment(m model.Moment) string { return clockOf(m).Format("2006-01-02T15:04:05") }
