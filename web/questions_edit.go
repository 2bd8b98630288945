package web

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"komhen/model"
	"komhen/reports"
)

// KL writes the questions of a round in one form: a row for each, with room for a few more every time it is saved.

type questionsEdit struct {
	Round  model.Round
	Intro  string
	Rows   []questionRow
	Form   *formData
	Copied string // the round that the questions are taken from, when this has none
	There  bool   // saved questions
	Count  int
}

type questionRow struct {
	At, Number             int
	ID, Text, Options      string
	Required               bool
	Kinds                  []option
	TextFault, OptionFault string
	New                    bool
}

// emptyRows is how many new questions the form has room for.
const emptyRows = 3

func (s *Server) editQuestions(w http.ResponseWriter, r *http.Request, v Viewer) error {
	round, err := s.book.Round(r.PathValue("round"))
	if err != nil {
		return err
	}
	view := questionsEdit{Round: round}
	asked, err := reports.QuestionsOf(r.Context(), s.folder.Store, round.Name)
	if err != nil {
		return err
	}
	view.There = asked != nil
	rounds := s.book.Rounds(round.First - 1)
	for i := len(rounds) - 1; i >= 0 && asked == nil; i-- { // begin with the latest earlier round's
		if asked, err = reports.QuestionsOf(r.Context(), s.folder.Store, rounds[i].Name); err != nil {
			return err
		}
		if asked != nil {
			view.Copied = rounds[i].Title()
		}
	}
	if asked == nil {
		asked = &model.Questionnaire{}
	}
	return s.showEdit(w, r, v, http.StatusOK, view, *asked)
}

func (s *Server) showEdit(w http.ResponseWriter, r *http.Request, v Viewer, status int, view questionsEdit, asked model.Questionnaire) error {
	view.Intro, view.Count = asked.Intro, len(asked.Questions)
	for i := range view.Count + emptyRows {
		row := questionRow{At: i, Number: i + 1, New: i >= view.Count, TextFault: view.Form.Error(fmt.Sprint("text-", i)), OptionFault: view.Form.Error(fmt.Sprint("options-", i))}
		kind := model.AskYesNo
		if !row.New {
			q := asked.Questions[i]
			row.ID, row.Text, row.Options, row.Required, kind = q.ID, q.Text, strings.Join(q.Options, "\n"), q.Required, q.Kind
		}
		for _, k := range model.QuestionKinds {
			row.Kinds = append(row.Kinds, option{string(k.Kind), k.Label, k.Kind == kind})
		}
		view.Rows = append(view.Rows, row)
	}
	return s.pageWith(w, r, v, status, "questions-edit", view)
}

// saveQuestions takes the form in: the questions with a text that are not to be deleted, by their numbers. Without any the round has none.
func (s *Server) saveQuestions(w http.ResponseWriter, r *http.Request, v Viewer) error {
	if err := r.ParseForm(); err != nil {
		return formProblem(err)
	}
	round, err := s.book.Round(r.PathValue("round"))
	if err != nil {
		return err
	}
	before, err := reports.QuestionsOf(r.Context(), s.folder.Store, round.Name)
	if err != nil {
		return err
	}
	if before == nil {
		before = &model.Questionnaire{}
	}
	asked := questionsIn(r, *before)
	view := questionsEdit{Round: round, There: len(before.Questions) > 0, Form: formOf(map[string]string{})}
	for _, f := range asked.Check() {
		view.Form.wrong(f.Field, f.Message)
	}
	if len(view.Form.Errors) > 0 {
		return s.showEdit(w, r, v, http.StatusUnprocessableEntity, view, asked)
	}
	record, err := asked.Record(round.Name)
	if err != nil {
		return err
	}
	if record.Withdrawn() && !view.There {
		view.Form.wrong("text-0", "Der er ingen spørgsmål. Skriv det første.")
		return s.showEdit(w, r, v, http.StatusUnprocessableEntity, view, asked)
	}
	if err := s.declareRecord(r, v, record, "questions.save"); err != nil {
		return err
	}
	s.flash(r, countOf(int64(len(asked.Questions)), "spørgsmål er gemt.", "spørgsmål er gemt.")+" Svar, der stadig passer, bliver stående.")
	http.Redirect(w, r, "/questions/"+round.Name+"/edit", http.StatusSeeOther)
	return nil
}

// questionsIn reads the form. A question keeps its ID; only those that the round has are believed.
func questionsIn(r *http.Request, before model.Questionnaire) model.Questionnaire {
	asked := model.Questionnaire{Intro: typedText(r, "intro"), Given: before.Given}
	type placed struct {
		model.Question
		order float64
	}
	var list []placed
	used := map[string]bool{}
	for i := range model.MostQuestions + emptyRows {
		field := func(name string) string { return typedText(r, fmt.Sprint(name, "-", i)) }
		q := model.Question{ID: field("id"), Text: field("text"), Kind: model.QuestionKind(field("kind")), Required: field("required") != ""}
		if field("delete") != "" || q.Text == "" && q.ID == "" {
			continue
		}
		known := slices.ContainsFunc(before.Questions, func(x model.Question) bool { return x.ID == q.ID })
		if !known || used[q.ID] {
			asked.Given++
			q.ID = fmt.Sprint("s", asked.Given)
		}
		used[q.ID] = true
		if q.Kind == model.AskOne || q.Kind == model.AskSeveral {
			for line := range strings.Lines(field("options")) {
				if line = strings.TrimSpace(line); line != "" {
					q.Options = append(q.Options, line)
				}
			}
		}
		order, err := strconv.ParseFloat(strings.Replace(field("order"), ",", ".", 1), 64)
		if err != nil {
			order = float64(i + 1)
		}
		list = append(list, placed{q, order})
	}
	slices.SortStableFunc(list, func(a, b placed) int { return cmp.Compare(a.order, b.order) })
	for _, p := range list {
		asked.Questions = append(asked.Questions, p.Question)
	}
	return asked
}

func typedText(r *http.Request, name string) string {
	return strings.TrimSpace(strings.ReplaceAll(r.PostFormValue(name), "\r\n", "\n"))
}
