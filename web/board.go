package web

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"komhen/model"
	"komhen/reports"
)

// boardPage answers whether everything is there: a municipality's units day by day, or to KL all municipalities of a round.
func (s *Server) boardPage(w http.ResponseWriter, r *http.Request, v Viewer) error {
	a, err := s.question(r, v)
	if err != nil {
		return err
	}
	if running := s.running(); running != nil { // who counts now asks about now
		a.rounds = withRound(a.rounds, *running)
		if strings.TrimSpace(r.URL.Query().Get("round")) == "" {
			a.Round = *running
		}
	}
	switch {
	case a.Round.Name == "":
		return s.page(w, r, v, "board", boardView{NoData: true, Upload: v.CanUpload()})
	case !a.whole:
		http.Redirect(w, r, "/board?"+boardQuery(a, r.URL.Query()), http.StatusSeeOther)
		return nil
	case a.Municipality == 0 && !v.Operator():
		return &model.Problem{Code: "forbidden", Message: "Alle kommuner side om side er KL’s. Din egen kommune ser du under »Er alt med?« i menuen."}
	case a.Municipality == 0:
		return s.countryBoard(w, r, v, a)
	}
	return s.boardOf(w, r, v, a)
}

// boardQuery is the whole address: the round and municipality, and what else was asked.
func boardQuery(a question, asked url.Values) string {
	q := url.Values{"municipality": {a.code()}, "round": {a.Round.Name}}
	for _, name := range []string{"from", "to", "unit", "show", "sort", "order"} {
		if text := asked.Get(name); text != "" {
			q.Set(name, text)
		}
	}
	return q.Encode()
}

type boardView struct {
	NoData, Upload bool
	Name, When     string
	Code, Round    string
	From, To       string // as asked for; "" is the round's
	Rounds, Whose  []option
	Board          *reports.Board
	Approved       bool
	Coverage       string
	Missing        []missingLine
	Legend         []legendLine
	Weeks          []boardWeek
	Zeros          []zeroLine
	Overruled      int
	Unit, Back     string // the unit that is opened, "" for all; the address of all
	Open           bool   // a unit is
	Units          []option
	Channels       []option
	Days           []option
	Downloads      []link
	Rule           string
}

// boardWeek is a table: a week's days, and a row for each unit (or channel of the unit that is open).
type boardWeek struct {
	ID, Caption string
	Days        []boardDay
	Rows        []boardRow
}

type boardDay struct{ Text, Closed string }

type boardRow struct {
	Name, Href string
	Cells      []boardCell
}

// boardCell is a cell as text: Text is seen, Said is what it means where the text is only a sign, Notes stand below it.
type boardCell struct {
	Class, Text, Said string
	Notes             []string
	Declare           *zeroWish // a silent cell that may be declared as zero here
}

// zeroWish is what a button of a cell declares.
type zeroWish struct{ Unit, Channel, Day, Label string }

type zeroLine struct {
	Key, What, Why, By string
	At                 time.Time
	Overruled          bool
}

type legendLine struct{ Class, Text, Means string }

// boardLegend says what the signs mean.
var boardLegend = []legendLine{
	{"board-data", "12", "så mange henvendelser"},
	{"board-zero", "nul", "kommunen har erklæret, at der ingen var"},
	{"board-silent", "tavs", "ingen henvendelser, selv om enheden plejer at have dem"},
	{"board-closed", "lukket", "weekend eller helligdag uden henvendelser"},
	{"board-nothing", model.Missing, "ingen henvendelser, og vi ventede heller ingen"},
	{"board-coming", "…", "dagen er ikke slut"},
}

func (s *Server) boardOf(w http.ResponseWriter, r *http.Request, v Viewer, a question) error {
	q := r.URL.Query()
	from, to, err := daysAsked(q)
	if err != nil {
		return err
	}
	b, err := reports.BoardOf(r.Context(), s.folder.Store, s.book, a.Round, a.Municipality, from, to, s.now())
	if err != nil {
		return err
	}
	view := boardView{Upload: v.Mends(a.Municipality), Name: s.nameOf(a.Municipality), When: a.Round.Title() + " (" + a.Round.Name + ")", Code: a.code(), Round: a.Round.Name,
		From: q.Get("from"), To: q.Get("to"), Rounds: a.roundChoices(), Board: b, Approved: b.State.Approved(), Coverage: reports.CellText(b.Coverage.Share(), reports.Share),
		Legend: boardLegend, Unit: q.Get("unit"), Open: q.Has("unit"), Rule: reports.SilenceRule}
	if v.Operator() {
		view.Whose = s.municipalityChoices(v, a.Municipality)
	}
	all := url.Values{"unit": nil}
	for name, list := range q {
		all[name] = list
	}
	all.Del("unit")
	view.Back = "/board?" + boardQuery(a, all)
	view.weeks(b)
	if view.Open && len(view.Weeks) > 0 && len(view.Weeks[0].Rows) == 0 {
		return &model.Problem{Code: "not-found", Message: "Enheden har ingen dage at vise i runden. Gå tilbage, og vælg en enhed i tabellen."}
	}
	for _, m := range b.Missing {
		view.Missing = append(view.Missing, view.way(m))
	}
	for _, z := range b.Zeros {
		if view.Open && z.Unit != "" && z.Unit != view.Unit {
			continue
		}
		view.Zeros = append(view.Zeros, zeroLine{z.Key, upperFirst(z.Text(s.book)), z.Why, s.personOf(z.By), z.At, z.Overruled})
		if z.Overruled {
			view.Overruled++
		}
	}
	view.choices(b, s.book)
	for _, format := range formatLinks {
		view.Downloads = append(view.Downloads, link{"/reports/board/download?" + a.query("format", format.Href), format.Text})
	}
	return s.page(w, r, v, "board", view)
}

// daysAsked reads the days of an address, 0 where it names none.
func daysAsked(q url.Values) (from, to model.Date, err error) {
	for name, day := range map[string]*model.Date{"from": &from, "to": &to} {
		if text := strings.TrimSpace(q.Get(name)); text != "" {
			var ok bool
			if *day, ok = model.ParseDate(text); !ok {
				return 0, 0, &model.Problem{Code: "days-unknown", Message: "Dagen kan ikke læses. Skriv den som dd-mm-åååå, fx 22-10-2012."}
			}
		}
	}
	return from, to, nil
}

// href is the address of a unit's channels.
func (view *boardView) href(unit string) string {
	return view.Back + "&" + url.Values{"unit": {unit}}.Encode()
}

// way says where to go to do what is missing.
func (view *boardView) way(m reports.Missing) missingLine {
	line := missingLine{Text: m.Text}
	switch m.Code {
	case "silent-unit", "silent-channel":
		if !view.Open {
			line.Href, line.Do = view.href(m.Unit), "Se enhedens kanaler"
		}
	case "rejected-rows":
		line.Href, line.Do = fmt.Sprintf("/uploads/%d", m.Upload), "Ret rækkerne"
	case "reopened":
		line.Href, line.Do = fmt.Sprintf("/uploads/%d", m.Upload), "Se indmeldingen"
	case "no-contacts", "test-rows":
		line.Href, line.Do = "/uploads", "Se indmeldinger"
	case "not-approved", "round-moved":
		line.Href, line.Do = fmt.Sprintf("/municipalities/%s?round=%s", view.Code, view.Round), "Gå til godkendelse"
	case "totals":
		line.Href, line.Do = fmt.Sprintf("/totals?municipality=%s&year=%d", view.Code, view.Board.Round.Year), "Indmeld total-tal"
	case "questions":
		line.Href, line.Do = fmt.Sprintf("/questions/%s?municipality=%s", view.Round, view.Code), "Svar på spørgsmålene"
	case "tasks-without":
		line.Tasks = view.Board.Tasks
	}
	theirs := slices.Contains([]string{"not-approved", "round-moved", "totals", "questions"}, m.Code) || strings.HasPrefix(line.Href, "/uploads")
	if theirs && !view.Upload {
		line.Href, line.Do = "", "" // not theirs to do
	}
	return line
}

// weeks divides the days into tables.
func (view *boardView) weeks(b *reports.Board) {
	for from := 0; from < len(b.Days); {
		year, week := b.Days[from].Day.ISOWeek()
		to := from
		for to < len(b.Days) {
			if y, n := b.Days[to].Day.ISOWeek(); y != year || n != week {
				break
			}
			to++
		}
		table := boardWeek{ID: fmt.Sprintf("uge-%d", week), Caption: fmt.Sprintf("Uge %d, %s – %s", week, b.Days[from].Day, b.Days[to-1].Day)}
		for _, d := range b.Days[from:to] {
			day := boardDay{Text: fmt.Sprintf("%s %02d-%02d", weekdayShort[d.Day.Weekday()], d.Day.Day(), d.Day.Month())}
			if weekend := d.Day.Weekday() == time.Saturday || d.Day.Weekday() == time.Sunday; !weekend {
				day.Closed = d.Closed
			}
			table.Days = append(table.Days, day)
		}
		for _, u := range b.Units {
			switch {
			case !view.Open:
				table.Rows = append(table.Rows, boardRow{cmp.Or(u.Unit, "Uden enhed"), view.href(u.Unit), view.cells(u.Unit, "", "", u.Cells[from:to])})
			case u.Unit == view.Unit:
				table.Rows = append(table.Rows, boardRow{Name: "Alle kanaler", Cells: view.cells(u.Unit, "", "alle kanaler", u.Cells[from:to])})
				for _, ch := range u.Channels {
					code := ""
					if ch.Channel != nil {
						code = ch.Channel.Code
					}
					table.Rows = append(table.Rows, boardRow{Name: ch.Label(), Cells: view.cells(u.Unit, code, ch.Label(), ch.Cells[from:to])})
				}
			}
		}
		view.Weeks = append(view.Weeks, table)
		from = to
	}
}

// weekdayShort as the heads of columns begin.
var weekdayShort = map[time.Weekday]string{time.Monday: "ma", time.Tuesday: "ti", time.Wednesday: "on", time.Thursday: "to", time.Friday: "fr", time.Saturday: "lø", time.Sunday: "sø"}

// cells writes them. Of the unit that is open a silent cell has a button; label is what it is called there.
func (view *boardView) cells(unit, channel, label string, cells []reports.BoardCell) (list []boardCell) {
	for _, c := range cells {
		cell := boardCell{Class: "board-" + string(c.State), Text: c.State.Word()}
		switch c.State {
		case reports.CellData:
			cell.Text = model.FormatInt(c.Contacts)
			if n := len(c.SilentChannels); n > 0 {
				cell.Class += " board-partly"
				cell.Notes = append(cell.Notes, countOf(int64(n), "kanal tavs", "kanaler tavse"))
			}
			if c.Zero != nil {
				cell.Notes = append(cell.Notes, "erklæret nul")
			}
		case reports.CellNothing:
			cell.Text, cell.Said = model.Missing, "intet ventet"
		case reports.CellComing:
			cell.Text, cell.Said = "…", "dagen er ikke slut"
		case reports.CellSilent:
			if view.Upload && view.Open && (channel != "" || label == "alle kanaler") {
				cell.Declare = &zeroWish{oneUnit + unit, channel, c.Day.ISO(), label + ", " + c.Day.String()}
			}
		}
		list = append(list, cell)
	}
	return list
}

// choices are those of the form that declares a zero.
func (view *boardView) choices(b *reports.Board, cb *model.Codebook) {
	view.Units = []option{{Value: everyUnit, Text: "Hele kommunen"}}
	var names []string
	for _, u := range b.Units {
		if u.Unit != "" {
			names = append(names, u.Unit)
		}
	}
	names = append(names, b.Others...)
	slices.Sort(names)
	for _, name := range names {
		view.Units = append(view.Units, option{oneUnit + name, name, view.Open && name == view.Unit})
	}
	for _, d := range b.Days {
		text := d.Day.String()
		if d.Closed != "" {
			text += " (" + d.Closed + ")"
		}
		view.Days = append(view.Days, option{Value: d.Day.ISO(), Text: weekdayShort[d.Day.Weekday()] + " " + text})
	}
	view.Channels = []option{{Text: "Alle kanaler"}}
	for _, ch := range cb.Channels {
		view.Channels = append(view.Channels, option{Value: ch.Code, Text: ch.Label})
	}
}

func upperFirst(s string) string {
	if s != "" && s[0] >= 'a' && s[0] <= 'z' {
		return strings.ToUpper(s[:1]) + s[1:]
	}
	return s
}
