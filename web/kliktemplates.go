package web

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"komhen/ingest"
	"komhen/model"
)

// klikTemplatesView is the page of projects that are ready to be used.
type klikTemplatesView struct {
	Form      *formData
	Templates []klikTemplateCard
	Rounds    []option
}

type klikTemplateCard struct {
	model.KlikTemplate
	Rows []klikTemplateRow
}

type klikTemplateRow struct{ Title, Phase, Priority, Owners string }

func (s *Server) klikTemplatesPage(w http.ResponseWriter, r *http.Request, v Viewer) error {
	return s.showKlikTemplates(w, r, v, http.StatusOK, nil)
}

func (s *Server) showKlikTemplates(w http.ResponseWriter, r *http.Request, v Viewer, status int, form *formData) error {
	d := klikTemplatesView{Form: form}
	today, k := model.DateOf(s.now()), s.book.Klik
	for _, t := range s.templates {
		card := klikTemplateCard{KlikTemplate: t}
		for _, x := range t.Tasks {
			card.Rows = append(card.Rows, klikTemplateRow{x.Title, model.KlikLabel(k.Phases, x.Phase), model.KlikLabel(k.Priorities, x.Priority), strings.Join(x.Owners, " og ")})
		}
		d.Templates = append(d.Templates, card)
	}
	for _, round := range s.roundsUntil(today.Year() + 1) {
		if round.DataDeadline >= today {
			d.Rounds = append(d.Rounds, option{round.Name, round.Title() + ", fra " + round.First.String(), form.Value("round") == round.Name})
		}
	}
	return s.pageWith(w, r, v, status, "klik-templates", d)
}

// useKlikTemplate makes a project of a template. Sent again it changes nothing double.
func (s *Server) useKlikTemplate(w http.ResponseWriter, r *http.Request, v Viewer) error {
	f, err := readForm(r, "template", "round", "golive")
	if err != nil {
		return err
	}
	template := model.FindKlikTemplate(s.templates, f.plain("template"))
	if template == nil {
		return &model.Problem{Code: "klik-template-unknown", Message: "Skabelonen findes ikke. Vælg en fra siden."}
	}
	var goLive model.Date
	if text := f.plain("golive"); text != "" {
		var ok bool
		if goLive, ok = model.ParseDate(text); !ok {
			f.wrong("golive", "Go-live skal være en dag som 26-04-2027.")
			return s.showKlikTemplates(w, r, v, http.StatusUnprocessableEntity, f)
		}
	}
	u, err := s.folder.UseKlikTemplate(r.Context(), template, f.plain("round"), goLive, ingest.Decision{At: s.now(), By: v.ID()})
	var problem *model.Problem
	switch {
	case errors.As(err, &problem) && (strings.HasPrefix(problem.Code, "klik-template-") || problem.Code == "round-unknown"):
		field := "golive"
		if template.Counts {
			field = "round"
		}
		f.wrong(field, problem.Message)
		return s.showKlikTemplates(w, r, v, http.StatusUnprocessableEntity, f)
	case err != nil:
		return err
	case u.Changed():
		s.record(v, addressOf(r), "klik.template", 0, fmt.Sprintf("%s %d+%d+%d", template.Code, u.Projects, u.Waves, u.Tasks))
		s.flash(r, fmt.Sprintf("»%s« er klar: %s er lavet eller flyttet.", u.Project, countOf(int64(u.Tasks), "opgave", "opgaver")))
	default:
		s.flash(r, fmt.Sprintf("»%s« står der allerede, som det skal. Intet er ændret.", u.Project))
	}
	http.Redirect(w, r, "/klik/templates", http.StatusSeeOther)
	return nil
}
