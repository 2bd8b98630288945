package reports

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"komhen/model"
	"komhen/queries"
)

// QuestionsOf are the questions of a round as they stand; nil when it has none.
func QuestionsOf(ctx context.Context, st *queries.Store, round string) (*model.Questionnaire, error) {
	list, err := queries.Standing[model.Questionnaire](ctx, st, queries.RecordFilter{Kind: model.RecordQuestionnaire, Round: round})
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return &list[0].Value, nil
}

// AnswersOf are the answers to the questions of a round, drafts too, by municipality; 0 is all.
func AnswersOf(ctx context.Context, st *queries.Store, round string, municipality uint16) ([]queries.Said[model.Answers], error) {
	return queries.Standing[model.Answers](ctx, st, queries.RecordFilter{Kind: model.RecordAnswer, Municipality: municipality, Round: round})
}

// QuestionsState is how far a municipality is with the questions of a round.
type QuestionsState struct {
	Municipality uint16
	Deadline     model.Date // the last day on time
	Draft        bool       // saved, and not handed in
	HandedIn     bool
	Late         bool      // when they were last handed in
	Missing      int       // required questions that were added or changed after they were handed in
	At           time.Time // last saved; zero when nothing is
}

// Outstanding tells whether the municipality has anything left to do.
func (s QuestionsState) Outstanding() bool { return !s.HandedIn || s.Missing > 0 }

// Text says in a sentence what is left to do; "" when nothing is.
func (s QuestionsState) Text() string {
	what := "Spørgsmålene om digitaliseringsarbejdet er ikke besvaret."
	switch {
	case !s.Outstanding():
		return ""
	case s.HandedIn:
		what = "Spørgsmålene om digitaliseringsarbejdet er ændret, siden I svarede."
	case s.Draft:
		what = "Svarene på spørgsmålene om digitaliseringsarbejdet er en kladde og ikke indmeldt."
	}
	return fmt.Sprintf("%s Frist: %s.", what, s.Deadline)
}

// QuestionsStates tells how far the municipalities of the codebook are with the questions of a round, by code; municipality 0 is all, and a
// round without questions has no states.
func QuestionsStates(ctx context.Context, st *queries.Store, cb *model.Codebook, round model.Round, municipality uint16) (states []QuestionsState, err error) {
	err = st.Snapshot(ctx, func(ctx context.Context) error {
		questions, err := QuestionsOf(ctx, st, round.Name)
		if err != nil || questions == nil {
			return err
		}
		answers, err := AnswersOf(ctx, st, round.Name, municipality)
		if err != nil {
			return err
		}
		for _, m := range cb.Municipalities {
			if municipality != 0 && m.Code != municipality {
				continue
			}
			s := QuestionsState{Municipality: m.Code, Deadline: round.DataDeadline}
			for _, a := range answers {
				if a.Municipality == m.Code {
					s.HandedIn, s.Draft, s.At = a.Value.HandedIn, !a.Value.HandedIn, a.At
					s.Late = s.HandedIn && round.Late(a.At)
					s.Missing = len(questions.Unanswered(a.Value))
				}
			}
			states = append(states, s)
		}
		return nil
	})
	return states, err
}

// QuestionsOwed is what a municipality owes of the questions of a round, for lists of what is to be done.
func QuestionsOwed(ctx context.Context, st *queries.Store, cb *model.Codebook, round model.Round, municipality uint16) ([]Missing, error) {
	states, err := QuestionsStates(ctx, st, cb, round, municipality)
	var list []Missing
	for _, s := range states {
		if s.Outstanding() {
			list = append(list, Missing{Code: "questions", Text: s.Text()})
		}
	}
	return list, err
}

// questions shows what was answered: a municipality's own answers beside the others', or how many municipalities gave each. Only what has been
// handed in is in it, and free text only in its own municipality's.
func questions(ctx context.Context, j *job) error {
	q, err := QuestionsOf(ctx, j.st, j.Round.Name)
	if err != nil {
		return err
	}
	all, err := AnswersOf(ctx, j.st, j.Round.Name, 0)
	if err != nil {
		return err
	}
	all = slices.DeleteFunc(all, func(a queries.Said[model.Answers]) bool { return !a.Value.HandedIn })
	if q == nil {
		q = &model.Questionnaire{}
		j.Notes = append(j.Notes, "Der er ingen spørgsmål i runden.")
	}
	who := "alle kommuner, der har indmeldt svar."
	if j.Municipality != nil {
		who = fmt.Sprintf("svarene fra %s, og hvor mange andre der har svaret det samme.", j.Municipality.Name)
		j.ownAnswers(q, all)
	} else {
		j.countedAnswers(q, all)
	}
	j.Notes = append(j.Notes, fmt.Sprintf("Runde: %s (%s). Spørgsmålene handler om kommunens digitaliseringsarbejde.", j.Round.Title(), j.Round.Name),
		"Omfatter: "+who, fmt.Sprintf("Indmeldt: %s af %d.", municipalitiesText(len(all)), len(j.cb.Municipalities)),
		"Kladder er ikke med, og svar, der ikke passer til et spørgsmål, som er ændret siden, er heller ikke.",
		"Andele er af de kommuner, der har svaret på spørgsmålet. Kan der vælges flere svar, er de tilsammen over 100 %.",
		"Fri tekst bliver kun vist for kommunen selv og for KL.")
	return nil
}

func (j *job) ownAnswers(q *model.Questionnaire, all []queries.Said[model.Answers]) {
	j.Columns = []Column{{Name: "number", Label: "Nr.", Unit: Number}, {Name: "question", Label: "Spørgsmål", Unit: Text}, {Name: "answer", Label: "Svar", Unit: Text},
		{Name: "municipalities", Label: "Kommuner, der har svaret", Unit: Number}, {Name: "same", Label: "Heraf samme svar", Unit: Share}, {Name: "median", Label: "Medianen af tallene", Unit: Ratio}}
	var own model.Answers
	handedIn := false
	for _, a := range all {
		if a.Municipality == j.Municipality.Code {
			own, handedIn = a.Value, true
		}
	}
	if !handedIn && len(q.Questions) > 0 {
		j.Notes = append(j.Notes, "Kommunen har ikke indmeldt sine svar endnu.")
	}
	for i, one := range q.Questions {
		mine := own.Of(one)
		row := []any{int64(i + 1), one.Text, nil, int64(0), nil, nil}
		if mine != nil {
			row[2] = one.AnswerText(mine)
		}
		var answered, same int64
		var numbers []float64
		for _, a := range all {
			values := a.Value.Of(one)
			if values == nil {
				continue
			}
			answered++
			if slices.Equal(values, mine) {
				same++
			}
			numbers = append(numbers, numberIn(one, values)...)
		}
		row[3] = answered
		if mine != nil && one.Choices() != nil {
			row[4] = share(same, answered)
		}
		if len(numbers) > 0 {
			row[5] = medianOf(numbers)
		}
		j.Rows = append(j.Rows, row)
	}
}

func (j *job) countedAnswers(q *model.Questionnaire, all []queries.Said[model.Answers]) {
	j.Columns = []Column{{Name: "number", Label: "Nr.", Unit: Number}, {Name: "question", Label: "Spørgsmål", Unit: Text}, {Name: "answer", Label: "Svar", Unit: Text},
		{Name: "municipalities", Label: "Kommuner", Unit: Number}, {Name: "share", Label: "Andel", Unit: Share}, {Name: "value", Label: "Tal", Unit: Ratio}}
	for i, one := range q.Questions {
		var answered int64
		counts := map[string]int64{}
		var numbers []float64
		for _, a := range all {
			values := a.Value.Of(one)
			if values == nil {
				continue
			}
			answered++
			for _, v := range values {
				counts[v]++
			}
			numbers = append(numbers, numberIn(one, values)...)
		}
		row := func(answer string, n int64, part, value any) {
			j.Rows = append(j.Rows, []any{int64(i + 1), one.Text, answer, n, part, value})
		}
		for _, choice := range one.Choices() {
			row(choice, counts[choice], share(counts[choice], answered), nil)
		}
		switch {
		case one.Kind == model.AskText:
			row("Fri tekst", answered, nil, nil)
		case one.Kind == model.AskNumber && len(numbers) == 0:
			row("Median", 0, nil, nil)
		case one.Kind == model.AskNumber:
			row("Median", answered, nil, medianOf(numbers))
			row("Mindst", answered, nil, slices.Min(numbers))
			row("Størst", answered, nil, slices.Max(numbers))
		}
	}
}

func numberIn(q model.Question, values []string) []float64 {
	if q.Kind != model.AskNumber {
		return nil
	}
	x, err := strconv.ParseFloat(values[0], 64)
	if err != nil {
		return nil
	}
	return []float64{x}
}

func medianOf(numbers []float64) float64 {
	numbers = slices.Clone(numbers)
	slices.Sort(numbers)
	return quantile(numbers, 0.5)
}
