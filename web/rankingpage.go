package web

import (
	"cmp"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"komhen/model"
	"komhen/reports"
)

// compared is what the address of the rankings and of the map asks for.
type compared struct {
	question
	Measure, Group string
	Own            uint16 // whom the group is seen from and who is pointed out; 0 is nobody
}

// comparison reads the address. What is compared here is published for everybody, so any municipality may be pointed out.
func (s *Server) comparison(r *http.Request, v Viewer) (compared, error) {
	q := r.URL.Query()
	a, err := s.questionOf(r.Context(), q)
	c := compared{question: a, Measure: cmp.Or(strings.TrimSpace(q.Get("measure")), "digital-share"), Group: cmp.Or(strings.TrimSpace(q.Get("group")), "all"), Own: v.Municipality}
	if err != nil {
		return c, err
	}
	c.whole = a.whole && q.Get("measure") != ""
	switch text := strings.TrimSpace(q.Get("municipality")); text {
	case "":
	case nation, "0":
		c.Own = 0
	default:
		if c.Own = s.book.MunicipalityCode(text); c.Own == 0 {
			return c, errMunicipality
		}
	}
	return c, nil
}

func (c compared) query(more ...string) string {
	q := url.Values{"round": {c.Round.Name}, "weeks": {c.Weeks}, "measure": {c.Measure}, "group": {c.Group}, "municipality": {nation}}
	if c.Own != 0 {
		q.Set("municipality", fmt.Sprint(c.Own))
	}
	for i := 0; i+1 < len(more); i += 2 {
		q.Set(more[i], more[i+1])
	}
	return q.Encode()
}

func (s *Server) standings(r *http.Request, c compared) (*reports.Standings, error) {
	return reports.StandingsOf(r.Context(), s.folder.Store, s.book, reports.StandingsQuery{Round: c.Round, Weeks: c.Weeks, Measure: c.Measure, Group: c.Group, Municipality: c.Own})
}

// measureGroup is the measures of one area, for a choice.
type measureGroup struct {
	Area  string
	Lines []option
}

func measureGroups(measures []reports.Measure, chosen string) []measureGroup {
	var groups []measureGroup
	for _, m := range measures {
		at := slices.IndexFunc(groups, func(g measureGroup) bool { return g.Area == m.Area })
		if at < 0 {
			groups, at = append(groups, measureGroup{Area: m.Area}), len(groups)
		}
		groups[at].Lines = append(groups[at].Lines, option{m.Name, m.Label, m.Name == chosen})
	}
	return groups
}

// compareForm is the form above the rankings and the map.
type compareForm struct {
	Action                                string
	Rounds, Weeks, Municipalities, Groups []option
	Measures                              []measureGroup
}

func (s *Server) compareFormFor(action string, c compared, p *reports.Standings) compareForm {
	f := compareForm{Action: action, Rounds: c.roundChoices(), Weeks: choose(weekChoices, c.Weeks), Groups: choose(groupChoices, c.Group), Measures: measureGroups(p.Measures, c.Measure)}
	if !slices.ContainsFunc(f.Groups, func(o option) bool { return o.Chosen }) {
		f.Groups = append(f.Groups, option{c.Group, p.Group, true}) // municipalities that an address picked
	}
	f.Municipalities = append(f.Municipalities, option{nation, "Ingen", c.Own == 0})
	for _, m := range s.book.Municipalities {
		f.Municipalities = append(f.Municipalities, option{m.CodeText(), m.Name, m.Code == c.Own})
	}
	return f
}

type rankingView struct {
	Title, When, Group string
	How, Sentence      string
	NoData, Empty      bool
	Upload, Print      bool
	Asked              compareForm
	Table              figureTable
	Notes              []string
	Downloads, Papers  []link
	PrintHref          string
	More               []link
	Round              model.Round
	Other, OtherHref   string
	Who, Back          string
	Now                time.Time
}

// rankingsPage ranks municipalities by any measure.
func (s *Server) rankingsPage(w http.ResponseWriter, r *http.Request, v Viewer) error {
	c, err := s.comparison(r, v)
	if err != nil {
		return err
	}
	view := rankingView{Title: "Ranglister", NoData: c.Round.Name == "", Upload: v.CanUpload(), Print: c.Print, Round: c.Round, Now: s.now(), Who: "Alle kommuner"}
	if view.NoData {
		return s.page(w, r, v, "rankings", view)
	}
	if !c.whole {
		http.Redirect(w, r, r.URL.Path+"?"+c.query(), http.StatusSeeOther)
		return nil
	}
	p, err := s.standings(r, c)
	if err != nil {
		return err
	}
	view.Asked = s.compareFormFor("/rankings", c, p)
	view.Title, view.When, view.Group, view.How = p.Measure.Label, p.Round.Title()+" ("+p.Round.Name+")", p.Group, p.Measure.How
	view.Who = p.Group
	view.Notes = plain(p.Notes)
	view.Other, view.OtherHref = c.otherRound("/rankings")
	if view.Empty = p.N == 0; !view.Empty {
		view.Table = standingsTable(p, c.Own, v)
		view.Sentence = standingSentence(p, c.Own)
	}
	for _, format := range formatLinks {
		view.Downloads = append(view.Downloads, link{"/rankings/download?" + c.query("format", format.Href), format.Text})
	}
	view.Papers = s.paperLinks("/rankings/download?"+c.query("format", "html"), "/rankings/download?"+c.query("format", "pdf"))
	view.Back = "/rankings?" + c.query()
	view.PrintHref, view.More = "/rankings?"+c.query("print", "1"), []link{{"/map?" + c.query(), "Se det på Landkortet"}}
	return s.page(w, r, v, "rankings", view)
}

// otherRound is a round that has contacts, when this one has none.
func (c compared) otherRound(path string) (title, href string) {
	for _, o := range c.rounds {
		if o.Name != c.Round.Name {
			other := c
			other.Round = o
			return o.Title(), path + "?" + other.query()
		}
	}
	return "", ""
}

// standingSentence says the main thing: where the municipality stands, or who stands first and last.
func standingSentence(p *reports.Standings, own uint16) string {
	say := func(v any) string { return reports.CellText(v, p.Measure.Unit) }
	middle := fmt.Sprintf(" Medianen er %s.", say(p.Median))
	if p.N == 1 {
		middle = " Der er kun én kommune med tal, så der er ingen at sammenligne med endnu."
	}
	for _, l := range p.Lines {
		if l.Municipality.Code != own {
			continue
		}
		if l.Rank == nil {
			return fmt.Sprintf("%s har ingen tal for det her i runden.", l.Municipality.Name) + middle
		}
		shared := ""
		if l.Tied > 1 {
			shared = fmt.Sprintf(", delt med %s", countOf(int64(l.Tied-1), "anden kommune", "andre kommuner"))
		}
		return fmt.Sprintf("%s: %s, nr. %d af %d%s.", l.Municipality.Name, say(l.Value), l.Rank, p.N, shared) + middle
	}
	if p.N > 1 {
		first, last := p.Lines[0], p.Lines[p.N-1]
		return fmt.Sprintf("Fra %s i %s til %s i %s.", say(last.Value), last.Municipality.Name, say(first.Value), first.Municipality.Name) + middle
	}
	return fmt.Sprintf("%s: %s.", p.Lines[0].Municipality.Name, say(p.Lines[0].Value)) + middle
}

// standingsTable is a ranking as a page shows it: those with a value, with a shared place said in words. Those without are named
// beside it. A row's id is the municipality's, so that a map can lead to it.
func standingsTable(p *reports.Standings, own uint16, v Viewer) figureTable {
	t := figureTable{ID: "tal", Caption: fmt.Sprintf("%s, %s, %s. %s med tal", p.Measure.Label, p.Round.Title(), p.Group, countOf(int64(p.N), "kommune", "kommuner"))}
	columns := []reports.Column{{Label: "Plads", Unit: reports.Number}, {Label: "Kommune", Unit: reports.Text}, {Label: p.Measure.Label, Unit: p.Measure.Unit}, {Label: "Henvendelser", Unit: reports.Count}}
	for _, c := range columns {
		t.Head = append(t.Head, figureCell{Text: c.Label, Numeric: c.Unit != reports.Text})
	}
	t.Head = append(t.Head, figureCell{Text: "Status"})
	for _, l := range p.Lines {
		id := "kommune-" + l.Municipality.CodeText()
		if l.Rank == nil {
			t.Without = append(t.Without, figureRow{ID: id, Mark: l.Municipality.Name})
			continue
		}
		row := figureRow{ID: id}
		for i, cell := range []any{l.Rank, l.Municipality.Name, l.Value, l.Contacts} {
			row.Cells = append(row.Cells, cellOf(cell, columns[i], i == 1))
		}
		if l.Tied > 1 {
			row.Cells[0].Text += " (delt)"
		}
		if l.Provisional {
			row.Cells = append(row.Cells, figureCell{Text: "foreløbig", Title: "Status"})
		} else {
			row.Cells = append(row.Cells, figureCell{Text: "godkendt", Title: "Status"})
		}
		switch {
		case own == 0 || l.Municipality.Code != own:
		case own == v.Municipality:
			row.Mark = "din kommune"
		default:
			row.Mark = "fremhævet"
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// downloadRanking gives a ranking as a file.
func (s *Server) downloadRanking(w http.ResponseWriter, r *http.Request, v Viewer) error {
	format, write, err := reportFormat(r)
	if err != nil {
		return err
	}
	c, err := s.comparison(r, v)
	if err != nil {
		return err
	}
	p, err := s.standings(r, c)
	if err != nil {
		return err
	}
	name := fmt.Sprintf("rangliste-%s-%s", p.Measure.Name, p.Round.Name)
	if write == nil {
		return s.sendPaper(w, r, v, "download.ranking", nil, name, format, s.paperOf(p.Report()))
	}
	return s.download(w, r, v, "download.ranking", nil, name+"."+format, func(w io.Writer) error { return write(w, p.Report()) })
}
