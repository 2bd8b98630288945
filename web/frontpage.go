package web

import (
	"context"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"komhen/model"
	"komhen/queries"
	"komhen/reports"
	"komhen/web/chart"
)

// frontPage answers at a glance: a municipality's own front page, or the whole country's to those who belong to none.
func (s *Server) frontPage(w http.ResponseWriter, r *http.Request, v Viewer) error {
	if v.Municipality == 0 {
		return s.countryPage(w, r, v)
	}
	return s.frontPageOf(w, r, v, v.Municipality)
}

// municipalityPage is the front page of the municipality in the address: KL sees any, others their own.
func (s *Server) municipalityPage(w http.ResponseWriter, r *http.Request, v Viewer) error {
	code, err := strconv.ParseUint(r.PathValue("code"), 10, 16)
	if err != nil || s.book.Municipality(uint16(code)) == nil {
		return errMunicipality
	}
	if !v.Sees(uint16(code)) {
		return errForbidden
	}
	return s.frontPageOf(w, r, v, uint16(code))
}

type frontView struct {
	Path, Name, When string
	Rounds           []option
	NoData, Upload   bool
	Page             *reports.FrontPage
	Changes          []string // since earlier rounds, a sentence each
	Digital          string
	Left             string // how long there is to the deadline
	Drawing          template.HTML
	Table            figureTable
	Weeks            []dayWeek
	Missing          []missingLine
	Round            string
	Approved         bool
	ApprovedBy       string
	CanApprove       bool
	Uploads          []uploadLine
	Running          *runningRound
	Central          []centralLine // deliveries that wait for the municipality's answer
	Messages         []klikNotice  // about KLIK tasks
	Reports          string        // the query that reports of the same round and municipality have
}

// missingLine is something left to do, with the way to do it for those who may.
type missingLine struct {
	Text, Href, Do string
	Tasks          []reports.Task
}

// dayWeek is a week of the count, a cell for each day.
type dayWeek struct {
	Number int
	Days   []dayCell
}

type dayCell struct {
	Day      model.Date
	Text     string
	Gap      bool // a workday that is over, without contacts
	Weekend  bool // or a holiday
	Contacts int64
}

// runningRound is a round that is being counted or delivered now, when the page shows another.
type runningRound struct {
	Title, Href string
	Deadline    model.Date
}

// frontPageOf shows how a municipality's round is going.
func (s *Server) frontPageOf(w http.ResponseWriter, r *http.Request, v Viewer, code uint16) error {
	a, err := s.questionOf(r.Context(), r.URL.Query())
	if err != nil {
		return err
	}
	a.Municipality = code
	m := s.book.Municipality(code)
	view := frontView{Path: r.URL.Path, Name: m.Name + " Kommune", NoData: a.Round.Name == "", Upload: v.Mends(code)}
	if view.Upload {
		if view.Central, err = s.awaitsAnswer(r.Context(), v); err != nil {
			return err
		}
	}
	if view.Messages, err = s.klikNotices(r.Context(), code); err != nil {
		return err
	}
	running := s.running()
	if view.NoData {
		if running == nil {
			return s.page(w, r, v, "front", view)
		}
		a.Round = *running
	}
	if running != nil && running.Name != a.Round.Name {
		view.Running = &runningRound{running.Title(), r.URL.Path + "?round=" + running.Name, running.DataDeadline}
		a.rounds = withRound(a.rounds, *running)
	}
	view.NoData = false
	view.Rounds, view.When, view.Round, view.Reports = a.roundChoices(), a.Round.Title()+" ("+a.Round.Name+")", a.Round.Name, a.query()
	p, err := reports.FrontPageOf(r.Context(), s.folder.Store, s.book, a.Round, code, s.now())
	if err != nil {
		return err
	}
	owed, err := reports.Owed(r.Context(), s.folder.Store, s.book, a.Round, code)
	if err != nil {
		return err
	}
	p.Missing = append(p.Missing, owed...)
	view.fill(p, v)
	if err := s.frontChart(r.Context(), &view, a); err != nil {
		return err
	}
	if p.State.Approved() {
		view.ApprovedBy = s.personOf(p.State.Approval.By)
	}
	if view.Upload {
		if err := s.latestUploads(r, v, &view, code); err != nil {
			return err
		}
	}
	return s.page(w, r, v, "front", view)
}

// running is the round that is being counted, or whose deadline is still ahead; nil between rounds.
func (s *Server) running() *model.Round {
	today := model.DateOf(s.now())
	for _, r := range s.book.Rounds(today) {
		if r.First <= today && today <= r.DataDeadline {
			return &r
		}
	}
	return nil
}

func withRound(rounds []model.Round, more model.Round) []model.Round {
	if slices.ContainsFunc(rounds, func(r model.Round) bool { return r.Name == more.Name }) {
		return rounds
	}
	rounds = append(slices.Clone(rounds), more)
	slices.SortFunc(rounds, func(x, y model.Round) int { return int(y.First - x.First) })
	return rounds
}

// fill puts the figures and the sentences in.
func (view *frontView) fill(p *reports.FrontPage, v Viewer) {
	view.Page, view.Approved = p, p.State.Approved()
	view.Digital, view.Left = reports.CellText(p.Digital, reports.Share), deadlineText(p.DaysLeft)
	if p.Latest != nil {
		view.Changes = append(view.Changes, changeText(p.Latest))
	}
	if p.SameSeason != nil && p.SameSeason.Round.Name != p.Latest.Round.Name {
		view.Changes = append(view.Changes, changeText(p.SameSeason))
	}
	view.CanApprove = view.Upload && p.Contacts > 0
	for _, d := range p.Days {
		_, week := d.Day.ISOWeek()
		if n := len(view.Weeks); n == 0 || view.Weeks[n-1].Number != week {
			view.Weeks = append(view.Weeks, dayWeek{Number: week})
		}
		cell := dayCell{Day: d.Day, Text: model.FormatInt(d.Contacts), Weekend: d.Closed != "", Contacts: d.Contacts, Gap: d.Gap()}
		switch {
		case d.Contacts > 0:
		case d.Zero:
			cell.Text = "nul"
		case d.Coming:
			cell.Text = model.Missing
		}
		last := &view.Weeks[len(view.Weeks)-1]
		last.Days = append(last.Days, cell)
	}
	for _, m := range p.Missing {
		view.Missing = append(view.Missing, view.way(m, p, v))
	}
}

// way says where to go to do what is missing.
func (view *frontView) way(m reports.Missing, p *reports.FrontPage, v Viewer) missingLine {
	line := missingLine{Text: m.Text}
	upload := fmt.Sprintf("/uploads/%d", m.Upload)
	switch m.Code {
	case "rejected-rows":
		line.Href, line.Do = upload, "Ret rækkerne"
	case "no-contacts":
		line.Href, line.Do = "/uploads", "Send en fil"
	case "reopened":
		line.Href, line.Do = upload, "Se indmeldingen"
	case "days-without":
		line.Href, line.Do = "/board?"+view.Reports, "Se dagene for hver enhed"
	case "totals":
		line.Href, line.Do = fmt.Sprintf("/totals?municipality=%d&year=%d", p.Municipality.Code, p.Round.Year), "Indmeld total-tal"
	case "questions":
		line.Href, line.Do = fmt.Sprintf("/questions/%s?municipality=%d", p.Round.Name, p.Municipality.Code), "Svar på spørgsmålene"
	case "tasks-without":
		line.Tasks = p.TasksMissing
	}
	if !view.Upload && strings.HasPrefix(line.Href, "/uploads") {
		line.Href, line.Do = "", "" // not theirs to do
	}
	return line
}

func changeText(c *reports.RoundChange) string {
	than := "flere"
	n, share := c.Contacts, reports.CellText(c.Share, reports.Share)
	switch {
	case n == 0:
		return "Lige så mange som i " + roundText(c.Round)
	case n < 0:
		than, n = "færre", -n
		share = strings.TrimPrefix(share, "-")
		share = strings.TrimPrefix(share, "−")
	}
	return fmt.Sprintf("%s %s (%s) end i %s", model.FormatInt(n), than, share, roundText(c.Round))
}

// roundText is a round inside a sentence.
func roundText(r model.Round) string { return strings.ToLower(r.Title()) }

func deadlineText(days int) string {
	switch {
	case days == 0:
		return "i dag"
	case days == 1:
		return "i morgen"
	case days > 1:
		return "om " + countOf(int64(days), "dag", "dage")
	}
	return "passeret"
}

// frontChart draws the channels, with their table.
func (s *Server) frontChart(ctx context.Context, view *frontView, a question) error {
	p := view.Page
	if p.Contacts == 0 {
		return nil
	}
	rep, err := reports.Run(ctx, s.folder.Store, s.book, reports.Query{Name: "channels", Round: a.Round, Municipality: a.Municipality})
	if err != nil {
		return err
	}
	if c, ok := chart.Of(rep); ok {
		c.Title = ""
		if view.Drawing, err = c.HTML(); err != nil {
			return err
		}
	}
	at := map[string]int{}
	for i, c := range rep.Columns {
		at[c.Name] = i
	}
	view.Table = figureTable{ID: "kanaler", Caption: "Henvendelser fordelt på kanaler", Head: []figureCell{{Text: "Kanal"}, {Text: "Henvendelser", Numeric: true}, {Text: "Andel", Numeric: true}}}
	for _, row := range rep.Shown() {
		if row[at["contacts"]] == int64(0) {
			continue
		}
		var cells []figureCell
		for _, name := range []string{"label", "contacts", "share"} {
			cells = append(cells, cellOf(row[at[name]], rep.Columns[at[name]], name == "label"))
		}
		view.Table.Rows = append(view.Table.Rows, figureRow{Cells: cells})
	}
	return nil
}

// latestOnFront is how many uploads the front page shows.
const latestOnFront = 5

func (s *Server) latestUploads(r *http.Request, v Viewer, view *frontView, code uint16) error {
	all, err := s.uploadsOf(r, v)
	if err != nil {
		return err
	}
	all = slices.DeleteFunc(all, func(u queries.StoredUpload) bool { return u.Municipality != code })
	slices.Reverse(all)
	for _, u := range all[:min(latestOnFront, len(all))] {
		view.Uploads = append(view.Uploads, uploadLine{StoredUpload: u, Municipality: s.nameOf(u.Municipality), State: stateWord(u)})
	}
	return nil
}
