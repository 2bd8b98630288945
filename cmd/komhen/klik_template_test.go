package main

import "testing"

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
