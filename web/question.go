package web

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"komhen/model"
	"komhen/reports"
)

// question is what the address of a page with figures asks for, made whole: what the address leaves out is what the viewer most
// likely means. An address that is whole shows everybody who may see it the same.
type question struct {
	Round        model.Round // Name "" where there are no contacts at all
	Weeks        string      // "all" or "primary"
	Types        string      // "all", "transaction", "information" or "case"
	Municipality uint16      // 0 is the whole country
	Print        bool        // with a heading for paper, without the form
	rounds       []model.Round
	whole        bool // the address says itself which round, and whose
}

// question reads the address of a report. Words it does not know are a *model.Problem; another municipality than the viewer may see
// is one too.
func (s *Server) question(r *http.Request, v Viewer) (question, error) {
	q := r.URL.Query()
	a, err := s.questionOf(r.Context(), q)
	if err != nil {
		return a, err
	}
	a.whole = a.whole && q.Get("municipality") != ""
	a.Municipality, err = s.whose(q, v)
	return a, err
}

// questionOf reads everything but whose figures they are.
func (s *Server) questionOf(ctx context.Context, q url.Values) (question, error) {
	a := question{Weeks: cmp.Or(q.Get("weeks"), "all"), Types: cmp.Or(q.Get("types"), "all"), Print: q.Get("print") != ""}
	var err error
	if a.rounds, err = reports.RoundsWithContacts(ctx, s.folder.Store, s.book); err != nil {
		return a, err
	}
	switch name := strings.TrimSpace(q.Get("round")); {
	case name != "":
		if a.Round, err = s.book.Round(name); err != nil {
			return a, err
		}
		a.whole = true
	case len(a.rounds) > 0:
		a.Round = a.rounds[0]
	}
	if err := among(a.Weeks, weekChoices, "weeks-unknown", "Ugerne kendes ikke. Vælg hele runden (all) eller kun den primære uge (primary)."); err != nil {
		return a, err
	}
	return a, among(a.Types, typeChoices, "types-unknown", "Henvendelsestyperne kendes ikke. Vælg all, transaction, information eller case.")
}

// nation is what an address calls the whole country.
const nation = "all"

// whose is the one the address names: a code, a name, or the whole country. Without one it is the viewer's own.
func (s *Server) whose(q url.Values, v Viewer) (uint16, error) {
	code := v.Municipality
	switch text := strings.TrimSpace(q.Get("municipality")); text {
	case "":
	case nation, "0":
		code = 0
	default:
		if code = s.book.MunicipalityCode(text); code == 0 {
			return 0, errMunicipality
		}
	}
	if !v.Sees(code) {
		return 0, &model.Problem{Code: "forbidden", Message: "En anden kommunes egne tal kan du ikke se. Du kan se hele landets, og på Landkort og Ranglister alle kommuner side om side."}
	}
	return code, nil
}

var errMunicipality = &model.Problem{Code: "municipality-unknown", Message: "Kommunen i adressen kendes ikke. Skriv en kommunekode eller et navn, fx 259 eller Køge."}

// option is a line of a choice in a form.
type option struct {
	Value, Text string
	Chosen      bool
}

var weekChoices = []option{{Value: "all", Text: "Alle rundens uger"}, {Value: "primary", Text: "Kun den primære uge"}}

var typeChoices = []option{{Value: "all", Text: "Alle henvendelser"}, {Value: "transaction", Text: "Transaktioner"},
	{Value: "information", Text: "Generel information"}, {Value: "case", Text: "Information om en sag"}}

func among(value string, list []option, code, message string) error {
	if slices.ContainsFunc(list, func(o option) bool { return o.Value == value }) {
		return nil
	}
	return &model.Problem{Code: code, Message: message}
}

// choose marks the chosen line.
func choose(list []option, value string) []option {
	list = slices.Clone(list)
	for i := range list {
		list[i].Chosen = list[i].Value == value
	}
	return list
}

// roundChoices are the rounds with contacts, and the one asked for.
func (a question) roundChoices() []option {
	rounds := slices.Clone(a.rounds)
	if a.Round.Name != "" && !slices.ContainsFunc(rounds, func(r model.Round) bool { return r.Name == a.Round.Name }) {
		rounds = append(rounds, a.Round)
		slices.SortFunc(rounds, func(x, y model.Round) int { return int(y.First - x.First) })
	}
	var list []option
	for _, r := range rounds {
		list = append(list, option{r.Name, r.Title() + " (" + r.Name + ")", r.Name == a.Round.Name})
	}
	return list
}

// municipalityChoices are those whose figures the viewer may choose between.
func (s *Server) municipalityChoices(v Viewer, chosen uint16) []option {
	list := []option{{nation, "Hele landet", chosen == 0}}
	for _, m := range s.book.Municipalities {
		if v.Sees(m.Code) {
			list = append(list, option{m.CodeText(), m.Name, chosen == m.Code})
		}
	}
	return list
}

// code is the municipality as an address says it.
func (a question) code() string {
	if a.Municipality == 0 {
		return nation
	}
	return model.Municipality{Code: a.Municipality}.CodeText()
}

// query is the whole of what was asked, for links. more are further pairs.
func (a question) query(more ...string) string {
	q := url.Values{"municipality": {a.code()}}
	for name, value := range map[string]string{"round": a.Round.Name, "weeks": a.Weeks, "types": a.Types} {
		if value != "" {
			q.Set(name, value)
		}
	}
	for i := 0; i+1 < len(more); i += 2 {
		q.Set(more[i], more[i+1])
	}
	return q.Encode()
}

// run makes a report of what was asked.
func (s *Server) run(ctx context.Context, name string, a question) (*reports.Report, error) {
	return reports.Run(ctx, s.folder.Store, s.book, reports.Query{Name: name, Round: a.Round, Municipality: a.Municipality, Weeks: a.Weeks, Types: a.Types, Today: model.DateOf(s.now())})
}
