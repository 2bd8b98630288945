package reports

import (
	"fmt"
	"strings"
	"time"

	"komhen/model"
)

// KlikSheet is a municipality's task in words, whole: what stands on its page and on paper. Nothing in it is cut.
type KlikSheet struct {
	Title, Project, Who string
	State               []KlikFact // where the municipality stands
	Facts               []KlikFact
	Texts               []KlikFact // the fields of the template that are prose, in its order
	Needs, NeededBy     []string
	Messages, Comments  []KlikWords
	History             []KlikTurn
	Evidence            []string
	Definition          string
	Deletes             model.Date
}

// KlikFact is a label and what stands behind it.
type KlikFact struct{ Label, Text string }

// KlikWords is something that somebody wrote.
type KlikWords struct {
	At       time.Time
	By, Text string
}

// KlikTurn is a step of the history: from one status to the next.
type KlikTurn struct {
	At                                         model.Date
	By, From, To, Responsible, Performer, Days string
}

func klikDayText(d model.Date) string {
	if d == 0 {
		return model.Missing
	}
	return d.String()
}

// Facts are what the plan says of the task. internal adds the fields that, by the template, municipalities do not see (inventory §12.1).
func (v *KlikTaskView) Facts(k *model.Klik, internal bool) []KlikFact {
	t := v.Task
	days := func(n *int) string {
		if n == nil {
			return model.Missing
		}
		return countText(*n, "dag", "dage")
	}
	yes := map[bool]string{true: "Ja", false: "Nej"}
	list := []KlikFact{{"Projekt", v.Project}, {"Fase", model.KlikLabel(k.Phases, t.Phase)}, {"Tema", model.KlikLabel(k.Themes, t.Theme)}, {"Prioritet", model.KlikLabel(k.Priorities, t.Priority)}, {"STS/Infrastruktur", yes[t.STS]}}
	if internal {
		list = append(list, KlikFact{"Varighed", days(t.Duration)}, KlikFact{"Slutdato fra go-live", days(t.End)}, KlikFact{"Startdato fra slutdato", days(t.Start)}, KlikFact{"Frozen zone", yes[t.Frozen]})
	}
	for _, wave := range v.Waves {
		text := "go-live er ikke besluttet"
		if wave.GoLive != 0 {
			text = "go-live " + wave.GoLive.String()
		}
		list = append(list, KlikFact{wave.Name, text})
	}
	if t.Deletes != 0 {
		list = append(list, KlikFact{"Opgaven slettes", t.Deletes.String()})
	}
	if len(t.Related) > 0 {
		list = append(list, KlikFact{"Tæt relateret til", strings.Join(t.Related, ", ")})
	}
	return list
}

// Texts are the filled fields of the template that are prose.
func (v *KlikTaskView) Texts(k *model.Klik) (list []KlikFact) {
	for _, f := range k.Fields {
		if text := v.Task.Texts[f.Field]; text != "" && f.Field != "message" && f.Field != "trial" {
			list = append(list, KlikFact{f.Label, text})
		}
	}
	return list
}

// Sheet is the task of the view's municipality in words. by is what somebody is called to the reader, from an account's id.
func (v *KlikTaskView) Sheet(cb *model.Codebook, internal bool, by func(id string) string) *KlikSheet {
	k := &cb.Klik
	s := &KlikSheet{Title: v.Task.Title, Project: v.Project, Who: cb.KlikMunicipalityName(v.Municipality) + " Kommune", Facts: v.Facts(k, internal), Texts: v.Texts(k), Evidence: v.Evidence, Definition: v.Definition, Deletes: v.Task.Deletes}
	for _, l := range v.Lines {
		colour := l.Colour.String()
		if l.Behind > 0 {
			colour += ", " + countText(l.Behind, "dag", "dage") + " bagud"
		}
		s.State = []KlikFact{{"Status", model.KlikLabel(k.Statuses, l.Work.Status)}, {"Deadline", colour}, {"Start", klikDayText(l.Span.Start)}, {"Slut", klikDayText(l.Span.End)},
			{"Ansvarlig", klikOr(l.Work.Responsible)}, {"Udfører", klikOr(l.Work.Performer)}}
	}
	blocks := map[uint32]bool{}
	for _, t := range v.Blockers {
		blocks[t.ID] = true
	}
	for _, t := range v.Needs {
		text := t.Title
		if blocks[t.ID] {
			text += " (mangler)"
		}
		s.Needs = append(s.Needs, text)
	}
	for _, t := range v.NeededBy {
		s.NeededBy = append(s.NeededBy, t.Title)
	}
	s.History = v.History(k, by)
	for _, c := range v.Comments {
		if words := (KlikWords{c.At.In(model.Copenhagen), by(c.By), c.Text}); c.Municipality == 0 {
			s.Messages = append(s.Messages, words)
		} else {
			s.Comments = append(s.Comments, words)
		}
	}
	return s
}

func klikOr(text string) string {
	if text == "" {
		return model.Missing
	}
	return text
}

// History is the steps as turns from one status to the next, oldest first.
func (v *KlikTaskView) History(k *model.Klik, by func(id string) string) (list []KlikTurn) {
	from := model.KlikLabel(k.Statuses, model.KlikNotBegun)
	for _, step := range v.Steps {
		to, days := model.KlikLabel(k.Statuses, step.Status), ""
		if step.Start != 0 || step.End != 0 {
			days = fmt.Sprintf("%s til %s", klikDayText(step.Start), klikDayText(step.End))
		}
		list = append(list, KlikTurn{step.At.Date(), by(step.By), from, to, step.Responsible, step.Performer, days})
		from = to
	}
	return list
}
