package paper

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"komhen/model"
	"komhen/reports"
)

// tablesBody is what is told in tables and in blocks of labels and texts.
type tablesBody struct {
	Lead   string
	Tables []part
	Blocks []block
	Notes  []string
}

// block has a list, facts or a table below its heading.
type block struct {
	Title, Text string
	Items       []string
	Facts       []reports.KlikFact
	Table       *table
}

// Operations is driftsstatus: twelve months, what is below its target, and the incidents with all that is said of them.
func Operations(o *reports.Operations, made time.Time, message Message) (Document, error) {
	p := newSheet("Driftsstatus", "Driftsstatus", o.Heading(), nil, "", false, made)
	p.of("De fælles systemer", message)
	body := tablesBody{Lead: o.Summary(), Notes: slices.Clone(reports.OperationsLegend)}
	body.Notes[0] = "▼: måneden er under SLA-målet. Lige på målet er overholdt." // paper has no coloured background
	if len(o.Rows) > 0 {
		printed, err := partOf(reports.Part{Report: o.Report(), Table: true}, "Brugeroplevet driftseffektivitet i procent")
		if err != nil {
			return Document{}, err
		}
		body.Tables = []part{printed}
	}
	below := block{Title: "Under mål"}
	for _, b := range o.Breaches {
		below.Items = append(below.Items, b.Sentence())
	}
	said := block{Title: "Om " + o.Month.String()}
	for _, n := range o.Narratives {
		said.Facts = append(said.Facts, reports.KlikFact{Label: orDash(n.System), Text: reports.NarrativeSentence(n)})
	}
	body.add(below, said)
	for _, i := range o.Incidents {
		title := i.Title + ": " + i.Area
		if i.Measure != "" {
			title += ", " + string(i.Measure)
		}
		period := reports.ClockText(i.From) + " til " + reports.ClockText(i.To)
		if i.Colour != "" {
			period += " (" + i.Colour + ")"
		}
		solution := i.Solution
		if i.SolutionOn != 0 {
			solution = strings.TrimSpace(fmt.Sprintf("%s Planlagt til %s.", solution, i.SolutionOn))
		}
		b := block{Title: "Hændelse: " + title, Facts: []reports.KlikFact{{Label: "Periode", Text: period}}}
		for _, f := range []reports.KlikFact{{Label: "Virkning", Text: i.Effect}, {Label: "Årsag", Text: i.Cause}, {Label: "Afhjælpning", Text: i.Remedy}, {Label: "Permanent løsning", Text: solution}, {Label: "Indtil da", Text: i.Interim}, {Label: "Opstramning", Text: i.Procedure}} {
			if f.Text != "" {
				b.Facts = append(b.Facts, f)
			}
		}
		body.add(b)
	}
	computed := block{Title: "Regnet efter"}
	for _, c := range o.Computed {
		computed.Items = append(computed.Items, c.Sentence())
	}
	body.add(computed)
	p.Body = body
	return p.document("klik-tables.html")
}

// Readiness is klarmelding: systems, interfaces, and every system's integrations with their criteria.
func Readiness(r *reports.Readiness, day model.Date, made time.Time, message Message) (Document, error) {
	p := newSheet("Klarmelding", "Klarmelding", "KLIK den "+day.String(), nil, "", false, made)
	p.of("Leverandører og systemer", message)
	body := tablesBody{Lead: r.Summary(), Notes: reports.ReadinessRules}
	for _, rep := range []*reports.Report{r.Report(), r.InterfaceReport()} {
		if len(rep.Rows) == 0 {
			continue
		}
		printed, err := partOf(reports.Part{Report: rep, Table: true}, rep.Title)
		if err != nil {
			return Document{}, err
		}
		body.Tables = append(body.Tables, printed)
	}
	for _, s := range r.Systems {
		for _, i := range s.Integrations {
			b := block{Title: strings.TrimSpace(s.System + ": " + i.Interface + " " + i.Name), Text: "Ikke relevant for systemet."}
			if i.Relevant() {
				b.Text = "Klarmeldt: " + map[bool]string{true: "Ja", false: "Nej"}[i.Ready()] + "."
			}
			if i.Statement != "" {
				b.Text += " Leverandørens selvangivelse: " + i.Statement + "."
			}
			for _, text := range []string{i.Contradiction(), i.Remarks} {
				if text != "" {
					b.Items = append(b.Items, text)
				}
			}
			if len(i.Criteria) > 0 {
				rep := &reports.Report{Title: "Kriterier for " + i.Interface, Columns: []reports.Column{{Name: "number", Label: "Nr.", Unit: reports.Text}, {Name: "label", Label: "Kriterium", Unit: reports.Text}, {Name: "met", Label: "Opfyldt", Unit: reports.Text}}}
				for _, c := range i.Criteria {
					rep.Rows = append(rep.Rows, []any{fmt.Sprint(c.Number), c.Text, c.Answer()})
				}
				b.Table = tableOf(rep, "Kriterier for "+i.Interface+" i "+s.System)
			}
			body.add(b)
		}
	}
	p.Body = body
	return p.document("klik-tables.html")
}

// of names what a document is about where that is no municipality.
func (p *sheet) of(who string, message Message) {
	title := p.Kind
	p.Who, p.Message = who, string(message)
	p.Title = fmt.Sprintf("%s, %s, %s", title, who, p.When)
	p.Margins = margins{Left: title, Right: p.When, Foot: "Udskrevet " + p.Made}
}

// add leaves out what has nothing to tell.
func (b *tablesBody) add(list ...block) {
	for _, x := range list {
		if x.Text != "" || x.Table != nil || len(x.Items)+len(x.Facts) > 0 {
			b.Blocks = append(b.Blocks, x)
		}
	}
}

func orDash(text string) string {
	if text == "" {
		return model.Missing
	}
	return text
}
