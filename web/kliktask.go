package web

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"komhen/model"
	"komhen/reports"
)

// klikTaskView is the page of a master task, and of a municipality's task where one is chosen.
type klikTaskView struct {
	*reports.KlikTaskView
	Where     string // the municipality; "" for all
	Code      uint16
	Facts     []klikFact
	Texts     []klikFact
	Own       *klikOwn
	Needs     []link
	NeededBy  []link
	Rows      []klikTaskRow
	History   []klikHistoryRow
	Comments  []klikCommentRow
	Messages  []klikCommentRow
	Municipal []option
	Back      string
	Operator  bool
	Form      *formData // of who may work on the task; nil for others
	Statuses  []option
	Names     []string // who has been responsible or performed it
	PlanDays  string
	Message   *formData // to all municipalities, of who may write it; nil for others
}

type klikFact struct{ Label, Text string }

type klikOwn struct {
	Status, Colour, ColourName, Responsible, Performer, Start, End string
	Behind                                                         int
	Blockers                                                       []string
}

type klikTaskRow struct {
	Municipality, Href, Wave, Status, Responsible, End, Colour, ColourName string
	Behind                                                                 int
}

type klikHistoryRow struct {
	At, By, From, To, Responsible, Performer, Days string
}

type klikCommentRow struct {
	At   time.Time
	By   string
	Text string
}

// klikTaskPage shows a task: what it is, when it is to be done, what it waits for, and where the municipality stands with it.
func (s *Server) klikTaskPage(w http.ResponseWriter, r *http.Request, v Viewer) error {
	id, code, err := s.klikTaskAt(r, v)
	if err != nil {
		return err
	}
	return s.showKlikTask(w, r, v, http.StatusOK, id, code, klikForms{})
}

func (s *Server) showKlikTask(w http.ResponseWriter, r *http.Request, v Viewer, status int, id uint32, code uint16, sent klikForms) error {
	wish := reports.KlikQuery{Today: model.DateOf(s.now())}
	if !v.Operator() {
		wish.Own = v.Municipality
	}
	found, err := reports.KlikTask(r.Context(), s.folder.Store, s.book, id, code, wish)
	if err != nil {
		return err
	}
	view := klikTaskView{KlikTaskView: found, Code: code, Back: "/klik/tasks?" + backQuery(code), Operator: v.Operator()}
	s.fillKlikTask(&view, v)
	if v.worksIn(code) {
		s.klikOwnForm(&view, view.Lines[0], sent.Work)
	}
	if view.Message = sent.Message; v.Operator() && view.Message == nil {
		view.Message = formOf(map[string]string{"message": model.KlikMessageMark + " "})
	}
	return s.pageWith(w, r, v, status, "klik-task", view)
}

func backQuery(code uint16) string {
	if code == 0 {
		return "municipality=" + nation
	}
	return fmt.Sprintf("municipality=%d", code)
}

func (s *Server) fillKlikTask(view *klikTaskView, v Viewer) {
	t, k := view.Task, s.book.Klik
	days := func(n *int) string {
		if n == nil {
			return model.Missing
		}
		return countOf(int64(*n), "dag", "dage")
	}
	yes := map[bool]string{true: "Ja", false: "Nej"}
	view.Facts = []klikFact{{"Projekt", view.Project}, {"Fase", model.KlikLabel(k.Phases, t.Phase)}, {"Tema", model.KlikLabel(k.Themes, t.Theme)}, {"Prioritet", model.KlikLabel(k.Priorities, t.Priority)}, {"STS/Infrastruktur", yes[t.STS]}}
	if view.Operator { // the template says that municipalities do not see these
		view.Facts = append(view.Facts, klikFact{"Varighed", days(t.Duration)}, klikFact{"Slutdato fra go-live", days(t.End)}, klikFact{"Startdato fra slutdato", days(t.Start)}, klikFact{"Frozen zone", yes[t.Frozen]})
	}
	for _, wave := range view.Waves {
		text := "go-live er ikke besluttet"
		if wave.GoLive != 0 {
			text = "go-live " + wave.GoLive.String()
		}
		view.Facts = append(view.Facts, klikFact{wave.Name, text})
	}
	if t.Deletes != 0 {
		view.Facts = append(view.Facts, klikFact{"Opgaven slettes", t.Deletes.String()})
	}
	if len(t.Related) > 0 {
		view.Facts = append(view.Facts, klikFact{"Tæt relateret til", strings.Join(t.Related, ", ")})
	}
	for _, f := range k.Fields {
		if text := t.Texts[f.Field]; text != "" && f.Field != "message" && f.Field != "trial" {
			view.Texts = append(view.Texts, klikFact{f.Label, text})
		}
	}
	query := backQuery(view.Code)
	for _, need := range view.KlikTaskView.Needs {
		view.Needs = append(view.Needs, link{fmt.Sprintf("/klik/tasks/%d?%s", need.ID, query), need.Title})
	}
	for _, later := range view.KlikTaskView.NeededBy {
		view.NeededBy = append(view.NeededBy, link{fmt.Sprintf("/klik/tasks/%d?%s", later.ID, query), later.Title})
	}
	day := func(d model.Date) string {
		if d == 0 {
			return model.Missing
		}
		return d.String()
	}
	for _, l := range view.Lines {
		status := model.KlikLabel(k.Statuses, l.Work.Status)
		if view.Code == 0 {
			view.Rows = append(view.Rows, klikTaskRow{s.book.KlikMunicipalityName(l.Municipality), fmt.Sprintf("/klik/tasks/%d?municipality=%d", t.ID, l.Municipality), l.Wave.Name, status, l.Work.Responsible, day(l.Span.End),
				l.Colour.String(), l.Colour.Name(), l.Behind})
			continue
		}
		view.Where = s.book.KlikMunicipalityName(view.Code) + " Kommune"
		view.Own = &klikOwn{Status: status, Colour: l.Colour.String(), ColourName: l.Colour.Name(), Responsible: l.Work.Responsible, Performer: l.Work.Performer, Start: day(l.Span.Start), End: day(l.Span.End), Behind: l.Behind}
		for _, need := range view.Blockers {
			view.Own.Blockers = append(view.Own.Blockers, need.Title)
		}
	}
	from := model.KlikLabel(k.Statuses, model.KlikNotBegun)
	for _, step := range view.Steps {
		to := model.KlikLabel(k.Statuses, step.Status)
		days := ""
		if step.Start != 0 || step.End != 0 {
			days = day(step.Start) + " til " + day(step.End)
		}
		view.History = append(view.History, klikHistoryRow{step.At.Date().String(), s.klikActor(step.By, v), from, to, step.Responsible, step.Performer, days})
		from = to
	}
	for _, c := range view.KlikTaskView.Comments {
		row := klikCommentRow{c.At, s.klikActor(c.By, v), c.Text}
		if c.Municipality == 0 {
			view.Messages = append(view.Messages, row)
		} else {
			view.Comments = append(view.Comments, row)
		}
	}
}

// klikActor is who did something, as the viewer may know it: a name of the own municipality, else only that it was somebody of the operator's.
func (s *Server) klikActor(id string, v Viewer) string {
	if id == "" {
		return "Indlæst fil"
	}
	if a, ok := s.accounts.Account(id); ok && !v.Operator() && a.Municipality != v.Municipality {
		return a.Role.Label()
	}
	return s.actorName(id)
}
