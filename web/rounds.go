package web

import (
	"net/http"
	"slices"
	"strings"

	"komhen/model"
)

// roundLink is a page that belongs to the work of a round. The calendar is where they are reached from.
type roundLink struct{ Href, Text, What string }

// roundLinks are those pages, in the order of the work. A line is shown to those who may use the route "GET " + Href, where there is one.
var roundLinks = []roundLink{
	{"/board", "Er alt med?", "Hvem har sendt, hvilke dage og kanaler der mangler, og hvad der er tilbage at gøre."},
	{"/totals", "Total-tal", "Meld én gang om året, hvor mange henvendelser der i alt kom gennem hver kanal."},
	{"/central", "Centrale leveringer", "Statistik, som KL har klar til jer: godkend den, eller tag selv over."},
	{"/questions", "Spørgsmål", "Svar på spørgsmålene om kommunens digitaliseringsarbejde."},
	{"/schedule", "Tidsplan", "Rapporter, der laver sig selv på de dage, du vælger."},
}

// linksFor are the round links that exist and that the viewer may use.
func (s *Server) linksFor(v Viewer) (links []roundLink) {
	routes := s.routes()
	for _, l := range roundLinks {
		if slices.ContainsFunc(routes, func(rt route) bool { return rt.pattern == "GET "+l.Href && rt.who.admits(v) }) {
			links = append(links, l)
		}
	}
	return links
}

// calendarLine is a day of a round's calendar as people see it on a day.
type calendarLine struct {
	model.RoundDay
	When, Left string
	Past, Now  bool
}

// roundCard is a round with its calendar.
type roundCard struct {
	model.Round
	State string
	Lines []calendarLine
}

func (s *Server) roundCard(r model.Round) roundCard {
	today := model.DateOf(s.now())
	card := roundCard{Round: r}
	for _, d := range r.Calendar() {
		card.Lines = append(card.Lines, lineOf(d, today))
	}
	switch {
	case today < r.First:
		card.State = "Begynder " + deadlineText(int(r.First-today))
	case today <= r.Last:
		card.State = "Der tælles nu"
	case today <= r.DataDeadline:
		card.State = "Talt; fristen for data er " + deadlineText(int(r.DataDeadline-today))
	default:
		card.State = "Afsluttet"
	}
	return card
}

func lineOf(d model.RoundDay, today model.Date) calendarLine {
	line := calendarLine{RoundDay: d, When: dayText(d.First), Left: deadlineText(int(d.First - today)), Past: d.Last < today, Now: d.First <= today && today <= d.Last}
	if d.Last != d.First {
		line.When = dayText(d.First) + " til " + dayText(d.Last)
		if line.Now {
			line.Left = "i gang; slutter " + deadlineText(int(d.Last-today))
		}
	}
	return line
}

var weekdayNames = [...]string{"søndag", "mandag", "tirsdag", "onsdag", "torsdag", "fredag", "lørdag"}

// dayText is a day with its weekday: "mandag 23-04-2012".
func dayText(d model.Date) string { return weekdayNames[d.Weekday()] + " " + d.String() }

type roundsView struct {
	Rounds  []roundCard   // those that have a day left first, then what is over this year
	Earlier []model.Round // newest first
	Links   []roundLink
	Feed    string // the address that a calendar program subscribes to
}

// over tells whether nothing of the round is left.
func (c roundCard) over() bool {
	return !slices.ContainsFunc(c.Lines, func(l calendarLine) bool { return !l.Past })
}

// roundsPage is the calendar of this year's rounds and the coming ones, and the way to everything else that belongs to a round.
func (s *Server) roundsPage(w http.ResponseWriter, r *http.Request, v Viewer) error {
	view := roundsView{Links: s.linksFor(v), Feed: s.feedAddress(r)}
	year := model.DateOf(s.now()).Year()
	for _, round := range s.roundsUntil(year + 1) {
		if round.Year < year {
			view.Earlier = append([]model.Round{round}, view.Earlier...)
			continue
		}
		view.Rounds = append(view.Rounds, s.roundCard(round))
	}
	slices.SortStableFunc(view.Rounds, func(a, b roundCard) int {
		switch {
		case a.over() == b.over():
			return 0
		case b.over():
			return -1
		}
		return 1
	})
	return s.page(w, r, v, "rounds", view)
}

// roundsUntil is every round up to a year, and later ones that were declared, oldest first.
func (s *Server) roundsUntil(year int) []model.Round {
	end := model.NewDate(year, 12, 31)
	return append(s.book.Rounds(end), s.book.DeclaredAfter(end)...)
}

// feedAddress is where calendar programs fetch the feed.
func (s *Server) feedAddress(r *http.Request) string {
	base := s.config.BaseURL
	if base == "" {
		base = "http://" + r.Host
	}
	return strings.TrimSuffix(base, "/") + "/calendar.ics"
}
