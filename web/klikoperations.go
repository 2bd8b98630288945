package web

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"komhen/ingest"
	"komhen/model"
	"komhen/reports"
	"komhen/web/paper"
)

// operationsView is the page of driftsstatus.
type operationsView struct {
	*reports.Operations
	Form      *formData
	Groups    []operationsGroup
	MonthsOf  []option
	SystemsOf []option
	Downloads []link
	Schedule  string // as klikView's
	Legend    []string
	MaxMB     int
	Standing  []option // what KL can take back
}

type operationsGroup struct {
	System string
	Rows   []operationsRow
}

type operationsRow struct {
	Label, Target string
	Cells         []operationsCell
}

type operationsCell struct {
	Text  string
	Below bool
}

// askedOperations reads ?month= and ?system=.
func (s *Server) askedOperations(r *http.Request, month, system string) (*reports.Operations, error) {
	var m model.Month
	if month = strings.TrimSpace(month); month != "" {
		var ok bool
		if m, ok = model.ParseMonth(month); !ok {
			return nil, &model.Problem{Code: "month-unknown", Message: "Måneden kan ikke læses. Skriv den som 2020-09 eller sep-20."}
		}
	}
	return reports.RunOperations(r.Context(), s.folder.Store, m, strings.TrimSpace(system))
}

func (s *Server) operationsPage(w http.ResponseWriter, r *http.Request, v Viewer) error {
	return s.showOperations(w, r, v, http.StatusOK, nil)
}

func (s *Server) showOperations(w http.ResponseWriter, r *http.Request, v Viewer, status int, f *formData) error {
	q := r.URL.Query()
	o, err := s.askedOperations(r, q.Get("month"), q.Get("system"))
	if err != nil {
		return err
	}
	view := operationsView{Operations: o, Form: f, Legend: reports.OperationsLegend, MaxMB: maxSmallMB}
	for m := o.Latest; m >= o.First && m != 0; m-- {
		view.MonthsOf = append(view.MonthsOf, option{m.ISO(), m.String(), m == o.Month})
	}
	view.SystemsOf = []option{{"", "Alle systemer", o.System == ""}}
	for _, name := range o.Systems {
		view.SystemsOf = append(view.SystemsOf, option{name, name, name == o.System})
	}
	if len(o.Rows) > 0 {
		view.Standing = []option{{Text: "Vælg en række eller en hændelse"}}
	}
	for _, line := range o.Rows {
		view.add(line)
		view.Standing = append(view.Standing, option{Value: line.Place(), Text: line.Label() + ", alle måneder"})
	}
	for _, i := range o.Incidents {
		view.Standing = append(view.Standing, option{Value: i.Key(), Text: "Hændelse " + reports.ClockText(i.From) + ": " + i.Title})
	}
	if len(o.Rows) > 0 {
		for _, format := range slices.Concat(formatLinks, s.paperLinks("html", "pdf")) {
			address := url.Values{"month": {o.Month.ISO()}, "format": {format.Href}}
			if o.System != "" {
				address.Set("system", o.System)
			}
			view.Downloads = append(view.Downloads, link{"/klik/operations/download?" + address.Encode(), format.Text})
		}
	}
	view.Schedule = klikTableSchedule(v, "klik-operations", len(o.Rows))
	return s.pageWith(w, r, v, status, "klik-operations", view)
}

func (view *operationsView) add(line reports.OperationLine) {
	if n := len(view.Groups); n == 0 || view.Groups[n-1].System != line.System {
		view.Groups = append(view.Groups, operationsGroup{System: line.System})
	}
	row := operationsRow{Label: line.Label(), Target: model.Missing}
	if line.Target != nil {
		row.Target = line.Target.String()
	}
	for _, f := range line.Cells {
		cell := operationsCell{Text: model.Missing}
		switch {
		case f.Calls != nil:
			cell.Text = model.FormatInt(*f.Calls)
		case f.Value != nil:
			cell = operationsCell{f.Value.String(), f.Breached()}
		}
		row.Cells = append(row.Cells, cell)
	}
	g := &view.Groups[len(view.Groups)-1]
	g.Rows = append(g.Rows, row)
}

// SentenceOf says what was said of a month.
func (operationsView) SentenceOf(n model.OperationNarrative) string {
	return reports.NarrativeSentence(n)
}

// Clock is a moment as people write it.
func (operationsView) Clock(m model.Moment) string { return reports.ClockText(m) }

// importOperations loads a file of driftsstatus, or shows everything that is wrong with it.
func (s *Server) importOperations(w http.ResponseWriter, r *http.Request, v Viewer) error {
	receipt, err := s.importSmall(w, r, v, s.folder.ImportOperations, "klik.operations")
	if err != nil {
		return err
	}
	if len(receipt.Faults) > 0 {
		return s.showOperations(w, r, v, http.StatusUnprocessableEntity, smallForm(receipt))
	}
	http.Redirect(w, r, "/klik/operations", http.StatusSeeOther)
	return nil
}

// withdrawOperations takes a row of all months, or an incident, back.
func (s *Server) withdrawOperations(w http.ResponseWriter, r *http.Request, v Viewer) error {
	what := r.PostFormValue("what")
	return s.withdraw(w, r, v, model.RecordOperations, what, "/klik/operations", func(key string) bool {
		return key == what || model.IsFigureAt(key, what)
	})
}

func (s *Server) withdraw(w http.ResponseWriter, r *http.Request, v Viewer, kind, what, back string, fits func(key string) bool) error {
	release, err := s.hold()
	if err != nil {
		return err
	}
	defer release()
	n, err := s.folder.WithdrawAll(r.Context(), kind, ingest.Decision{At: s.now(), By: v.ID()}, fits)
	if err != nil {
		return err
	}
	s.record(v, addressOf(r), "klik.withdraw", 0, what)
	s.flash(r, countOf(int64(n), "oplysning er taget tilbage", "oplysninger er taget tilbage")+". En fil, der siger det igen, henter det frem.")
	http.Redirect(w, r, back, http.StatusSeeOther)
	return nil
}

type smallLoader = func(ctx context.Context, r io.ReaderAt, size int64, by ingest.Decision, dryRun bool) (*ingest.SmallReceipt, error)

func (s *Server) importSmall(w http.ResponseWriter, r *http.Request, v Viewer, load smallLoader, action string) (*ingest.SmallReceipt, error) {
	data, err := smallUpload(w, r)
	if err != nil {
		return nil, err
	}
	release, err := s.hold()
	if err != nil {
		return nil, err
	}
	defer release()
	receipt, err := load(r.Context(), bytes.NewReader(data), int64(len(data)), ingest.Decision{At: s.now(), By: v.ID()}, false)
	if err != nil || len(receipt.Faults) > 0 {
		return receipt, err
	}
	s.record(v, addressOf(r), action, 0, fmt.Sprint(receipt.Changed))
	s.smallDone(r, receipt)
	return receipt, nil
}

// downloadOperations gives driftsstatus as a file, the same bytes as the command line writes.
func (s *Server) downloadOperations(w http.ResponseWriter, r *http.Request, v Viewer) error {
	q := r.URL.Query()
	o, err := s.askedOperations(r, q.Get("month"), q.Get("system"))
	if err != nil {
		return err
	}
	format := cmp.Or(q.Get("format"), "csv")
	name := operationsName(o)
	if isPaper(format) {
		return s.sendPaper(w, r, v, "download.operations", nil, name, format, s.operationsPaper(o))
	}
	write := reports.OperationsFormats[format]
	if write == nil || format == "table" {
		return errKlikFormat
	}
	return s.download(w, r, v, "download.operations", nil, name+"."+format, func(w io.Writer) error { return write(w, o) })
}

// operationsName is the file's name without its ending.
func operationsName(o *reports.Operations) string {
	if o.Month == 0 {
		return "driftsstatus"
	}
	return "driftsstatus-" + o.Month.ISO()
}

func (s *Server) operationsPaper(o *reports.Operations) func(paper.Message) (paper.Document, error) {
	return func(m paper.Message) (paper.Document, error) { return paper.Operations(o, s.now(), m) }
}

var errKlikFormat = &model.Problem{Code: "format-unknown", Message: "Formatet kendes ikke. Vælg csv, xlsx, json, pdf eller html."}

// apiOperations gives driftsstatus in the very bytes that komhen klik operations report writes.
func (s *Server) apiOperations(w http.ResponseWriter, r *http.Request, v Viewer) error {
	fields, err := asked(r, "month", "system", "format")
	if err != nil {
		return err
	}
	format, err := oneOf(fields, "format", "json", "csv", "xlsx", "pdf", "html")
	if err != nil {
		return err
	}
	o, err := s.askedOperations(r, fields["month"], fields["system"])
	if err != nil {
		return err
	}
	name := operationsName(o)
	if isPaper(format) {
		return s.sendPaper(w, r, v, "download.operations", nil, name, format, s.operationsPaper(o))
	}
	return s.apiTable(w, r, v, "download.operations", name, format, func(w io.Writer) error { return reports.OperationsFormats[format](w, o) })
}

func (s *Server) apiTable(w http.ResponseWriter, r *http.Request, v Viewer, action, name, format string, write func(io.Writer) error) error {
	var b bytes.Buffer
	if err := write(&b); err != nil {
		return err
	}
	s.record(v, addressOf(r), action, 0, name)
	if format == "json" {
		return sendDocument(w, r, http.StatusOK, bytes.NewReader(b.Bytes()))
	}
	return sendFile(w, r, bytes.NewReader(b.Bytes()), name+"."+format)
}
