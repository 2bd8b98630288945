package main

import (
	"komhen/model"
	"komhen/model/codebook"
	"komhen/reports"
	"strings"
	"testing"
)

// TestKlikTemplateCommands: templates are listed, one becomes a project, again nothing changes, and what is missing is asked for.
func TestKlikTemplateCommands(t *testing.T) {
	data := newData(t)
	says(t, ok(t, data, "klik", "template", "list"), "taelleuge: Tælleuge, 17 opgaver (--round)", "boelge: Implementeringsbølge, 9 opgaver")
	says(t, ok(t, data, "klik", "template", "list", "--json"), `"needs_round":true`, `"owners":["KS","Forvaltning"]`)
	says(t, ok(t, data, "klik", "template", "use", "taelleuge", "--round", "2027F"), "»Tælleuge forår 2027«: 1 projekt, 1 bølge og 17 opgaver")
	says(t, ok(t, data, "klik", "template", "use", "Tælleuge", "--round", "2027F"), "Intet er ændret")
	says(t, ok(t, data, "klik", "template", "use", "boelge", "--go-live", "2027-03-01", "--json"), `"tasks_changed":9`)
	for _, wrong := range [][]string{{"taelleuge"}, {"taelleuge", "--round", "2027X"}, {"boelge"}, {"boelge", "--go-live", "snart"}, {"findesikke", "--round", "2027F"}, {"taelleuge", "--round", "2027F", "--go-live", "2027-01-01"}} {
		want(t, statusUsage, data, append([]string{"klik", "template", "use"}, wrong...)...)
	}
	says(t, ok(t, data, "klik", "report", "tasks", "--municipality", "Køge", "--day", "2027-01-01", "--format", "csv"), "(Beslutning 1) Beslut, om I deltager i runden", "Selvbetjening 01-03-2027")
}

// TestDemoHasACountWeek: the demonstration has a count week that a municipality is in the middle of, with what the database tells beside its tasks.
func TestDemoHasACountWeek(t *testing.T) {
	book, err := codebook.Load()
	if err != nil {
		t.Fatal(err)
	}
	p := &program{options: options{Data: demoData(t)}, book: book}
	folder, err := p.reading(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer folder.Close()
	plan, err := folder.Store.KlikPlan(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	project := plan.ProjectNamed("Tælleuge efterår 2012")
	for reference, says := range map[string]string{"Tælling 1": "7 af 7 enheder har indmeldt.", "Levering 2": "Runden er ikke godkendt.", "Beslutning 1": ""} {
		view, err := reports.KlikTask(t.Context(), folder.Store, folder.Book, plan.Find(project.ID, reference).ID, 259, reports.KlikQuery{Today: model.DateOf(now())})
		if err != nil {
			t.Fatal(err)
		}
		if first := strings.Join(view.Evidence[:min(1, len(view.Evidence))], ""); first != says {
			t.Errorf("%s: %q", reference, view.Evidence)
		}
	}
}
