package web

import (
	"cmp"
	"context"
	"io"
	"net/url"
	"slices"
	"strings"

	"komhen/model"
	"komhen/reports"
	"komhen/web/paper"
)

// KLIK on the schedule: any view with its filters, the workbook of them all, driftsstatus and klarmelding, each as its page gives it to be fetched.

// klikFilterIn is the filter of a question, as the schedule's form carries it. One municipality is chosen in the form's own field; several stay in the filter.
func klikFilterIn(q url.Values) string {
	filter := url.Values{}
	for _, name := range reports.KlikFilterNames {
		if values := slices.DeleteFunc(slices.Clone(q[name]), func(v string) bool { return v == "" || name == "municipality" && (v == nation || v == "0") }); len(values) > 0 && (name != "municipality" || len(values) > 1) {
			filter[name] = values
		}
	}
	return filter.Encode()
}

// klikFilterText reads such a filter, and gives it as it is stored and in words. Problem: "klik-filter".
func (s *Server) klikFilterText(text string) (q url.Values, words string, err error) {
	if q, err = url.ParseQuery(text); err != nil {
		return nil, "", &model.Problem{Code: "klik-filter", Message: "Filtrene kan ikke læses. Vælg dem på KLIK-siden, og gå herhen derfra.", Err: err}
	}
	if q, err = url.ParseQuery(klikFilterIn(q)); err != nil {
		return nil, "", err
	}
	f, err := reports.ParseKlikFilter(s.book, q)
	if err != nil {
		return nil, "", err
	}
	return f.Values(s.book), f.Describe(s.book), nil
}

// klikFilterChoices are the filters that a job can have: none, those that came along, and the viewer's own.
func (s *Server) klikFilterChoices(v Viewer, chosen string) []option {
	list := []option{{Value: "", Text: "Ingen"}}
	for _, f := range s.accounts.Filters(v.Account.ID) {
		q, words, err := s.klikFilterText(f.Query)
		if text := q.Encode(); err == nil && text != "" && !slices.ContainsFunc(list, func(o option) bool { return o.Value == text }) {
			list = append(list, option{Value: text, Text: "»" + reports.PlainText(f.Name) + "«: " + words})
		}
	}
	if !slices.ContainsFunc(list, func(o option) bool { return o.Value == chosen }) {
		if _, words, err := s.klikFilterText(chosen); err == nil {
			list = slices.Insert(list, 1, option{Value: chosen, Text: words})
		}
	}
	return choose(list, chosen)
}

// readKlikWhat reads which view of KLIK is to be made with the owner's rights, and its filters, into q, where the municipality stands already.
func (s *Server) readKlikWhat(f *formData, q url.Values, view string, owner Viewer) {
	detail := false
	if view == "" { // the workbook, which is always one
		q.Del("format")
	} else if at := slices.IndexFunc(reports.KlikNames(), func(d reports.KlikDefinition) bool { return d.Name == view }); at < 0 {
		f.wrong("what", "Vælg, hvad der skal laves.")
		return
	} else {
		q.Set("view", view)
		detail = reports.KlikNames()[at].Detail
	}
	filter, _, err := s.klikFilterText(f.plain("filter"))
	if err != nil {
		problem, _ := problemOf(err)
		f.wrong("filter", problem.Message)
		return
	}
	f.Values["filter"] = filter.Encode()
	several := filter["municipality"]
	filter.Del("municipality")
	for name, values := range filter {
		q[name] = values
	}
	if q.Get("municipality") == nation && len(several) == 0 && detail && !owner.Operator() { // which is the own municipality's all the same: it is called that
		q.Set("municipality", codeOrNation(owner.Municipality))
		f.Values["municipality"] = q.Get("municipality")
	}
	if q.Get("municipality") == nation {
		q["municipality"] = append(q["municipality"], several...)
	}
	if isPaper(q.Get("format")) && slices.Contains(klikLists, view) && q.Get("municipality") == nation {
		f.wrong("format", errKlikPaper.Message)
	}
}

// scheduledKlik reads a question of the schedule.
func (s *Server) scheduledKlik(q url.Values, v Viewer) (reports.KlikQuery, error) {
	return s.klikQuery(q, v, cmp.Or(q.Get("view"), klikWorkbook))
}

// seesKlik is the rule of KLIK's pages: the own municipality's tasks, and the country's sums.
func seesKlik(s *Server, q url.Values, v Viewer) error {
	if err := seesQuestion(s, q, v); err != nil {
		return err
	}
	wish, err := s.scheduledKlik(q, v)
	if err != nil {
		return err
	}
	return wish.Allowed()
}

func klikWhat(s *Server, q url.Values) string {
	title := "KLIK-status"
	for _, d := range reports.KlikNames() {
		if d.Name == q.Get("view") {
			title = "KLIK: " + d.Title
		}
	}
	title += ", " + s.whoseName(q)
	if _, words, err := s.klikFilterText(klikFilterIn(q)); err == nil && words != "" {
		title += " (" + words + ")"
	}
	return title
}

// makeKlik is a view, or the workbook of them all: of a municipality, or of the country as far as the viewer may see it.
func makeKlik(s *Server, ctx context.Context, q url.Values, v Viewer) ([]made, error) {
	wish, err := s.scheduledKlik(q, v)
	if err != nil {
		return nil, err
	}
	if wish.Name == klikWorkbook {
		return []made{{klikFileName(wish, "xlsx"), func(w io.Writer) error { return reports.WriteKlikXLSX(ctx, s.folder.Store, s.book, wish, w) }}}, nil
	}
	format := cmp.Or(q.Get("format"), "xlsx")
	write := reportFormats[format]
	switch {
	case write == nil && !isPaper(format):
		return nil, errScheduledFormat
	case write == nil && slices.Contains(klikLists, wish.Name) && len(wish.Filter.Municipalities) != 1:
		return nil, errKlikPaper
	}
	report, err := reports.RunKlik(ctx, s.folder.Store, s.book, wish)
	if err != nil {
		return nil, err
	}
	if write == nil {
		return s.madeOnPaper(ctx, strings.TrimSuffix(klikFileName(wish, ""), "."), format, s.paperOf(report))
	}
	return []made{{klikFileName(wish, format), func(w io.Writer) error { return write(w, report) }}}, nil
}

func operationsWhat(*Server, url.Values) string { return "Driftsstatus, alle systemer" }

func makeOperations(s *Server, ctx context.Context, q url.Values, _ Viewer) ([]made, error) {
	o, err := reports.RunOperations(ctx, s.folder.Store, 0, "")
	if err != nil {
		return nil, err
	}
	if len(o.Rows) == 0 {
		return nil, &model.Problem{Code: "no-contacts", Message: "Der er ingen driftsstatus endnu. KL indlæser den under KLIK."}
	}
	return madeTable(s, ctx, operationsName(o), q, reports.OperationsFormats, o, s.operationsPaper(o))
}

// klikSchedule leads to the form for what a KLIK page shows; "" for who may not, and for Korsbæk, which is nobody's to be mailed.
func (s *Server) klikSchedule(v Viewer, report *reports.Report, view string, filter url.Values) string {
	code := uint16(0)
	if report.Municipality != nil {
		code = report.Municipality.Code
	}
	if !analysts.admits(v) || v.Account.ID == "" || code != 0 && s.book.Municipality(code) == nil {
		return ""
	}
	return scheduleHref("klik:"+view, codeOrNation(code), klikFilterIn(filter))
}

// klikTableSchedule leads to the form for a table that is the same to everybody; "" where there is nothing in it yet.
func klikTableSchedule(v Viewer, what string, rows int) string {
	if rows == 0 || !analysts.admits(v) || v.Account.ID == "" {
		return ""
	}
	return scheduleHref(what, codeOrNation(v.Municipality), "")
}

func readinessWhat(*Server, url.Values) string { return "Klarmelding, alle leverandører" }

func makeReadiness(s *Server, ctx context.Context, q url.Values, _ Viewer) ([]made, error) {
	all, err := reports.RunReadiness(ctx, s.folder.Store, s.book)
	if err != nil {
		return nil, err
	}
	if len(all.Systems) == 0 {
		return nil, &model.Problem{Code: "no-contacts", Message: "Der er ingen klarmeldinger endnu. KL indlæser dem under KLIK."}
	}
	return madeTable(s, ctx, "klarmelding", q, reports.ReadinessFormats, all, s.readinessPaper(all))
}

func madeTable[T any](s *Server, ctx context.Context, name string, q url.Values, formats map[string]func(io.Writer, T) error, table T, document func(paper.Message) (paper.Document, error)) ([]made, error) {
	format := cmp.Or(q.Get("format"), "xlsx")
	if isPaper(format) {
		return s.madeOnPaper(ctx, name, format, document)
	}
	write := formats[format]
	if write == nil || format == "table" {
		return nil, errKlikFormat
	}
	return []made{{name + "." + format, func(w io.Writer) error { return write(w, table) }}}, nil
}
