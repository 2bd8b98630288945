package ingest

import (
	"context"
	"encoding/csv"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"komhen/model"
	"komhen/model/codebook"
)

func templatesOf(t *testing.T, book *model.Codebook) map[string]*model.KlikTemplate {
	t.Helper()
	list, err := codebook.KlikTemplates(book)
	must(t, err)
	all := map[string]*model.KlikTemplate{}
	for i := range list {
		all[list[i].Code] = &list[i]
	}
	return all
}

// TestKlikTemplatesKeepTheRules: a template written as a list is imported without a single finding, so its wording, dates, prerequisites and priorities
// are what we ask of others, and every reference leads somewhere.
func TestKlikTemplatesKeepTheRules(t *testing.T) {
	f := newFolder(t)
	for code, template := range templatesOf(t, f.Book) {
		round, err := f.Book.Round("2027F")
		must(t, err)
		d, project, err := template.Decide(f.Book, emptyKlikPlan(), 1, 1, 1, &round, 0)
		must(t, err)
		var text strings.Builder
		w := csv.NewWriter(&text)
		w.Comma = ';'
		must(t, w.Write([]string{"Projekt", "Opgavetitel", "Fase", "Tema", "Prioritet", "STS", "Bølge", "Go-live", "Kommuner", "Varighed", "Slutdato (fra Go-live)", "Startdato (fra slutdato)", "Forudsætninger", "Beskrivelse", "Anbefalet ansvarlig"}))
		k := f.Book.Klik
		for _, x := range d.Tasks {
			must(t, w.Write([]string{project, x.Title, model.KlikLabel(k.Phases, x.Phase), model.KlikLabel(k.Themes, x.Theme), model.KlikLabel(k.Priorities, x.Priority), "nej", d.Waves[0].Name, d.Waves[0].GoLive.String(), "alle",
				fmt.Sprint(*x.Duration), fmt.Sprint(*x.End), fmt.Sprint(*x.Start), strings.Join(x.Needs, "|"), x.Texts["description"], x.Texts["responsible"]}))
		}
		w.Flush()
		in := CheckKlikAlone(f.Book, "liste.csv", []byte(text.String()), klikReceived)
		if in.Refused > 0 || len(in.Decision.Tasks) != len(template.Tasks) {
			t.Errorf("%s: %d refused, %d of %d tasks", code, in.Refused, len(in.Decision.Tasks), len(template.Tasks))
		}
		for _, finding := range in.Findings {
			t.Errorf("%s: %s line %d: %s", code, finding.Rule, finding.Line, f.Book.MessageOf(finding.Finding))
		}
		plan := emptyKlikPlan().With(&d)
		for i := range plan.Tasks {
			if x := &plan.Tasks[i]; len(plan.Prerequisites(x)) != len(x.Needs) {
				t.Errorf("%s: %s needs %v", code, x.Reference(), x.Needs)
			}
		}
	}
}

func emptyKlikPlan() *model.KlikPlan {
	p := &model.KlikPlan{}
	p.Reindex()
	return p
}

// TestUseKlikTemplate: a template makes a project of all municipalities whose tasks follow the round's dates; again it changes nothing, after the dates
// moved only they do, what a municipality said stays, and a rebuild ends the same.
func TestUseKlikTemplate(t *testing.T) {
	f := newFolder(t)
	templates := templatesOf(t, f.Book)
	by := Decision{At: klikReceived, By: "konto-1"}
	u, err := f.UseKlikTemplate(t.Context(), templates["taelleuge"], "2027F", 0, by)
	must(t, err)
	if u != (KlikTemplateUse{"Tælleuge forår 2027", 1, 1, len(templates["taelleuge"].Tasks)}) {
		t.Fatalf("%+v", u)
	}
	if again, err := f.UseKlikTemplate(t.Context(), templates["taelleuge"], "2027F", 0, by); err != nil || again.Changed() {
		t.Fatalf("%+v %v", again, err)
	}
	u, err = f.UseKlikTemplate(t.Context(), templates["boelge"], "", model.NewDate(2027, 3, 1), by)
	must(t, err)
	if u.Project != "Selvbetjening 01-03-2027" || u.Tasks != 9 {
		t.Fatalf("%+v", u)
	}
	plan := func() *model.KlikPlan {
		t.Helper()
		p, err := f.Store.KlikPlan(t.Context(), 0)
		must(t, err)
		return p
	}
	p := plan()
	if meeting := p.Find(2, "Bølge 1"); meeting == nil || meeting.Texts["responsible"] != "KS og Forvaltning" {
		t.Errorf("two owners: %+v", meeting)
	}
	round, err := f.Book.Round("2027F")
	must(t, err)
	wave := p.Wave(1)
	if len(wave.Municipalities) != 98 || wave.GoLive != round.First || p.Project(1).Round != "2027F" {
		t.Errorf("%+v", wave)
	}
	for reference, want := range map[string][2]model.Date{"Beslutning 1": {round.First - 98, round.First - 84}, "Tælling 1": {round.First, round.Last}, "Levering 1": {round.DataDeadline - 14, round.DataDeadline}, "Prøve 2": {round.First - 7, round.First - 1}} {
		if s := p.Find(1, reference).SpanOf(wave); s.Start != want[0] || s.End != want[1] {
			t.Errorf("%s: %s to %s", reference, s.Start, s.End)
		}
	}
	must(t, f.DecideKlik(t.Context(), by, func(_ context.Context, s KlikStanding) (model.KlikDecision, error) {
		return model.KlikDecision{Steps: []model.KlikStep{{KlikWork: model.KlikWork{Task: s.Plan.Find(1, "Beslutning 1").ID, Municipality: 259, Status: model.KlikCompleted}}}}, nil
	}))
	_, err = f.UseKlikTemplate(t.Context(), templates["taelleuge"], "", model.NewDate(2027, 3, 1), by)
	if problem(err) != "klik-template-round" {
		t.Errorf("%v", err)
	}
	for want, use := range map[string]func() (KlikTemplateUse, error){
		"klik-template-golive": func() (KlikTemplateUse, error) {
			return f.UseKlikTemplate(t.Context(), templates["boelge"], "", 0, by)
		},
		"round-unknown": func() (KlikTemplateUse, error) {
			return f.UseKlikTemplate(t.Context(), templates["taelleuge"], "forår", 0, by)
		},
	} {
		if _, err := use(); problem(err) != want {
			t.Errorf("%v", err)
		}
	}
	moved := model.RoundDates{DataDeadline: round.DataDeadline + 7}
	must2(f.SetRound(t.Context(), "2027F", moved, by))(t)
	must2(f.UseKlikTemplate(t.Context(), templates["taelleuge"], "2027F", 0, by))(t)
	before := plan()
	if s := before.Find(1, "Levering 1").SpanOf(before.Wave(1)); s.End != round.DataDeadline+7 || len(before.Tasks) != len(p.Tasks) {
		t.Errorf("the deadline moved, and the task ends %s", s.End)
	}
	f = sameAfterRebuild(t, f)
	if after := plan(); !reflect.DeepEqual(before.Projects, after.Projects) || !reflect.DeepEqual(before.Waves, after.Waves) || !reflect.DeepEqual(before.Tasks, after.Tasks) {
		t.Error("rebuild ends otherwise")
	}
	works, err := f.Store.KlikWorks(t.Context(), 0, 259)
	must(t, err)
	if len(works) != 1 {
		t.Errorf("%+v", works)
	}
}
