package codebook

import (
	"embed"
	"fmt"
	"io/fs"
	"slices"

	"komhen/model"
)

// Templates govern no contact, so they stand apart like the role gallery.
//
//go:embed data/klik/templates.csv data/klik/template_tasks.csv
var klikTemplateFiles embed.FS

// KlikTemplates are the projects that are ready to be used, in the order people see them. An error means that the program was built with a
// faulty file.
func KlikTemplates(cb *model.Codebook) ([]model.KlikTemplate, error) {
	list, err := klikTemplates(cb)
	if err != nil {
		return nil, fmt.Errorf("codebook: %w", err)
	}
	return list, nil
}

func klikTemplates(cb *model.Codebook) (all []model.KlikTemplate, err error) {
	dir, err := fs.Sub(klikTemplateFiles, "data/klik")
	if err != nil {
		return nil, err
	}
	templates, err := read[struct {
		Code        string `csv:"code"`
		Name        string `csv:"name"`
		Project     string `csv:"project"`
		Wave        string `csv:"wave"`
		Round       yesNo  `csv:"round"`
		Origin      string `csv:"origin"`
		Description string `csv:"description"`
	}](dir, "templates.csv")
	if err != nil {
		return nil, err
	}
	for _, t := range templates {
		all = append(all, model.KlikTemplate{Code: t.Code, Name: t.Name, Project: t.Project, Wave: t.Wave, Counts: bool(t.Round), Origin: t.Origin, Description: t.Description})
	}
	tasks, err := read[struct {
		Template    string `csv:"template"`
		Title       string `csv:"title"`
		Phase       string `csv:"phase"`
		Theme       string `csv:"theme"`
		Priority    string `csv:"priority"`
		Duration    int    `csv:"duration"`
		From        string `csv:"from"`
		End         int    `csv:"end"`
		Start       int    `csv:"start"`
		Needs       list   `csv:"needs"`
		Owners      list   `csv:"owners"`
		Evidence    string `csv:"evidence"`
		Description string `csv:"description"`
	}](dir, "template_tasks.csv")
	if err != nil {
		return nil, err
	}
	for _, x := range tasks {
		at := slices.IndexFunc(all, func(t model.KlikTemplate) bool { return t.Code == x.Template })
		phase, theme, priority := model.FindKlikCode(cb.Klik.Phases, x.Phase), model.FindKlikCode(cb.Klik.Themes, x.Theme), model.FindKlikCode(cb.Klik.Priorities, x.Priority)
		evidence := model.KlikEvidence(x.Evidence)
		if at < 0 || phase == nil || theme == nil || priority == nil || !evidence.Known() || x.Start > 0 || !slices.Contains(model.KlikTemplateDays, x.From) || x.From != "" && !all[at].Counts {
			return nil, fmt.Errorf("template_tasks.csv: %q has a template, code, day or evidence that there is not", x.Title)
		}
		all[at].Tasks = append(all[at].Tasks, model.KlikTemplateTask{Title: x.Title, Phase: phase.ID, Theme: theme.ID, Priority: priority.ID, Duration: x.Duration, From: x.From, End: x.End, Start: x.Start,
			Needs: x.Needs, Owners: x.Owners, Evidence: evidence, Description: x.Description})
	}
	return all, nil
}
