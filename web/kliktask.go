package web

import (
	"fmt"
	"net/http"

	"komhen/model"
	"komhen/reports"
)

// klikTaskView is the page of a master task, and of a municipality's task where one is chosen.
type klikTaskView struct {
	*reports.KlikTaskView
	Where     string // the municipality; "" for all
	Code      uint16
	Facts     []reports.KlikFact
	Texts     []reports.KlikFact
	Own       *klikOwn
	Needs     []link
	NeededBy  []link
	Rows      []klikTaskRow
	History   []reports.KlikTurn
	Comments  []reports.KlikWords
	Messages  []reports.KlikWords
	Municipal []option
	Back      string
	Operator  bool
	Downloads []link    // the task whole
	LastDay   string    // on which it can be fetched; "" when it is not deleted
	Form      *formData // of who may work on the task; nil for others
	Statuses  []option
	Names     []string // who has been responsible or performed it
	PlanDays  string
	Message   *formData // to all municipalities, of who may write it; nil for others
}

type klikOwn struct {
	Status, Colour, ColourName, Responsible, Performer, Start, End string
	Behind                                                         int
	Blockers                                                       []string
}

type klikTaskRow struct {
	Municipality, Href, Wave, Status, Responsible, End, Colour, ColourName string
	Behind                                                                 int
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
	t, k := view.Task, &s.book.Klik
	view.Facts, view.Texts = view.KlikTaskView.Facts(k, view.Operator), view.KlikTaskView.Texts(k)
	if view.Code != 0 {
		for _, p := range s.paperLinks("html", "pdf") {
			view.Downloads = append(view.Downloads, link{fmt.Sprintf("/klik/tasks/%d/export?municipality=%d&format=%s", t.ID, view.Code, p.Href), p.Text})
		}
	}
	if t.Deletes != 0 {
		view.LastDay = t.LastDay().String()
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
	by := func(id string) string { return s.klikActor(id, v) }
	view.History = view.KlikTaskView.History(k, by)
	for _, c := range view.KlikTaskView.Comments {
		row := reports.KlikWords{At: c.At, By: by(c.By), Text: c.Text}
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
