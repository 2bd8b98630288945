// Package reports turns stored contacts into figures and the figures into tables, workbooks and extracts. Each figure is
// defined once, here, and every output (table, csv, json, xlsx, benchmark workbook) shows the same one.
//
// Danger: units belong to their own municipality. No report or workbook for more than one municipality may hold a unit.
package reports

import (
	"context"
	"fmt"
	"strings"

	"komhen/model"
	"komhen/queries"
)

// Unit says how a column's values are to be read and shown.
type Unit string

const (
	Text    Unit = "text"
	Count   Unit = "henvendelser" // whole number, int64
	Number  Unit = "antal"        // whole number of something else, int64
	Share   Unit = "andel"        // fraction 0..1, float64; shown as a percentage with one decimal
	Ratio   Unit = "tal"          // float64, shown with one decimal
	Per1000 Unit = "pr. 1.000 indbyggere"
	Day     Unit = "dato" // model.Date; dd-mm-yyyy for people, yyyy-mm-dd in json
)

// Column of a report. Name is for machines (contract.md names them), Label is the Danish header. Whole marks shares that
// are parts of one whole: the rows add up to 1, and the percentages shown to 100,0 (see Shown). Code marks a column that people do
// not see: what a row is filtered by.
type Column struct {
	Name  string `json:"name"`
	Label string `json:"label"`
	Unit  Unit   `json:"unit"`
	Whole bool   `json:"-"`
	Code  bool   `json:"-"`
}

// Report is a finished table. A cell is nil (missing, shown as "–"), string, int64, float64 or model.Date. Rows never hold a
// total; Totals has a cell per column, or is empty where a sum means nothing.
type Report struct {
	Name         string
	Title        string
	About        string // the heading, of what is about neither a municipality nor a round
	Round        model.Round
	Municipality *model.Municipality // nil for the national report
	Columns      []Column
	Rows         [][]any
	Totals       []any
	Notes        []string
	Scope        string     // what the heading says instead of a round; "" where there is a round
	Day          model.Date // that the report is of, where it is of no round
	Provisional  bool       // somebody whose contacts are in it has not approved the round; Notes say who
}

// Query says which report is wanted. Without a round it is the latest that has contacts; municipality 0 is the national
// report. Weeks is "all" (or "") for the whole round or "primary" for its primary week. Types is "all" (or ""), "transaction",
// "information" (general) or "case" (information on a case). A filter that the report cannot take is a *model.Problem.
type Query struct {
	Name         string
	Round        model.Round
	Municipality uint16
	Weeks        string
	Types        string
	Today        model.Date // days before it are over, which matters to the board; 0: all are
}

// Definition describes a report for lists and menus.
type Definition struct {
	Name              string `json:"name"`
	Title             string `json:"title"`
	NeedsMunicipality bool   `json:"needs_municipality"` // only a municipality's own figures exist
	NationalOnly      bool   `json:"national_only"`      // the same table whatever municipality is asked for
	TakesWeeks        bool   `json:"takes_weeks"`        // obeys Query.Weeks
	TakesTypes        bool   `json:"takes_types"`        // obeys Query.Types
	outside           bool   // of what lies outside the rounds, so that a round's basis is not its own
	declared          bool   // it rests on no contacts, and says itself what it rests on
	build             func(context.Context, *job) error
}

// definitions is every report, in the order people see them. It is a function because the builders refer back to it.
func definitions() []Definition {
	return []Definition{
		{Name: "channels", Title: "Henvendelser fordelt på kanaler", TakesWeeks: true, TakesTypes: true, build: channels},
		{Name: "subjects", Title: "Henvendelser fordelt på opgaver", TakesWeeks: true, TakesTypes: true, build: subjects},
		{Name: "types", Title: "Henvendelser fordelt på henvendelsestyper", TakesWeeks: true, TakesTypes: true, build: types},
		{Name: "closings", Title: "Henvendelser fordelt på afslutning", TakesWeeks: true, TakesTypes: true, build: closings},
		{Name: "forms", Title: "Henvendelser fordelt på blanket", TakesWeeks: true, TakesTypes: true, build: forms},
		{Name: "channel-by-subject", Title: "Kanaler for hver opgave", TakesWeeks: true, TakesTypes: true, build: channelBySubject},
		{Name: "units", Title: "Henvendelser fordelt på enheder", TakesWeeks: true, TakesTypes: true, NeedsMunicipality: true, build: units},
		{Name: "days", Title: "Henvendelser dag for dag", TakesWeeks: true, TakesTypes: true, build: days},
		{Name: "trend", Title: "Udvikling fra runde til runde", TakesWeeks: true, TakesTypes: true, build: trend},
		{Name: "digital-share", Title: "Digital andel for hver opgave", TakesWeeks: true, TakesTypes: true, build: digitalShare},
		{Name: "ranking", Title: "Kommunerne sammenlignet", NationalOnly: true, TakesWeeks: true, TakesTypes: true, build: ranking},
		{Name: "completeness", Title: "Dage med og uden henvendelser", TakesWeeks: true, build: completeness},
		{Name: "local", Title: "Lokale tællinger", NeedsMunicipality: true, outside: true, build: local},
		{Name: "board", Title: "Er alt med? Enheder og dage", TakesWeeks: true, build: board},
		{Name: "deliveries", Title: "Hvem har indmeldt, og til tiden", NationalOnly: true, build: deliveries},
		{Name: "coverage", Title: "Dækningsgrad for hver kanal", TakesWeeks: true, build: coverage},
		{Name: "questions", Title: "Svar om digitaliseringsarbejdet", declared: true, build: questions},
	}
}

// Names lists every report.
func Names() []Definition { return definitions() }

// job is a report in the making: the question, where the answer is found, and the answer. first and last are the days it is of.
type job struct {
	st          *queries.Store
	cb          *model.Codebook
	q           Query
	first, last model.Date
	filter      queries.Filter
	*Report
}

// Run makes a report. A *model.Problem with code "report-unknown", "municipality-unknown", "municipality-needed",
// "weeks-unknown", "types-unknown" or "no-contacts" means that the question was wrong; anything else is ours. All figures of a report are of
// one moment.
func Run(ctx context.Context, st *queries.Store, cb *model.Codebook, q Query) (r *Report, err error) {
	cb = cb.Frozen() // a round's days must not change on the way
	err = st.Snapshot(ctx, func(ctx context.Context) error {
		r, err = run(ctx, st, cb, q)
		return err
	})
	return r, err
}

func run(ctx context.Context, st *queries.Store, cb *model.Codebook, q Query) (*Report, error) {
	def, err := definition(q.Name)
	if err != nil {
		return nil, err
	}
	if def.NationalOnly {
		q.Municipality = 0
	}
	municipality, err := municipalityOf(cb, q.Municipality)
	if err != nil {
		return nil, err
	}
	if def.NeedsMunicipality && municipality == nil {
		return nil, &model.Problem{Code: "municipality-needed", Message: fmt.Sprintf("Rapporten %q viser kun en kommunes egne tal. Angiv kommunen, fx 259.", def.Name)}
	}
	if def.outside {
		q.Round, err = localRound(ctx, st, cb, q)
	} else {
		q.Round, err = roundOf(ctx, st, cb, q.Round)
	}
	if err != nil {
		return nil, err
	}
	if err := checkFilters(def, q); err != nil {
		return nil, err
	}
	j := &job{st: st, cb: cb, q: q, Report: &Report{Name: def.Name, Title: def.Title, Round: q.Round, Municipality: municipality}}
	j.first, j.last = daysOf(q.Round, q.Weeks)
	j.filter = queries.Filter{Municipality: q.Municipality, From: j.first, To: j.last, Types: typesOf(cb, q.Round.Edition, q.Types)}
	if kind := typeChoices[q.Types]; kind != "" {
		j.Title += ": " + kind
	}
	if err := def.build(ctx, j); err != nil {
		return nil, err
	}
	if def.declared {
		return j.Report, nil
	}
	j.filterNotes(def)
	if def.outside {
		return j.Report, nil
	}
	basis, err := basisOf(ctx, st, cb, q.Round, q.Weeks, q.Municipality)
	if err != nil {
		return nil, err
	}
	j.Notes = append(j.Notes, basis.Notes(cb)...)
	j.Provisional = len(basis.Provisional) > 0
	return j.Report, nil
}

func definition(name string) (Definition, error) {
	var names []string
	for _, d := range definitions() {
		if d.Name == name {
			return d, nil
		}
		names = append(names, d.Name)
	}
	return Definition{}, &model.Problem{Code: "report-unknown", Message: fmt.Sprintf("Rapporten %q findes ikke. Vælg en af disse: %s.", name, strings.Join(names, ", "))}
}

func municipalityOf(cb *model.Codebook, code uint16) (*model.Municipality, error) {
	if code == 0 {
		return nil, nil
	}
	if m := cb.Municipality(code); m != nil {
		return m, nil
	}
	return nil, &model.Problem{Code: "municipality-unknown", Message: fmt.Sprintf("Kommunen %d kendes ikke. Skriv kommunens kode eller navn, fx 259 eller Køge.", code)}
}

// roundOf is the round asked for, with its edition, or else the latest that has contacts.
func roundOf(ctx context.Context, st *queries.Store, cb *model.Codebook, r model.Round) (model.Round, error) {
	if r.Name != "" {
		if r.Edition == "" {
			r.Edition = cb.EditionOf(r)
		}
		return r, nil
	}
	latest, ok, err := LatestRound(ctx, st, cb)
	if err != nil {
		return r, err
	}
	if !ok {
		return r, &model.Problem{Code: "no-contacts", Message: "Der er endnu ingen henvendelser i en tællerunde. Indlæs en fil, eller vælg en runde, fx 2012F."}
	}
	return latest, nil
}

// LatestRound is the newest round that has contacts; ok is false when none has.
func LatestRound(ctx context.Context, st *queries.Store, cb *model.Codebook) (latest model.Round, ok bool, err error) {
	days, err := st.DaysWithContacts(ctx, 0)
	for i := len(days) - 1; i >= 0 && err == nil; i-- {
		if r, in := cb.RoundOn(days[i]); in {
			return r, true, nil
		}
	}
	return model.Round{}, false, err
}
