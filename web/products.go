package web

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"komhen/model"
	"komhen/reports"
)

// product is something that a job of the schedule can make, of a question as it stands in a page's address. Rights are those of the page: they are asked for
// with the owner's account when it is made, and with the reader's whenever it is sent or fetched.
type product struct {
	name, label string // name is in stored jobs, and never changes
	who         who
	rows        bool     // holds contacts row by row: sent as a link only
	fields      []string // of the question, which the form asks for besides the municipality
	formats     []string // that "format" may be
	may         func(s *Server, q url.Values, v Viewer) error
	what        func(s *Server, q url.Values) string // what it is, for titles
	make        func(s *Server, ctx context.Context, q url.Values, v Viewer) ([]made, error)
}

// made is a file of a product.
type made struct {
	name  string // letters, digits, "-", "_" and "."
	write func(io.Writer) error
}

// products is the registry: a new product is a line here and its functions. make may take minutes; a *model.Problem that is the asker's (status below 500)
// is not tried again.
func products() []product {
	return []product{
		{"report", "En rapport", readers, false, []string{"name", "round", "weeks", "types", "format"}, []string{"xlsx", "csv", "json", "pdf"}, seesQuestion, reportWhat, makeReport},
		{"round-report", "Runderapport (PDF)", readers, false, []string{"round"}, nil, seesRoundReport, roundReportWhat, makeRoundReport},
		{"benchmark", "Benchmark til Excel", readers, false, []string{"round", "group"}, nil, seesOneMunicipality, benchmarkWhat, makeBenchmark},
		{"klik", "KLIK-status (projektmappe)", readers, false, []string{"format"}, []string{"xlsx", "csv", "json", "pdf"}, seesKlik, klikWhat, makeKlik},
		{"klik-operations", "KLIK: Driftsstatus", readers, false, []string{"format"}, []string{"xlsx", "csv", "json", "pdf"}, seesQuestion, operationsWhat, makeOperations},
		{"klik-readiness", "KLIK: Klarmelding", readers, false, []string{"format"}, []string{"xlsx", "csv", "json", "pdf"}, seesQuestion, readinessWhat, makeReadiness},
		{"contacts", "Udtræk af rækkerne", analysts, true, []string{"round", "format"}, []string{"csv", "xlsx"}, seesOwnRows, contactsWhat, makeContacts},
	}
}

func productOf(name string) (product, bool) {
	all := products()
	if i := slices.IndexFunc(all, func(p product) bool { return p.name == name }); i >= 0 {
		return all[i], true
	}
	return product{}, false
}

// mayHave tells whether a viewer may have what a question of a product gives; a *model.Problem says why not.
func (s *Server) mayHave(p product, q url.Values, v Viewer) error {
	if !p.who.admits(v) {
		return errForbidden
	}
	return p.may(s, q, v)
}

// seesQuestion is the rule of report pages. The municipality must be said: left out, it would be each reader's own.
func seesQuestion(s *Server, q url.Values, v Viewer) error {
	if strings.TrimSpace(q.Get("municipality")) == "" {
		return errMunicipality
	}
	_, err := s.whose(q, v)
	return err
}

func seesOneMunicipality(s *Server, q url.Values, v Viewer) error {
	if err := seesQuestion(s, q, v); err != nil {
		return err
	}
	if code, _ := s.whose(q, v); code == 0 {
		return &model.Problem{Code: "municipality-needed", Message: "En benchmark-projektmappe er en kommunes. Vælg kommunen."}
	}
	return nil
}

func seesOwnRows(s *Server, q url.Values, v Viewer) error {
	if err := seesQuestion(s, q, v); err != nil {
		return err
	}
	if code, _ := s.whose(q, v); code == 0 && !v.Operator() {
		return &model.Problem{Code: "forbidden", Message: "Rækkerne selv er hver kommunes egne. Du kan hente din egen kommunes."}
	}
	return nil
}

// whoseName is whose figures a question is about.
func (s *Server) whoseName(q url.Values) string {
	text := q.Get("municipality")
	if m := s.book.Municipality(s.book.MunicipalityCode(text)); m != nil && text != nation {
		return m.Name + " Kommune"
	}
	return "Hele landet"
}

func reportWhat(s *Server, q url.Values) string {
	title := "En rapport"
	if def, err := definitionOf(q.Get("name")); err == nil {
		title = def.Title
	}
	return title + ", " + s.whoseName(q)
}

func benchmarkWhat(s *Server, q url.Values) string { return "Benchmark, " + s.whoseName(q) }

func contactsWhat(s *Server, q url.Values) string { return "Udtræk af rækkerne, " + s.whoseName(q) }

// scheduledQuestion reads a question that nobody is there to mend.
func (s *Server) scheduledQuestion(ctx context.Context, q url.Values, v Viewer) (question, error) {
	a, err := s.questionOf(ctx, q)
	if err != nil {
		return a, err
	}
	if a.Municipality, err = s.whose(q, v); err != nil {
		return a, err
	}
	if a.Round.Name == "" {
		return a, errNoContacts
	}
	return a, nil
}

var errScheduledFormat = &model.Problem{Code: "format-unknown", Message: "Formatet kendes ikke. Vælg Excel, CSV, JSON, PDF eller HTML."}

func makeReport(s *Server, ctx context.Context, q url.Values, v Viewer) ([]made, error) {
	def, err := definitionOf(q.Get("name"))
	if err != nil {
		return nil, err
	}
	format := cmp.Or(q.Get("format"), "xlsx")
	write := reportFormats[format]
	if write == nil && !isPaper(format) {
		return nil, errScheduledFormat
	}
	a, err := s.scheduledQuestion(ctx, q, v)
	if err != nil {
		return nil, err
	}
	rep, err := s.run(ctx, def.Name, a)
	if err != nil {
		return nil, err
	}
	if !hasFigures(rep) {
		return nil, &model.Problem{Code: "no-contacts", Message: fmt.Sprintf("Der er ingen tal i rapporten: %s har ingen henvendelser i %s.", whoOf(rep), rep.Round.Title())}
	}
	name := fmt.Sprintf("%s-%s-%s", def.Name, codeOf(rep.Municipality), rep.Round.Name)
	if write == nil {
		return s.madeOnPaper(ctx, name, format, s.paperOf(rep))
	}
	return []made{{name + "." + format, func(w io.Writer) error { return write(w, rep) }}}, nil
}

func makeBenchmark(s *Server, ctx context.Context, q url.Values, v Viewer) ([]made, error) {
	a, err := s.scheduledQuestion(ctx, q, v)
	if err != nil {
		return nil, err
	}
	m := s.book.Municipality(a.Municipality)
	if m == nil {
		return nil, errMunicipality
	}
	wish := reports.Benchmark{Round: a.Round, Municipality: m.Code, Group: cmp.Or(q.Get("group"), "all")}
	return []made{{fmt.Sprintf("benchmark-%s-%s.xlsx", m.CodeText(), a.Round.Name), func(w io.Writer) error {
		return reports.WriteBenchmark(ctx, s.folder.Store, s.book, wish, w)
	}}}, nil
}

func makeContacts(s *Server, ctx context.Context, q url.Values, v Viewer) ([]made, error) {
	x := reports.Extract{Format: cmp.Or(q.Get("format"), "csv"), TempDir: filepath.Join(s.folder.Dir, "tmp")}
	name := "henvendelser-"
	if q.Get("round") == "all" {
		var err error
		if x.Municipality, err = s.whose(q, v); err != nil {
			return nil, err
		}
		name += codeOf(s.book.Municipality(x.Municipality))
	} else {
		a, err := s.scheduledQuestion(ctx, q, v)
		if err != nil {
			return nil, err
		}
		x.Municipality, x.Round = a.Municipality, a.Round
		name += codeOf(s.book.Municipality(x.Municipality)) + "-" + a.Round.Name
	}
	return []made{{name + "." + x.Format, func(w io.Writer) error {
		_, err := reports.ExportContacts(ctx, s.folder.Store, s.book, x, w)
		return err
	}}}, nil
}

// fileType is what a file of the archive is called in mail.
func fileType(name string) string {
	return cmp.Or(downloadTypes[strings.ToLower(filepath.Ext(name))], "application/octet-stream")
}
