package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"komhen/ingest"
	"komhen/model"
	"komhen/reports"
)

// How long what a municipality writes on a task may be, in characters (ours).
const (
	klikNameMost    = 100
	klikCommentMost = 2000
)

// klikTaskAt reads which task of which municipality an address names; code 0 is the master task. What the viewer may not reach does not exist.
func (s *Server) klikTaskAt(r *http.Request, v Viewer) (id uint32, code uint16, err error) {
	n, err := strconv.ParseUint(r.PathValue("task"), 10, 32)
	if err != nil {
		return 0, 0, errNotFound
	}
	code = v.Municipality
	if text := r.URL.Query().Get("municipality"); text != "" && text != nation {
		if code = s.book.KlikMunicipality(text); code == 0 {
			return 0, 0, errMunicipality
		}
	}
	return uint32(n), code, nil
}

// worksIn tells whether the viewer sets status and the rest in a municipality's tasks: its coordinator, and the operator.
func (v Viewer) worksIn(code uint16) bool {
	return code != 0 && uploaders.admits(v) && (v.Operator() || v.Municipality == code)
}

// workOnKlik takes what a municipality says of its task: where it stands, who does it and when, and a comment.
func (s *Server) workOnKlik(w http.ResponseWriter, r *http.Request, v Viewer) error {
	id, code, err := s.klikTaskAt(r, v)
	if err != nil {
		return err
	}
	if !v.worksIn(code) {
		return errNotFound
	}
	f, err := readForm(r, "status", "responsible", "performer", "start", "end", "comment")
	if err != nil {
		return err
	}
	work, comment := s.klikWorkIn(f, id, code)
	if len(f.Errors) > 0 {
		return s.showKlikTask(w, r, v, http.StatusUnprocessableEntity, id, code, klikForms{Work: f})
	}
	said := comment != ""
	moved, err := s.setKlikWork(r, v, id, code, comment, func(model.KlikWork) model.KlikWork { return work })
	if p := (*model.Problem)(nil); errors.As(err, &p) {
		field, known := map[string]string{"klik-blocked": "status", "klik-status-unknown": "status", "klik-days": "end", "klik-frozen": "end"}[p.Code]
		if !known {
			return err
		}
		f.wrong(field, p.Message)
		return s.showKlikTask(w, r, v, http.StatusUnprocessableEntity, id, code, klikForms{Work: f})
	}
	if err != nil {
		return err
	}
	switch {
	case moved:
		s.flash(r, "Opgaven er gemt.")
	case said:
		s.flash(r, "Kommentaren er gemt.")
	default:
		s.flash(r, "Der var ingenting at gemme: det står allerede sådan.")
	}
	http.Redirect(w, r, fmt.Sprintf("/klik/tasks/%d?municipality=%d", id, code), http.StatusSeeOther)
	return nil
}

// setKlikWork stores what a municipality says of its task, and a comment unless it is "". work is asked when it is our turn, with what stands then. moved tells
// whether it says something else. What the rules refuse is a *model.Problem, and nothing is stored.
func (s *Server) setKlikWork(r *http.Request, v Viewer, id uint32, code uint16, comment string, work func(stands model.KlikWork) model.KlikWork) (moved bool, err error) {
	err = s.folder.DecideKlik(r.Context(), ingest.Decision{At: s.now(), By: v.ID()}, func(_ context.Context, at ingest.KlikStanding) (d model.KlikDecision, err error) {
		stands := at.Works.Of(id, code)
		next := work(stands)
		if moved = next != stands; moved {
			d.Steps = []model.KlikStep{{KlikWork: next}}
		}
		if comment != "" {
			d.Comments = []model.KlikComment{{Task: id, Municipality: code, Text: comment}}
		}
		return d, nil
	})
	if err != nil {
		return false, err
	}
	if moved {
		s.record(v, addressOf(r), "klik.work", code, fmt.Sprint(id))
	}
	if comment != "" {
		s.record(v, addressOf(r), "klik.comment", code, fmt.Sprint(id))
	}
	return moved, nil
}

// klikWorkIn reads the form; what is wrong with a field is said in it.
func (s *Server) klikWorkIn(f *formData, task uint32, code uint16) (w model.KlikWork, comment string) {
	w = model.KlikWork{Task: task, Municipality: code}
	w.Status = s.klikStatus(f)
	w.Responsible, w.Performer = f.klikName("responsible"), f.klikName("performer")
	w.Start, w.End = f.klikDay("start"), f.klikDay("end")
	return w, f.klikText("comment")
}

func (s *Server) klikStatus(f *formData) uint8 {
	if c := model.FindKlikCode(s.book.Klik.Statuses, f.Value("status")); c != nil {
		return c.ID
	}
	f.wrong("status", "Vælg en status fra listen.")
	return 0
}

func (f *formData) klikName(field string) string {
	name := strings.Join(strings.Fields(reports.PlainText(f.Value(field))), " ")
	f.klikFits(field, name, klikNameMost)
	return name
}

// klikText is a text of several lines.
func (f *formData) klikText(field string) string {
	text := strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, f.Value(field)))
	f.klikFits(field, text, klikCommentMost)
	return text
}

// klikFits refuses what is too long, is no text, or has something like a CPR number in it, which is not to be stored or shown again.
func (f *formData) klikFits(field, text string, most int) {
	masked, hit := model.MaskCPR(text, false)
	switch {
	case hit:
		f.Values[field] = masked
		f.wrong(field, "Der står noget, som ligner et CPR-nummer. Slet det: KLIK er ikke til oplysninger om borgere.")
	case !utf8.ValidString(text):
		f.Values[field] = ""
		f.wrong(field, "Teksten kan ikke læses. Skriv den igen.")
	case utf8.RuneCountInString(text) > most:
		f.wrong(field, fmt.Sprintf("Skriv højst %d tegn.", most))
	}
}

func (f *formData) klikDay(field string) model.Date {
	text := strings.TrimSpace(f.Value(field))
	if text == "" {
		return 0
	}
	day, ok := model.ParseISO(text)
	if !ok {
		day, ok = model.ParseDate(text)
	}
	if year := day.Year(); !ok || year < 1990 || year > 2100 {
		f.wrong(field, "Skriv en dag som 18-03-2027, eller lad feltet være tomt.")
		return 0
	}
	return day
}

// klikForms are what was sent from a task's page and could not be taken.
type klikForms struct{ Work, Message *formData }

// klikOwnForm is what a municipality's task can be set to, and is.
func (s *Server) klikOwnForm(view *klikTaskView, l reports.KlikLine, sent *formData) {
	iso := func(d model.Date) string {
		if d == 0 {
			return ""
		}
		return d.ISO()
	}
	if view.Form = sent; sent == nil {
		view.Form = formOf(map[string]string{"responsible": l.Work.Responsible, "performer": l.Work.Performer, "start": iso(l.Work.Start), "end": iso(l.Work.End)})
	}
	chosen := l.Work.Status
	if c := model.FindKlikCode(s.book.Klik.Statuses, view.Form.Value("status")); c != nil {
		chosen = c.ID
	}
	for _, c := range s.book.Klik.Statuses {
		view.Statuses = append(view.Statuses, option{c.Code, c.Label, c.ID == chosen})
	}
	if plan := l.Task.SpanOf(l.Wave); plan.End != 0 {
		view.PlanDays = "opgavens egne dage, " + spanText(plan.Start, plan.End)
		if plan.Start == 0 {
			view.PlanDays = "opgavens egen slutdato, " + plan.End.String()
		}
	}
	names := map[string]bool{}
	for _, step := range view.Steps {
		names[step.Responsible], names[step.Performer] = true, true
	}
	delete(names, "")
	for name := range names {
		view.Names = append(view.Names, name)
	}
	slices.Sort(view.Names)
}
