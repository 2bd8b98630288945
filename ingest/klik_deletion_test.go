package ingest

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	"komhen/model"
)

// TestKlikDeletionDecided: notice is kept, on the day nothing more can be said of a task and nothing brings it back, a file that names it makes another task,
// and rebuild knows all of it, deleted tasks and who announced them too.
func TestKlikDeletionDecided(t *testing.T) {
	f, ctx := newFolder(t), context.Background()
	day := func(n int) Decision { return Decision{At: klikReceived.AddDate(0, 0, n), By: "konto-1"} }
	load := func(n int, text string) *KlikImport {
		t.Helper()
		in, err := f.ImportKlik(ctx, "liste.csv", []byte(text), day(n))
		must(t, err)
		return in
	}
	const list = "Projekt;Opgavetitel;Fase;Tema;Prioritet;STS;Bølge;Go-live;Kommuner;Slutdato (fra Go-live);Beskrivelse\nP;(A 1) Gør det;1;Viden og færdigheder;Obligatorisk;nej;Bølge 1;01-03-2026;Køge, Odense;1;I skal\n"
	load(0, list)
	announce := func(n int, to model.Date) error {
		return f.DecideKlik(ctx, day(n), func(_ context.Context, s KlikStanding) (model.KlikDecision, error) {
			task := model.KlikTask{ID: 1, Project: 1, Title: "(A 1) Gør det"}
			if stands := s.Plan.Task(1); stands != nil {
				task = *stands
			}
			task.Deletes = to
			return model.KlikDecision{Tasks: []model.KlikTask{task}}, nil
		})
	}
	work := func(n int) error {
		return f.DecideKlik(ctx, day(n), func(_ context.Context, s KlikStanding) (model.KlikDecision, error) {
			return model.KlikDecision{Steps: []model.KlikStep{{KlikWork: model.KlikWork{Task: 1, Municipality: 259, Status: 2}}}, Comments: []model.KlikComment{{Task: 1, Municipality: 259, Text: "Vi er i gang"}}}, nil
		})
	}
	code := func(err error) string {
		var p *model.Problem
		if errors.As(err, &p) {
			return p.Code
		}
		return ""
	}
	last := model.DateOf(klikReceived) + 20
	if err := announce(7, last); code(err) != "klik-notice" {
		t.Errorf("13 days: %v", err)
	}
	must(t, announce(6, last))
	if in := load(10, list+"P;(A 1) Gør det;1;Viden og færdigheder;Obligatorisk;nej;Bølge 1;;;1;I skal\n"); in.Loaded {
		t.Error("a list without the field changed it")
	}
	must(t, work(19))
	for _, n := range []int{20, 21, 300} {
		if err := work(n); code(err) != "klik-task-deleted" {
			t.Errorf("day %d: %v", n, err)
		}
		for _, to := range []model.Date{0, last + 500} {
			if err := announce(n, to); code(err) != "klik-task-deleted" {
				t.Errorf("brought back on day %d: %v", n, err)
			}
		}
	}
	if in := load(20, list); !in.Loaded || len(in.Decision.Tasks) != 1 || in.Decision.Tasks[0].ID != 2 || in.Decision.Tasks[0].Deletes != 0 {
		t.Errorf("%+v", in.Decision)
	}
	all := func(f *Folder) string {
		t.Helper()
		plan, err := f.Store.KlikPlan(ctx, 0)
		must(t, err)
		versions, err := f.Store.KlikAnnouncedVersions(ctx)
		must(t, err)
		steps, err := f.Store.KlikSteps(ctx, 1, 0)
		must(t, err)
		if len(plan.Tasks) != 2 || len(plan.On(last).Tasks) != 1 || len(versions) != 2 || versions[1].By != "konto-1" || versions[1].Deletes != last || model.DateOf(versions[1].At) != last-14 || len(steps) != 1 {
			t.Errorf("%+v\n%+v\n%+v", plan.Tasks, versions, steps)
		}
		text, err := json.Marshal([]any{plan, versions, steps})
		must(t, err)
		return string(text)
	}
	was := all(f)
	must(t, f.Close())
	if _, err := Rebuild(ctx, f.Dir, f.Book, OpenOptions{}); err != nil {
		t.Fatal(err)
	}
	again, err := Open(ctx, f.Dir, f.Book, OpenOptions{})
	must(t, err)
	defer again.Close()
	if got := all(again); got != was {
		t.Errorf("rebuilt:\n%s\n%s", got, was)
	}
}
