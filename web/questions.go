package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"komhen/ingest"
	"komhen/model"
	"komhen/reports"
)

// The questions of a round: which there are, how far everybody is, and the form that a municipality answers in.

type roundOfQuestions struct {
	Title, Href, Edit, State string
	Deadline                 model.Date
}

// questionsIndex lists the rounds that have questions; KL may give any of the latest some.
func (s *Server) questionsIndex(w http.ResponseWriter, r *http.Request, v Viewer) error {
	var data struct{ Rounds []roundOfQuestions }
	rounds := s.book.Rounds(model.DateOf(s.now()) + 200) // also the next one
	slices.Reverse(rounds)
	for i, round := range rounds {
		q, err := reports.QuestionsOf(r.Context(), s.folder.Store, round.Name)
		if err != nil {
			return err
		}
		if q == nil && (!v.Operator() || i >= roundsToAsk) {
			continue
		}
		line := roundOfQuestions{Title: round.Title(), Deadline: round.DataDeadline, State: "ingen spørgsmål"}
		if v.Operator() {
			line.Edit = "/questions/" + round.Name + "/edit"
		}
		if q != nil {
			line.Href = "/questions/" + round.Name
			if line.State, err = s.questionsState(r.Context(), round, v.Municipality); err != nil {
				return err
			}
		}
		data.Rounds = append(data.Rounds, line)
	}
	return s.page(w, r, v, "questions", data)
}

// roundsToAsk is how many of the latest rounds without questions KL is offered to write some for.
const roundsToAsk = 4

// questionsState says how far a municipality is, or for 0 how many have answered.
func (s *Server) questionsState(ctx context.Context, round model.Round, municipality uint16) (string, error) {
	states, err := reports.QuestionsStates(ctx, s.folder.Store, s.book, round, municipality)
	if err != nil {
		return "", err
	}
	in := 0
	for _, state := range states {
		if state.HandedIn {
			in++
		}
		if municipality != 0 {
			return stateOfAnswers(state), nil
		}
	}
	return fmt.Sprintf("%d af %d kommuner har svaret", in, len(states)), nil
}

func stateOfAnswers(state reports.QuestionsState) string {
	switch {
	case state.HandedIn && state.Missing > 0:
		return "indmeldt, men spørgsmålene er ændret siden"
	case state.HandedIn && state.Late:
		return "indmeldt efter frist"
	case state.HandedIn:
		return "indmeldt"
	case state.Draft:
		return "kladde"
	}
	return "ikke besvaret"
}

type questionsView struct {
	Round          model.Round
	Name           string // of the municipality; "" is the country, where KL sees all
	Code           uint16
	May, Operator  bool
	Asked          *model.Questionnaire // nil when there are none
	Intro          string
	Fields         []answerField
	Form           *formData
	State          string
	At             time.Time
	By             string
	HandedIn       bool
	Municipalities []option
	All            []answeredBy
	Texts          []freeText
	Report         string // address
}

// answerField is a question with what was answered.
type answerField struct {
	model.Question
	Number  int
	Kind    string // shadows the question's, for the template
	Choices []option
	Value   string // of a number or a text
	Text    string // the answer as people read it
	Error   string
}

// answeredBy is how far a municipality is.
type answeredBy struct{ Name, Href, State string }

// freeText is a question with what each municipality wrote. Only KL sees them all.
type freeText struct {
	Number  int
	Text    string
	Answers []struct{ Who, Text string }
}

func (s *Server) questionsPage(w http.ResponseWriter, r *http.Request, v Viewer) error {
	code, err := s.whose(r.URL.Query(), v)
	if err != nil {
		return err
	}
	if code == 0 && !v.Operator() {
		return errForbidden
	}
	round, err := s.book.Round(r.PathValue("round"))
	if err != nil {
		return err
	}
	return s.showQuestions(w, r, v, http.StatusOK, questionsView{Round: round, Code: code}, nil)
}

// showQuestions shows the questions; typed is a form that was not taken, with what is wrong in the view.
func (s *Server) showQuestions(w http.ResponseWriter, r *http.Request, v Viewer, status int, view questionsView, typed url.Values) error {
	ctx := r.Context()
	view.May, view.Operator = v.Mends(view.Code) && view.Code != 0, v.Operator()
	var err error
	if view.Asked, err = reports.QuestionsOf(ctx, s.folder.Store, view.Round.Name); err != nil || view.Asked == nil {
		if err != nil {
			return err
		}
		return s.pageWith(w, r, v, status, "questions-answer", view)
	}
	view.Intro = view.Asked.Intro
	of := nation
	if view.Code != 0 {
		of = fmt.Sprint(view.Code)
		view.Name = s.nameOf(view.Code)
	}
	view.Report = "/reports/questions?" + url.Values{"round": {view.Round.Name}, "municipality": {of}}.Encode()
	if v.Operator() {
		view.Municipalities = s.municipalityChoices(v, view.Code)
	}
	if view.State, err = s.questionsState(ctx, view.Round, view.Code); err != nil {
		return err
	}
	if view.Code == 0 {
		if err := s.allAnswers(ctx, &view); err != nil {
			return err
		}
		return s.pageWith(w, r, v, status, "questions-answer", view)
	}
	answers, err := reports.AnswersOf(ctx, s.folder.Store, view.Round.Name, view.Code)
	if err != nil {
		return err
	}
	var own model.Answers
	for _, a := range answers {
		own, view.At, view.By, view.HandedIn = a.Value, a.At, s.personOf(a.By), a.Value.HandedIn
	}
	for i, q := range view.Asked.Questions {
		values := own.Of(q)
		if typed != nil {
			values = typed[q.ID]
		}
		view.Fields = append(view.Fields, fieldOf(q, i+1, values, view.Form.Error(q.ID)))
	}
	return s.pageWith(w, r, v, status, "questions-answer", view)
}

func fieldOf(q model.Question, number int, values []string, fault string) answerField {
	f := answerField{Question: q, Number: number, Kind: string(q.Kind), Text: q.AnswerText(values), Error: fault}
	for _, c := range q.Choices() {
		f.Choices = append(f.Choices, option{c, c, slices.Contains(values, c)})
	}
	if len(values) > 0 && f.Choices == nil {
		f.Value = values[0]
		if _, wrong := q.Read(values[:1]); q.Kind == model.AskNumber && wrong == "" && fault == "" {
			f.Value = f.Text
		}
	}
	return f
}

// allAnswers is how far everybody is, and what was written in free text.
func (s *Server) allAnswers(ctx context.Context, view *questionsView) error {
	states, err := reports.QuestionsStates(ctx, s.folder.Store, s.book, view.Round, 0)
	if err != nil {
		return err
	}
	for _, state := range states {
		view.All = append(view.All, answeredBy{s.book.Municipality(state.Municipality).Name, fmt.Sprintf("/questions/%s?municipality=%d", view.Round.Name, state.Municipality), stateOfAnswers(state)})
	}
	answers, err := reports.AnswersOf(ctx, s.folder.Store, view.Round.Name, 0)
	if err != nil {
		return err
	}
	for i, q := range view.Asked.Questions {
		if q.Kind != model.AskText {
			continue
		}
		text := freeText{Number: i + 1, Text: q.Text}
		for _, a := range answers {
			if values := a.Value.Of(q); values != nil && a.Value.HandedIn {
				text.Answers = append(text.Answers, struct{ Who, Text string }{s.nameOf(a.Municipality), values[0]})
			}
		}
		if len(text.Answers) > 0 {
			view.Texts = append(view.Texts, text)
		}
	}
	return nil
}

// answerQuestions saves a draft, or hands answers in, which takes an answer to every required question.
func (s *Server) answerQuestions(w http.ResponseWriter, r *http.Request, v Viewer) error {
	if err := r.ParseForm(); err != nil {
		return formProblem(err)
	}
	round, err := s.book.Round(r.PathValue("round"))
	if err != nil {
		return err
	}
	code, err := s.municipalityInForm(r.PostFormValue("municipality"), v)
	if err != nil {
		return err
	}
	asked, err := reports.QuestionsOf(r.Context(), s.folder.Store, round.Name)
	if err != nil {
		return err
	}
	if asked == nil {
		return &model.Problem{Code: "not-found", Message: "Der er ingen spørgsmål i runden."}
	}
	view := questionsView{Round: round, Code: code, Form: formOf(map[string]string{})}
	answers := model.Answers{HandedIn: r.PostFormValue("step") == "hand-in", Values: map[string][]string{}}
	for _, q := range asked.Questions {
		values, wrong := q.Read(r.PostForm[q.ID])
		if wrong != "" {
			view.Form.wrong(q.ID, wrong)
		}
		if values != nil {
			answers.Values[q.ID] = values
		}
	}
	if answers.HandedIn {
		for _, q := range asked.Unanswered(answers) {
			if view.Form.Error(q.ID) == "" {
				view.Form.wrong(q.ID, fmt.Sprintf("Spørgsmål %d skal besvares, før svarene kan indmeldes.", slices.IndexFunc(asked.Questions, func(x model.Question) bool { return x.ID == q.ID })+1))
			}
		}
	}
	if len(view.Form.Errors) > 0 {
		return s.showQuestions(w, r, v, http.StatusUnprocessableEntity, view, r.PostForm)
	}
	record, err := answers.Record(code, round.Name)
	if err != nil {
		return err
	}
	action, said := "questions.draft", "Kladden er gemt. Den er ikke indmeldt."
	if answers.HandedIn {
		action, said = "questions.hand-in", "Svarene er indmeldt. Tak."
	}
	if err := s.declareRecord(r, v, record, action); err != nil {
		return err
	}
	s.flash(r, said)
	http.Redirect(w, r, fmt.Sprintf("/questions/%s?municipality=%d", round.Name, code), http.StatusSeeOther)
	return nil
}

// declareRecord stores a record, if it says anything new, and tells the log.
func (s *Server) declareRecord(r *http.Request, v Viewer, record model.Record, action string) error {
	release, err := s.hold()
	if err != nil {
		return err
	}
	defer release()
	change, err := s.folder.DeclareChanged(context.WithoutCancel(r.Context()), ingest.Decision{At: s.now(), By: v.ID()}, []model.Record{record})
	if err == nil && change.Any() {
		s.record(v, addressOf(r), action, record.Municipality, record.Round)
	}
	return err
}
