package web

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"komhen/ingest"
	"komhen/model"
	"komhen/queries"
	"komhen/reports"
)

// The page of totals: what a municipality has declared, what is missing, and the form. Totals never stand in a sum with contacts.

type totalsView struct {
	Name           string // of the municipality; "" is the country, where KL chooses one
	Code           uint16
	May            bool // declare for it
	Years          []option
	Year           int
	Periods        []option // that the form can be filled with
	Period         string
	Municipalities []option
	Missing        string // what is, in a sentence
	Deadline       model.Date
	Rows           []totalsInput
	Site           totalsInput
	Words          struct{ Total, Site string } // the declarations
	Form           *formData
	Faults         []ingest.TotalFault // of a file
	File           string
	Standing       []totalLine
	History        []totalLine
	Series         []seriesTable
	All            []totalsOf // of every municipality, for KL
	Names          []model.NamedSeries
}

// totalsInput is a channel of the form.
type totalsInput struct{ Code, Label string }

// totalLine is a total that stands, or stood.
type totalLine struct {
	Kind, Key     string
	Label, Origin string
	Period        model.Period
	Count         int64
	At            time.Time
	By            string
	Late, Gone    bool
}

type seriesTable struct {
	Name, Label string
	Months      []seriesMonth
}

type seriesMonth struct {
	Month, Key string
	Count      int64
}

// totalsOf is how far a municipality is.
type totalsOf struct {
	Name, Href, Missing string
	Totals              int
}

func (s *Server) totalsPage(w http.ResponseWriter, r *http.Request, v Viewer) error {
	code, err := s.whose(r.URL.Query(), v)
	if err != nil {
		return err
	}
	year, err := s.totalsYear(r.Context(), r.URL.Query().Get("year"))
	if err != nil {
		return err
	}
	view := totalsView{Code: code, Year: year, Period: r.URL.Query().Get("period")}
	return s.showTotals(w, r, v, http.StatusOK, view)
}

// totalsYear is the year asked for, else the one of the latest round with contacts, else this one.
func (s *Server) totalsYear(ctx context.Context, text string) (int, error) {
	if text == "" {
		latest, ok, err := reports.LatestRound(ctx, s.folder.Store, s.book)
		if err != nil || ok {
			return latest.Year, err
		}
		return s.now().Year(), nil
	}
	year, err := strconv.Atoi(text)
	if err != nil || year < firstYear || year > s.now().Year() {
		return 0, &model.Problem{Code: "year-unknown", Message: fmt.Sprintf("Året kendes ikke. Vælg et fra %d til nu.", firstYear)}
	}
	return year, nil
}

// firstYear is the first that has rounds.
const firstYear = 2011

// showTotals fills in what stands and shows the page; a form or a file with faults comes with the view.
func (s *Server) showTotals(w http.ResponseWriter, r *http.Request, v Viewer, status int, view totalsView) error {
	ctx := r.Context()
	view.May = v.Mends(view.Code) && view.Code != 0
	view.Deadline, view.Names = s.book.TotalsDeadline(view.Year), model.ContextSeries
	view.Words.Total, view.Words.Site = model.TotalDeclaration, model.SiteDeclaration
	for year := s.now().Year(); year >= firstYear; year-- {
		view.Years = append(view.Years, option{fmt.Sprint(year), fmt.Sprint(year), year == view.Year})
	}
	if v.Operator() {
		view.Municipalities = s.municipalityChoices(v, view.Code)
	}
	if err := s.totalsMissing(ctx, &view); err != nil {
		return err
	}
	if err := s.contextSeries(ctx, &view); err != nil {
		return err
	}
	if view.Code != 0 {
		view.Name = s.nameOf(view.Code)
		if err := s.totalsStanding(ctx, v, &view); err != nil {
			return err
		}
		s.totalsForm(&view)
	}
	return s.pageWith(w, r, v, status, "totals", view)
}

func (s *Server) totalsMissing(ctx context.Context, view *totalsView) error {
	states, err := reports.TotalsStates(ctx, s.folder.Store, s.book, view.Year, view.Code)
	if err != nil {
		return err
	}
	for _, state := range states {
		if view.Code != 0 {
			view.Missing = state.Text()
			continue
		}
		view.All = append(view.All, totalsOf{s.book.Municipality(state.Municipality).Name, fmt.Sprintf("/totals?municipality=%d&year=%d", state.Municipality, view.Year), state.Missing(), state.Totals})
	}
	return nil
}

// totalsStanding lists what the municipality has declared for the year, and all earlier versions.
func (s *Server) totalsStanding(ctx context.Context, v Viewer, view *totalsView) error {
	for _, kind := range []string{model.RecordTotal, model.RecordSiteVisits} {
		standing, err := queries.Standing[model.Total](ctx, s.folder.Store, queries.RecordFilter{Kind: kind, Municipality: view.Code}) // a head figure is one without a channel
		if err != nil {
			return err
		}
		for _, t := range standing {
			if line := s.totalLine(t.Declared, t.Value); line.Period.Last.Year() == view.Year {
				view.Standing = append(view.Standing, line)
			}
		}
		if !v.CanUpload() {
			continue
		}
		history, err := s.folder.Store.RecordHistory(ctx, queries.RecordFilter{Kind: kind, Municipality: view.Code})
		if err != nil {
			return err
		}
		for _, d := range history {
			t, err := totalIn(d)
			if err != nil {
				return err
			}
			if line := s.totalLine(d, t); line.Period.Last.Year() == view.Year {
				view.History = append(view.History, line)
			}
		}
	}
	order := map[string]int{}
	for i, ch := range s.book.Channels {
		order[ch.Label] = i - len(s.book.Channels) // the website's head figure, which is none, comes last
	}
	slices.SortStableFunc(view.Standing, func(a, b totalLine) int { return cmp.Compare(order[a.Label], order[b.Label]) })
	slices.SortStableFunc(view.History, func(a, b totalLine) int { return b.At.Compare(a.At) })
	return nil
}

// totalIn reads a version; of one that took the total back the key tells what it was about.
func totalIn(d queries.Declared) (t model.Total, err error) {
	if !d.Withdrawn() {
		return readRecord[model.Total](d)
	}
	words := strings.Fields(d.Key)
	if len(words) == 3 {
		t.Channel, words = words[0], words[1:]
	}
	if len(words) == 2 {
		err = t.Period.UnmarshalJSON(fmt.Appendf(nil, `{"from":%q,"to":%q}`, words[0], words[1]))
	}
	return t, err
}

func (s *Server) totalLine(d queries.Declared, t model.Total) totalLine {
	line := totalLine{Kind: d.Kind, Key: d.Key, Label: "Hjemmeside, besøg", Origin: t.Origin, Period: t.Period, Count: t.Count, At: d.At, By: s.personOf(d.By), Gone: d.Withdrawn(),
		Late: model.DateOf(d.At) > s.book.TotalsDeadline(t.Period.Last.Year())}
	if id := s.book.ChannelID(t.Channel); id != 0 {
		line.Label = s.book.Channel(id).Label
	}
	return line
}

// totalsForm makes the rows of the form, and fills them with the period and what stands for it, unless somebody has filled it in.
func (s *Server) totalsForm(view *totalsView) {
	today := model.DateOf(s.now())
	var rounds []model.Round
	for _, half := range []string{"F", "E"} {
		if r, err := s.book.Round(fmt.Sprint(view.Year, half)); err == nil {
			rounds = append(rounds, r)
		}
	}
	var chosen *model.NamedPeriod
	for _, p := range model.PeriodsOf(view.Year, rounds) {
		if p.Last > today {
			continue // not over yet
		}
		if view.Period == p.Name || chosen == nil && view.Period == "" {
			chosen = &p
		}
		view.Periods = append(view.Periods, option{p.Name, fmt.Sprintf("%s (%s)", p.Label, p.Period), false})
	}
	if chosen != nil {
		view.Period = chosen.Name
		view.Periods = choose(view.Periods, chosen.Name)
	}
	for _, ch := range s.book.Channels {
		in := totalsInput{ch.Code, ch.Label}
		if ch.Code == model.WebsiteChannel {
			in.Label = "Hjemmesidens hovedtal"
			view.Site = in
			continue
		}
		view.Rows = append(view.Rows, in)
	}
	if view.Form != nil {
		return
	}
	view.Form = formOf(map[string]string{})
	if chosen == nil {
		return
	}
	for _, in := range append(slices.Clone(view.Rows), view.Site) {
		view.Form.Values["fra-"+in.Code], view.Form.Values["til-"+in.Code] = chosen.First.ISO(), chosen.Last.ISO()
		for _, line := range view.Standing {
			if line.Period == chosen.Period && (line.Key == in.Code+" "+line.Period.Key() || in.Code == model.WebsiteChannel && line.Kind == model.RecordSiteVisits) {
				view.Form.Values["antal-"+in.Code], view.Form.Values["kilde-"+in.Code] = fmt.Sprint(line.Count), line.Origin
			}
		}
	}
}

// contextSeries are the central series, the latest year first.
func (s *Server) contextSeries(ctx context.Context, view *totalsView) error {
	months, err := queries.Standing[model.ContextFigure](ctx, s.folder.Store, queries.RecordFilter{Kind: model.RecordContext})
	if err != nil {
		return err
	}
	for _, series := range model.ContextSeries {
		table := seriesTable{Name: series.Name, Label: series.Label}
		for _, m := range months {
			if m.Value.Series == series.Name && strings.HasPrefix(m.Value.Month, fmt.Sprint(view.Year)) {
				table.Months = append(table.Months, seriesMonth{m.Value.Month[5:] + "-" + m.Value.Month[:4], m.Key, m.Value.Count})
			}
		}
		if len(table.Months) > 0 {
			view.Series = append(view.Series, table)
		}
	}
	return nil
}

// totalsTemplate gives the template with a row for each channel, with the viewer's own municipality.
func (s *Server) totalsTemplate(format string) answer {
	return func(w http.ResponseWriter, r *http.Request, v Viewer) error {
		return s.download(w, r, v, "download.totals-template", s.book.Municipality(v.Municipality), "total-tal."+format, func(w io.Writer) error {
			return ingest.WriteTotalsTemplate(w, format, s.book, v.Municipality)
		})
	}
}
