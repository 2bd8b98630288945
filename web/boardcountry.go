package web

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"

	"komhen/model"
	"komhen/reports"
)

type countryBoardView struct {
	When, Left string
	Round      string
	Rounds     []option
	Shows      []option
	Sorts      []option
	Order      string
	Board      *reports.CountryBoard
	Coverage   string
	Head       []sortHead
	Rows       []boardLine
	Downloads  []link
	Rule       string
}

// boardLine is a municipality's line: of its deliveries, and of its unit-days.
type boardLine struct {
	deliveryLine
	reports.Coverage
	CoverageText string
	Test         int64
}

// sortHead is a head that sorts the table when it is followed.
type sortHead struct {
	Text, Href string
	Sorted     string // "ascending", "descending" or ""
	Numeric    bool
}

// boardSorts are what the table can be sorted by: how, and whether the largest come first.
var boardSorts = []struct {
	value, text string
	down        bool
	numeric     bool
	compare     func(a, b boardLine) int
}{
	{"name", "Kommune", false, false, nil},
	{"delivered", "Indmeldt", true, false, func(a, b boardLine) int { return cmp.Compare(a.lateness(), b.lateness()) }},
	{"status", "Status", false, false, func(a, b boardLine) int { return cmp.Compare(a.Word, b.Word) }},
	{"silent", "Tavse enheder", true, true, func(a, b boardLine) int { return cmp.Compare(a.Silent, b.Silent) }},
	{"coverage", "Dækket", false, true, func(a, b boardLine) int { return cmp.Compare(a.part(), b.part()) }},
	{"rejected", "Rækker at rette", true, true, func(a, b boardLine) int { return cmp.Compare(a.Rejected, b.Rejected) }},
	{"test", "Prøverækker", true, true, func(a, b boardLine) int { return cmp.Compare(a.Test, b.Test) }},
	{"contacts", "Henvendelser", true, true, func(a, b boardLine) int { return cmp.Compare(a.Contacts, b.Contacts) }},
	{"received", "Seneste indmelding", true, false, func(a, b boardLine) int { return a.Received.Compare(b.Received) }},
}

// lateness orders: on time, late, missing.
func (l boardLine) lateness() int {
	switch {
	case l.Missing:
		return 2
	case l.Late:
		return 1
	}
	return 0
}

// part is the share that is covered; those of whom nothing is expected come last.
func (l boardLine) part() float64 {
	if share, ok := l.Share().(float64); ok {
		return share
	}
	return 2
}

// boardShows are the parts of the country that KL looks after here.
var boardShows = append(slices.Clone(shows), option{Value: "silent", Text: "Har tavse enheder"}, option{Value: "test", Text: "Sender stadig prøverækker"})

// countryBoard shows all municipalities of a round: who has delivered, and how much of what is expected is there.
func (s *Server) countryBoard(w http.ResponseWriter, r *http.Request, v Viewer, a question) error {
	q := r.URL.Query()
	show, by, order := cmp.Or(strings.TrimSpace(q.Get("show")), "all"), cmp.Or(strings.TrimSpace(q.Get("sort")), "name"), strings.TrimSpace(q.Get("order"))
	if err := among(show, boardShows, "show-unknown", "Der kan vises alle, dem der mangler (missing), er sent på den (late), har rækker at rette (rejected), ikke har godkendt (provisional), har tavse enheder (silent) eller sender prøverækker (test)."); err != nil {
		return err
	}
	var sorts []option
	at := -1
	for i, one := range boardSorts {
		sorts = append(sorts, option{one.value, one.text, one.value == by})
		if one.value == by {
			at = i
		}
	}
	if at < 0 || order != "" && order != "asc" && order != "desc" {
		return &model.Problem{Code: "sort-unknown", Message: "Tabellen kan ikke sorteres sådan. Vælg en kolonne i tabellen."}
	}
	down := order == "desc" || order == "" && boardSorts[at].down
	b, err := reports.CountryBoardOf(r.Context(), s.folder.Store, s.book, a.Round, s.now())
	if err != nil {
		return err
	}
	view := countryBoardView{When: a.Round.Title() + " (" + a.Round.Name + ")", Left: deadlineText(b.DaysLeft), Round: a.Round.Name, Rounds: a.roundChoices(), Shows: choose(boardShows, show), Sorts: sorts,
		Order: order, Board: b, Coverage: reports.CellText(b.Total.Share(), reports.Share), Rule: reports.SilenceRule}
	for i, one := range b.Deliveries.Rows {
		line := boardLine{deliveryOf(one, b.DaysLeft, a.Round), b.Coverages[i], reports.CellText(b.Coverages[i].Share(), reports.Share), b.Tests[i].Contacts}
		line.Href = fmt.Sprintf("/board?municipality=%d&round=%s", line.Code, a.Round.Name)
		if show == "silent" && line.Silent == 0 || show == "test" && line.Test == 0 || !line.in(show) {
			continue
		}
		view.Rows = append(view.Rows, line)
	}
	sortLines(view.Rows, boardSorts[at].compare, down)
	for i, one := range boardSorts {
		next := url.Values{"municipality": {nation}, "round": {a.Round.Name}, "show": {show}, "sort": {one.value}}
		head := sortHead{Text: one.text, Numeric: one.numeric}
		if i == at {
			head.Sorted, next["order"] = "ascending", []string{"desc"}
			if down {
				head.Sorted, next["order"] = "descending", []string{"asc"}
			}
		}
		head.Href = "/board?" + next.Encode()
		view.Head = append(view.Head, head)
	}
	for _, name := range []string{"deliveries", "board"} {
		for _, format := range formatLinks {
			if format.Href != "json" {
				text := map[string]string{"deliveries": "indmeldinger", "board": "dækning"}[name]
				view.Downloads = append(view.Downloads, link{"/reports/" + name + "/download?" + a.query("format", format.Href), text + " som " + format.Text})
			}
		}
	}
	return s.page(w, r, v, "board-country", view)
}

// sortLines sorts lines that stand in the order of their codes; nil is by name. Equal ones are in the order of names either way.
func sortLines(lines []boardLine, compare func(a, b boardLine) int, down bool) {
	letters := collate.New(language.Danish) // not safe for use side by side
	byName := func(a, b boardLine) int { return letters.CompareString(a.Name, b.Name) }
	if compare == nil {
		compare = byName
	}
	slices.SortStableFunc(lines, func(a, b boardLine) int {
		order := compare(a, b)
		if down {
			order = -order
		}
		return cmp.Or(order, byName(a, b))
	})
}
