package reports

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"

	"komhen/model"
	"komhen/queries"
)

// Readiness is klarmelding: which suppliers' systems are ready to use which interfaces.
type Readiness struct {
	Systems    []ReadySystem    // by supplier and name
	Interfaces []ReadyInterface // by number
}

// ReadySystem is a supplier's system with its integrations. Integrations that are not relevant are in no count.
type ReadySystem struct {
	Key          string // for addresses
	Supplier     string
	System       string
	Pilot        string // the pilot municipality's name
	Version      string
	Relevant     int64
	Ready        int64
	Integrations []model.Integration
}

// Verdict is the overall one: every relevant integration is ready, and there is one.
func (s ReadySystem) Verdict() bool { return s.Relevant > 0 && s.Ready == s.Relevant }

// ReadyInterface is an interface and the systems that are to use it.
type ReadyInterface struct {
	Number, Name string
	Relevant     int64
	Ready        int64
	Waiting      []string // systems that are not ready
}

// RunReadiness reads what stands.
func RunReadiness(ctx context.Context, st *queries.Store, cb *model.Codebook) (*Readiness, error) {
	said, err := queries.Standing[model.Integration](ctx, st, queries.RecordFilter{Kind: model.RecordReadiness})
	if err != nil {
		return nil, err
	}
	systems, interfaces := map[string]*ReadySystem{}, map[string]*ReadyInterface{}
	for _, x := range said {
		i := x.Value
		key, _, _ := cutLast(i.Key(), "/")
		s := systems[key]
		if s == nil {
			s = &ReadySystem{Key: key, Supplier: i.Supplier, System: i.System, Version: i.Version}
			if m := cb.Municipality(i.Pilot); m != nil {
				s.Pilot = m.Name
			}
			systems[key] = s
		}
		f := interfaces[i.Interface]
		if f == nil {
			f = &ReadyInterface{Number: i.Interface, Name: i.Name}
			interfaces[i.Interface] = f
		}
		f.Name = cmp.Or(f.Name, i.Name)
		s.Integrations = append(s.Integrations, i)
		if !i.Relevant() {
			continue
		}
		s.Relevant++
		f.Relevant++
		if i.Ready() {
			s.Ready++
			f.Ready++
		} else {
			f.Waiting = append(f.Waiting, i.System)
		}
	}
	r := &Readiness{}
	for _, s := range systems {
		slices.SortFunc(s.Integrations, func(a, b model.Integration) int { return strings.Compare(a.Interface, b.Interface) })
		r.Systems = append(r.Systems, *s)
	}
	for _, f := range interfaces {
		slices.Sort(f.Waiting)
		r.Interfaces = append(r.Interfaces, *f)
	}
	slices.SortFunc(r.Systems, func(a, b ReadySystem) int { return strings.Compare(a.Key, b.Key) })
	slices.SortFunc(r.Interfaces, func(a, b ReadyInterface) int { return strings.Compare(a.Number, b.Number) })
	return r, nil
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

// Summary is the first thing to say.
func (r *Readiness) Summary() string {
	var relevant, ready, whole int64
	for _, s := range r.Systems {
		relevant, ready = relevant+s.Relevant, ready+s.Ready
		if s.Verdict() {
			whole++
		}
	}
	return fmt.Sprintf("%s af %s er klarmeldt, og %s af %s er helt klar.", model.FormatInt(ready), countText(int(relevant), "snitflade", "snitflader"),
		model.FormatInt(whole), countText(len(r.Systems), "system", "systemer"))
}

// ReadinessRules say how the verdicts come about.
var ReadinessRules = []string{
	"En snitflade er klarmeldt, når alle dens kriterier er Ja, og der ikke er skrevet Nej. Et kriterium uden svar er Nej.",
	"Et system er klart, når alle de snitflader, der er relevante for det, er klarmeldt.",
	"En snitflade, som leverandøren kalder ikke relevant, tæller ikke med.",
}

// Report is the overview of systems as a table.
func (r *Readiness) Report() *Report {
	rep := &Report{Name: "readiness", Title: "Klarmelding: leverandører og systemer", About: r.Summary(), Notes: ReadinessRules, Columns: []Column{
		{Name: "supplier", Label: "Leverandør", Unit: Text}, {Name: "system", Label: "System", Unit: Text}, {Name: "pilot", Label: "Pilotkommune", Unit: Text}, {Name: "version", Label: "Version", Unit: Text},
		{Name: "relevant", Label: "Snitflader", Unit: Number}, {Name: "ready", Label: "Klarmeldt", Unit: Number}, {Name: "verdict", Label: "Samlet", Unit: Text}}}
	for _, s := range r.Systems {
		verdict := s.Verdict()
		rep.Rows = append(rep.Rows, []any{s.Supplier, s.System, orMissing(s.Pilot), orMissing(s.Version), s.Relevant, s.Ready, yesNoText(&verdict)})
	}
	return rep
}

// InterfaceReport is the overview of interfaces as a table.
func (r *Readiness) InterfaceReport() *Report {
	rep := &Report{Name: "readiness-interfaces", Title: "Klarmelding: snitflader", About: r.Summary(), Columns: []Column{
		{Name: "interface", Label: "Snitflade", Unit: Text}, {Name: "name", Label: "Integration", Unit: Text}, {Name: "relevant", Label: "Systemer", Unit: Number},
		{Name: "ready", Label: "Klarmeldt", Unit: Number}, {Name: "waiting", Label: "Mangler", Unit: Text}}}
	for _, f := range r.Interfaces {
		rep.Rows = append(rep.Rows, []any{f.Number, orMissing(f.Name), f.Relevant, f.Ready, orMissing(strings.Join(f.Waiting, ", "))})
	}
	return rep
}

func orMissing(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// ReadinessFormats are what klarmelding can be written as. csv can be imported again.
var ReadinessFormats = map[string]func(io.Writer, *Readiness) error{
	"table": WriteReadinessTable, "csv": WriteReadinessCSV, "json": WriteReadinessJSON, "xlsx": WriteReadinessXLSX}

// WriteReadinessTable writes both overviews for a terminal.
func WriteReadinessTable(w io.Writer, r *Readiness) error {
	if err := WriteTable(w, r.InterfaceReport()); err != nil {
		return err
	}
	if _, err := io.WriteString(w, "\n"); err != nil {
		return err
	}
	return WriteTable(w, r.Report())
}

var readinessHeader = []any{"Leverandør", "System", "Pilotkommune", "Version", "Snitflade", "Integration", "Selvangivelse", "Klarmeldt", "Bemærkninger", "Nr.", "Kriterium", "Opfyldt"}

// rows has a row a criterion, or a row an integration without any: the layout that is imported.
func (r *Readiness) rows() [][]any {
	rows := [][]any{readinessHeader}
	for _, s := range r.Systems {
		for _, i := range s.Integrations {
			head := []any{s.Supplier, s.System, s.Pilot, i.Version, i.Interface, i.Name, i.Statement, yesNoText(i.Stated), i.Remarks}
			if len(i.Criteria) == 0 {
				rows = append(rows, append(head, nil, "", ""))
			}
			for _, c := range i.Criteria {
				rows = append(rows, append(slices.Clone(head), c.Number, c.Text, yesNoText(c.Met)))
			}
		}
	}
	return rows
}

// WriteReadinessCSV writes every criterion, in the layout that is imported.
func WriteReadinessCSV(w io.Writer, r *Readiness) error {
	out := newCSV(w)
	for _, row := range r.rows() {
		line := make([]string, len(row))
		for i, v := range row {
			if v != nil {
				line[i] = csvText(v)
			}
		}
		if err := out.Write(line); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// WriteReadinessXLSX writes a workbook: systems, interfaces, who is ready for what, and every criterion.
func WriteReadinessXLSX(w io.Writer, r *Readiness) error {
	b := newBook()
	defer b.f.Close()
	b.context, b.left, b.right, b.source = r.Summary(), "Klarmelding", "", "KLIK"
	r.overviewPage(b, "Systemer", r.Report())
	r.overviewPage(b, "Snitflader", r.InterfaceReport())
	r.matrixPage(b)
	rows := r.rows()
	widths := []float64{24, 24, 16, 11, 13, 30, 24, 12, 34, 9, 60, 12}
	var fields []field
	for i, label := range readinessHeader {
		fields = append(fields, field{label: label.(string), unit: Text, width: widths[i]})
	}
	fields[9].unit = Place
	p := b.page("Kriterier", "Alle snitflader og kriterier", "En række for hvert kriterium. Arket kan indlæses igen.", widths...)
	if head := p.row; len(rows) > 1 {
		p.table("Kriterier", fields, rows[1:], nil)
		p.freeze(head)
	}
	p.finish()
	b.s.fail(b.f.SetDocProps(&excelize.DocProperties{Title: "Klarmelding", Creator: "komhen", Language: "da-DK", Created: "2012-01-01T00:00:00Z", Modified: "2012-01-01T00:00:00Z"}))
	if b.s.Err != nil {
		return b.s.Err
	}
	return writeStable(b.f, w)
}

func (r *Readiness) overviewPage(b *book, sheet string, rep *Report) {
	fields := fieldsOf(rep.Columns, rep.Rows)
	makeRoom(fields)
	p := b.page(sheet, rep.Title, "", widthsOf(fields)...)
	if head := p.row; len(rep.Rows) > 0 {
		p.table("Tabel_"+sheet, fields, rep.Rows, nil)
		p.freeze(head)
	}
	p.notes(ReadinessRules...)
	p.finish()
}

// matrixPage has a row a system and a column an interface.
func (r *Readiness) matrixPage(b *book) {
	fields := []field{{label: "Leverandør og system", unit: Text, width: 44}}
	for _, f := range r.Interfaces {
		fields = append(fields, field{label: f.Number, unit: Text, width: 13})
	}
	var rows [][]any
	for _, s := range r.Systems {
		row := make([]any, len(fields))
		row[0] = s.Supplier + ": " + s.System
		for _, i := range s.Integrations {
			at := slices.IndexFunc(r.Interfaces, func(f ReadyInterface) bool { return f.Number == i.Interface })
			switch ready := i.Ready(); {
			case !i.Relevant():
				row[at+1] = "ikke relevant"
			default:
				row[at+1] = yesNoText(&ready)
			}
		}
		rows = append(rows, row)
	}
	p := b.page("Hvem er klar", "Hvem er klar til hvad", "Ja: klarmeldt. Nej: et kriterium mangler. En streg: snitfladen står ikke i systemets klarmelding.", widthsOf(fields)...)
	if head := p.row; len(rows) > 0 {
		p.table("Hvem_er_klar", fields, rows, nil)
		p.freeze(head)
	}
	p.finish()
}

type readinessDocument struct {
	Report     string               `json:"report"`
	Title      string               `json:"title"`
	Systems    []readinessSystem    `json:"systems"`
	Interfaces []readinessInterface `json:"interfaces"`
	Notes      []string             `json:"notes"`
}

type readinessSystem struct {
	Supplier     string                 `json:"supplier"`
	System       string                 `json:"system"`
	Pilot        *string                `json:"pilot"` // the municipality's code
	Version      string                 `json:"version"`
	Relevant     int64                  `json:"relevant"`
	Ready        int64                  `json:"ready"`
	Verdict      bool                   `json:"verdict"`
	Integrations []readinessIntegration `json:"integrations"`
}

type readinessIntegration struct {
	Interface     string            `json:"interface"`
	Name          string            `json:"name"`
	Statement     string            `json:"statement"`
	Relevant      bool              `json:"relevant"`
	Stated        *bool             `json:"stated"`
	Verdict       bool              `json:"verdict"`
	Contradiction string            `json:"contradiction"`
	Remarks       string            `json:"remarks"`
	Criteria      []model.Criterion `json:"criteria"`
}

type readinessInterface struct {
	Interface string   `json:"interface"`
	Name      string   `json:"name"`
	Relevant  int64    `json:"relevant"`
	Ready     int64    `json:"ready"`
	Waiting   []string `json:"waiting"`
}

// WriteReadinessJSON writes the one JSON document.
func WriteReadinessJSON(w io.Writer, r *Readiness) error {
	d := readinessDocument{Report: "readiness", Title: "Klarmelding", Systems: []readinessSystem{}, Interfaces: []readinessInterface{}, Notes: ReadinessRules}
	for _, s := range r.Systems {
		x := readinessSystem{Supplier: s.Supplier, System: s.System, Version: s.Version, Relevant: s.Relevant, Ready: s.Ready, Verdict: s.Verdict()}
		for _, i := range s.Integrations {
			if i.Pilot != 0 {
				code := fmt.Sprint(i.Pilot)
				x.Pilot = &code
			}
			x.Integrations = append(x.Integrations, readinessIntegration{i.Interface, i.Name, i.Statement, i.Relevant(), i.Stated, i.Ready(), i.Contradiction(), i.Remarks,
				append([]model.Criterion{}, i.Criteria...)})
		}
		d.Systems = append(d.Systems, x)
	}
	for _, f := range r.Interfaces {
		d.Interfaces = append(d.Interfaces, readinessInterface{f.Number, f.Name, f.Relevant, f.Ready, append([]string{}, f.Waiting...)})
	}
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	return out.Encode(d)
}
