package web

import (
	"cmp"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"komhen/model"
	"komhen/reports"
	"komhen/web/account"
)

// klikWorkbook is what addresses call the workbook of all views.
const klikWorkbook = "workbook"

// klikQuery reads what the address of a KLIK page or of the API asks for.
func (s *Server) klikQuery(q url.Values, v Viewer, view string) (reports.KlikQuery, error) {
	wish := reports.KlikQuery{Name: view, Today: model.DateOf(s.now()), Now: model.DateOf(s.now())}
	if !v.Operator() {
		wish.Own = v.Municipality
	}
	q = url.Values(cloneValues(q))
	q["municipality"] = slices.DeleteFunc(q["municipality"], func(m string) bool { return m == nation || m == "0" })
	var err error
	wish.Filter, err = reports.ParseKlikFilter(s.book, q)
	return wish, err
}

func cloneValues(q url.Values) map[string][]string {
	c := make(map[string][]string, len(q))
	for name, values := range q {
		c[name] = slices.Clone(values)
	}
	return c
}

func klikFileName(q reports.KlikQuery, format string) string {
	parts := []string{"klik", q.Name}
	if len(q.Filter.Municipalities) == 1 {
		parts = append(parts, fmt.Sprint(q.Filter.Municipalities[0]))
	}
	return strings.Join(append(parts, q.Today.ISO()), "-") + "." + format
}

// klikFilterForm is the form of filters: what each can be set to, and is.
type klikFilterForm struct {
	Projects, Waves, Municipalities, Responsible, Performer, STS []option
	Phases, Themes, Colours, Priorities, Statuses                []option
	StartFrom, StartTo, EndFrom, EndTo                           string
	Completed                                                    bool
	Used                                                         int
	Clear                                                        string
}

func (s *Server) klikForm(r *http.Request, v Viewer, wish reports.KlikQuery) (f klikFilterForm, err error) {
	choices, err := reports.KlikChoicesOf(r.Context(), s.folder.Store, wish.Own, model.DateOf(s.now()))
	if err != nil {
		return f, err
	}
	names := func(all string, list, chosen []string) []option {
		out := []option{{"", all, len(chosen) == 0}}
		for _, name := range list {
			out = append(out, option{name, name, slices.ContainsFunc(chosen, func(c string) bool { return model.Fold(c) == model.Fold(name) })})
		}
		return out
	}
	codes := func(list []model.KlikCode, chosen []uint8) (out []option) {
		for _, c := range list {
			out = append(out, option{c.Code, c.Label, slices.Contains(chosen, c.ID)})
		}
		return out
	}
	x, k := wish.Filter, s.book.Klik
	f = klikFilterForm{Projects: names("Alle", choices.Projects, x.Projects), Waves: names("Alle", choices.Waves, x.Waves), Responsible: names("Alle", choices.Responsible, x.Responsible),
		Performer: names("Alle", choices.Performer, x.Performer), Phases: codes(k.Phases, x.Phases), Themes: codes(k.Themes, x.Themes), Priorities: codes(k.Priorities, x.Priorities), Statuses: codes(k.Statuses, x.Statuses),
		STS: choose([]option{{Value: "", Text: "Alle"}, {Value: "yes", Text: "Ja"}, {Value: "no", Text: "Nej"}}, x.STS), Completed: x.Completed}
	for _, c := range []model.KlikColour{model.KlikRed, model.KlikYellow, model.KlikGreen, model.KlikNone} {
		f.Colours = append(f.Colours, option{c.Name(), c.String(), slices.Contains(x.Colours, c)})
	}
	for to, d := range map[*string]model.Date{&f.StartFrom: x.StartFrom, &f.StartTo: x.StartTo, &f.EndFrom: x.EndFrom, &f.EndTo: x.EndTo} {
		if d != 0 {
			*to = d.ISO()
		}
	}
	f.Municipalities = []option{{nation, "Hele landet", len(x.Municipalities) == 0}}
	for _, m := range s.book.Municipalities {
		if v.Sees(m.Code) {
			f.Municipalities = append(f.Municipalities, option{m.CodeText(), m.Name, slices.Contains(x.Municipalities, m.Code)})
		}
	}
	if v.Operator() {
		code := fmt.Sprint(model.KlikTestMunicipality)
		f.Municipalities = append(f.Municipalities, option{code, s.book.KlikMunicipalityName(model.KlikTestMunicipality) + " (test)", slices.Contains(x.Municipalities, model.KlikTestMunicipality)})
	}
	f.Used = x.Used(s.book)
	return f, nil
}

// klikCell is a cell of a KLIK table; Href leads to what it counts, Colour is a deadline's.
type klikCell struct {
	figureCell
	Href, Colour string
}

type klikTable struct {
	Caption string
	Head    []figureCell
	Rows    [][]klikCell
	Totals  []klikCell
	Wide    bool
}

type klikView struct {
	Name, Title, Who string
	Action           string
	Views            []link
	Form             klikFilterForm
	Query            string // of the filters, for saving and links
	Described        string
	Table            klikTable
	Notes            []string
	Downloads        []link
	Saved            []savedFilter
	Tiles            []klikTile
	Empty            bool
	Shown, Rows      int
	More             string
	Schedule         string // the form that has this made and mailed on a calendar; "" for who may not
	Messages         []klikNotice
	Operator         bool
	Deletions        []string // what is to be deleted
}

type klikTile struct{ Label, Value, Note, Href string }

type savedFilter struct {
	account.Filter
	Href string
}

// klikLists are the views that have a row for each task: on paper they are a municipality's only, or nobody could lift them.
var klikLists = []string{"tasks", "follow-up"}

var errKlikPaper = &model.Problem{Code: "format-unknown", Message: "Alle kommuners opgaver fylder for meget på papir. Vælg en kommune, eller hent dem som Excel eller CSV."}

// klikFilterOf is which filter a row of a view stands for.
var klikFilterOf = map[string]string{"projects": "project", "waves": "wave", "phases": "phase", "themes": "theme", "priorities": "priority", "sts": "sts", "municipalities": "municipality", "responsibles": "responsible", "behind": "municipality"}

// klikPage shows where municipalities stand with their tasks. The address holds the view and every filter.
func (s *Server) klikPage(w http.ResponseWriter, r *http.Request, v Viewer) error {
	q := r.URL.Query()
	if q.Get("municipality") == "" && v.Municipality != 0 { // what a municipality's people most likely mean
		q.Set("municipality", fmt.Sprint(v.Municipality))
		http.Redirect(w, r, r.URL.Path+"?"+q.Encode(), http.StatusSeeOther)
		return nil
	}
	return s.klikShow(w, r, v, cmp.Or(q.Get("view"), "projects"), "/klik")
}

// klikTasksPage lists the tasks of municipalities that the filters pick.
func (s *Server) klikTasksPage(w http.ResponseWriter, r *http.Request, v Viewer) error {
	return s.klikShow(w, r, v, "tasks", "/klik/tasks")
}

// klikShownRows is how many rows a page has; a file has them all.
const klikShownRows = 300

func (s *Server) klikShow(w http.ResponseWriter, r *http.Request, v Viewer, name, path string) error {
	q := r.URL.Query()
	wish, err := s.klikQuery(q, v, name)
	if err != nil {
		return err
	}
	report, err := reports.RunKlik(r.Context(), s.folder.Store, s.book, wish)
	if err != nil {
		return err
	}
	form, err := s.klikForm(r, v, wish)
	if err != nil {
		return err
	}
	values := wish.Filter.Values(s.book)
	if len(wish.Filter.Municipalities) == 0 {
		values.Set("municipality", nation)
	}
	view := klikView{Name: name, Title: report.Title, Who: report.Heading(), Action: path, Form: form, Query: values.Encode(), Described: wish.Filter.Describe(s.book), Notes: plain(report.Notes),
		Empty: len(report.Rows) == 0, Rows: len(report.Rows), Operator: v.Operator()}
	view.Form.Clear = path
	if v.Municipality != 0 {
		if view.Messages, err = s.klikNotices(r.Context(), v.Municipality); err != nil {
			return err
		}
	}
	with := func(path string, more ...string) string {
		all := url.Values(cloneValues(values))
		for i := 0; i+1 < len(more); i += 2 {
			if more[i+1] == "" {
				all.Del(more[i])
			} else {
				all.Set(more[i], more[i+1])
			}
		}
		return path + "?" + all.Encode()
	}
	for _, d := range reports.KlikNames() {
		href := with("/klik", "view", d.Name)
		if d.Name == "tasks" {
			href = with("/klik/tasks")
		}
		if d.Name == name {
			href = ""
		}
		view.Views = append(view.Views, link{href, d.Title})
	}
	for _, format := range formatLinks {
		view.Downloads = append(view.Downloads, link{with("/klik/download", "view", name, "format", format.Href), format.Text})
	}
	if !slices.Contains(klikLists, name) || len(wish.Filter.Municipalities) == 1 {
		for _, p := range s.paperLinks("html", "pdf") {
			view.Downloads = append(view.Downloads, link{with("/klik/download", "view", name, "format", p.Href), p.Text})
		}
	}
	if len(wish.Filter.Municipalities) == 1 {
		for _, p := range s.paperLinks("html", "pdf") {
			view.Downloads = append(view.Downloads, link{with("/klik/export", "format", p.Href), p.Text + " med hver opgave hel"})
		}
	}
	view.Downloads = append(view.Downloads, link{with("/klik/download", "view", klikWorkbook, "format", "xlsx"), "Excel med alle rapporter og diagrammer"})
	view.Schedule = s.klikSchedule(v, report, name, values)
	if len(report.Totals) > 0 {
		view.Tiles = klikTiles(report, with)
	}
	view.fill(report, name, with)
	for _, f := range s.accounts.Filters(v.Account.ID) {
		view.Saved = append(view.Saved, savedFilter{f, "/klik/tasks?" + f.Query})
	}
	if view.Deletions, err = s.klikDeletionNotices(r.Context(), v); err != nil {
		return err
	}
	return s.page(w, r, v, "klik", view)
}

// klikTiles are the main figures, each leading to the tasks it counts.
func klikTiles(r *reports.Report, with func(string, ...string) string) (tiles []klikTile) {
	at := func(name string) any {
		for i, c := range r.Columns {
			if c.Name == name {
				return r.Totals[i]
			}
		}
		return nil
	}
	tiles = append(tiles, klikTile{"Opgaver", reports.CellText(at("tasks"), reports.Number), "i kommunerne", with("/klik/tasks", "completed", "1")},
		klikTile{"Fuldført", reports.CellText(at("completed_share"), reports.Share), "af de relevante", with("/klik/tasks", "status", "FULDFOERT")})
	for _, c := range []model.KlikColour{model.KlikRed, model.KlikYellow} {
		tiles = append(tiles, klikTile{c.String(), reports.CellText(at(c.Name()), reports.Number), "", with("/klik/tasks", "deadline", c.Name())})
	}
	return append(tiles, klikTile{"Længst bagud", reports.CellText(at("behind"), reports.Number), "dage", with("/klik", "view", "behind")})
}

// fill puts the table in.
func (view *klikView) fill(r *reports.Report, name string, with func(string, ...string) string) {
	t := &view.Table
	t.Caption = r.Title + ", " + r.Heading()
	header := map[string]bool{"label": true, "title": true, "needed": true, "date": true, "wave": name == "timeline"}
	for _, c := range r.Columns {
		if !c.Code {
			t.Head = append(t.Head, figureCell{Text: c.Label, Numeric: c.Unit != reports.Text && c.Unit != reports.Day, Short: len(c.Label) <= 10})
		}
	}
	t.Wide = len(t.Head) > wideTable
	cells := func(row []any) (list []klikCell) {
		for i, c := range r.Columns {
			if c.Code {
				continue
			}
			cell := klikCell{figureCell: cellOf(row[i], c, header[c.Name])}
			cell.Short = cell.Short || c.Unit == reports.Day
			if c.Name == "deadline" {
				colour, _ := model.ParseKlikColour(cell.Text)
				cell.Colour = colour.Name()
			}
			list = append(list, cell)
		}
		return list
	}
	rows := r.Shown()
	if name == "progress" {
		slices.Reverse(rows) // the newest first
	}
	view.Shown = min(len(rows), klikShownRows)
	for _, row := range rows[:view.Shown] {
		list := cells(row)
		key, _ := row[0].(string)
		for i := range list {
			if !list[i].Header {
				continue
			}
			switch filter := klikFilterOf[name]; {
			case r.Columns[0].Name == "task":
				town, _ := row[2].(string)
				list[i].Href = "/klik/tasks/" + key + "?" + url.Values{"municipality": {town}}.Encode()
			case name == "masters":
				list[i].Href = with("/klik/tasks/" + key)
			case filter != "" && key != "":
				list[i].Href = with("/klik/tasks", filter, key)
			}
		}
		t.Rows = append(t.Rows, list)
	}
	if len(r.Totals) > 0 {
		t.Totals = cells(r.Totals)
	}
}

// klikDownload gives a view, or the workbook, as a file.
func (s *Server) klikDownload(w http.ResponseWriter, r *http.Request, v Viewer) error {
	wish, err := s.klikQuery(r.URL.Query(), v, cmp.Or(r.URL.Query().Get("view"), "projects"))
	if err != nil {
		return err
	}
	if wish.Name == klikWorkbook {
		return s.download(w, r, v, "download.klik", s.book.Municipality(v.Municipality), "klik-"+wish.Today.ISO()+".xlsx", func(w io.Writer) error {
			return reports.WriteKlikXLSX(r.Context(), s.folder.Store, s.book, wish, w)
		})
	}
	format, write, err := reportFormat(r)
	if err != nil {
		return err
	}
	if isPaper(format) && slices.Contains(klikLists, wish.Name) && len(wish.Filter.Municipalities) != 1 {
		return errKlikPaper
	}
	report, err := reports.RunKlik(r.Context(), s.folder.Store, s.book, wish)
	if err != nil {
		return err
	}
	if isPaper(format) {
		return s.sendPaper(w, r, v, "download.klik", s.book.Municipality(v.Municipality), strings.TrimSuffix(klikFileName(wish, ""), "."), format, s.paperOf(report))
	}
	return s.download(w, r, v, "download.klik", s.book.Municipality(v.Municipality), klikFileName(wish, format), func(w io.Writer) error { return write(w, report) })
}

// saveKlikFilter keeps the filters of an address by a name.
func (s *Server) saveKlikFilter(w http.ResponseWriter, r *http.Request, v Viewer) error {
	f, err := readForm(r, "name", "query")
	if err != nil {
		return err
	}
	q, err := url.ParseQuery(f.Value("query"))
	if err != nil {
		return &model.Problem{Code: "form", Message: "Filteret kan ikke læses. Gå tilbage til KLIK, vælg filtrene igen, og gem dem.", Err: err}
	}
	wish, err := s.klikQuery(q, v, "tasks")
	if err != nil {
		return err
	}
	saved, err := s.accounts.SaveFilter(account.Filter{Account: v.Account.ID, Name: f.Value("name"), Query: wish.Filter.Values(s.book).Encode(), Changed: s.now()})
	if err != nil {
		return err
	}
	s.record(v, addressOf(r), "klik.filter-save", v.Municipality, saved.ID)
	s.flash(r, "Filteret »"+reports.PlainText(saved.Name)+"« er gemt.")
	http.Redirect(w, r, "/klik/tasks?"+saved.Query, http.StatusSeeOther)
	return nil
}

// deleteKlikFilter forgets one.
func (s *Server) deleteKlikFilter(w http.ResponseWriter, r *http.Request, v Viewer) error {
	if err := s.accounts.DeleteFilter(v.Account.ID, r.PathValue("filter")); err != nil {
		return err
	}
	s.record(v, addressOf(r), "klik.filter-delete", v.Municipality, r.PathValue("filter"))
	s.flash(r, "Filteret er slettet.")
	http.Redirect(w, r, "/klik", http.StatusSeeOther)
	return nil
}
