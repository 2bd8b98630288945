package main

import (
	"context"
	"errors"
	"fmt"

	"komhen/ingest"
	"komhen/ingest/demo"
	"komhen/model"
	"komhen/model/codebook"
)

type klikTemplateCommands struct {
	List klikTemplateListCommand `cmd:"" help:"Vis skabelonerne."`
	Use  klikTemplateUseCommand  `cmd:"" help:"Lav et projekt af en skabelon, med en bølge af alle kommuner. Gentaget ændrer det kun de datoer, der er flyttet."`
}

type klikTemplateListCommand struct {
	JSON bool `help:"Skriv svaret som JSON." name:"json"`
}

type klikTemplateUseCommand struct {
	Template string `arg:"" name:"skabelon" help:"Skabelonens kode, fx taelleuge."`
	Round    string `help:"Den runde, projektet hører til: go-live er rundens første dag." placeholder:"RUNDE"`
	GoLive   string `name:"go-live" help:"Go-live, når skabelonen ikke hører til en runde." placeholder:"ÅÅÅÅ-MM-DD"`
	JSON     bool   `help:"Skriv svaret som JSON." name:"json"`
}

func (c *klikTemplateListCommand) Run(_ context.Context, p *program) error {
	templates, err := codebook.KlikTemplates(p.book)
	if err != nil {
		return err
	}
	type task struct {
		Title    string   `json:"title"`
		Phase    string   `json:"phase"`
		Theme    string   `json:"theme"`
		Priority string   `json:"priority"`
		Owners   []string `json:"owners"`
	}
	type shown struct {
		Code        string `json:"code"`
		Name        string `json:"name"`
		NeedsRound  bool   `json:"needs_round"`
		Description string `json:"description"`
		Tasks       []task `json:"tasks"`
	}
	list := []shown{}
	k := p.book.Klik
	for _, t := range templates {
		one := shown{t.Code, t.Name, t.Counts, t.Description, nil}
		for _, x := range t.Tasks {
			one.Tasks = append(one.Tasks, task{x.Title, model.KlikLabel(k.Phases, x.Phase), model.KlikLabel(k.Themes, x.Theme), model.KlikLabel(k.Priorities, x.Priority), x.Owners})
		}
		list = append(list, one)
	}
	if c.JSON {
		return writeJSON(p.stdout, map[string]any{"templates": list})
	}
	for _, t := range list {
		needs := "--go-live eller --round"
		if t.NeedsRound {
			needs = "--round"
		}
		if _, err := fmt.Fprintf(p.stdout, "%s: %s, %s (%s)\n  %s\n", t.Code, t.Name, count(int64(len(t.Tasks)), "opgave", "opgaver"), needs, t.Description); err != nil {
			return err
		}
	}
	return nil
}

func (c *klikTemplateUseCommand) Run(ctx context.Context, p *program) (err error) {
	templates, err := codebook.KlikTemplates(p.book)
	if err != nil {
		return err
	}
	template := model.FindKlikTemplate(templates, c.Template)
	if template == nil {
		return usage("Skabelonen %q findes ikke. komhen klik template list viser dem.", c.Template)
	}
	var goLive model.Date
	if c.GoLive != "" {
		var ok bool
		if goLive, ok = model.ParseDate(c.GoLive); !ok {
			return usage("%q er ikke en dag. Skriv fx 2027-04-26.", c.GoLive)
		}
	}
	folder, err := p.writing(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, folder.Close()) }()
	u, err := folder.UseKlikTemplate(ctx, template, c.Round, goLive, ingest.Decision{At: now()})
	if err != nil {
		return err
	}
	if c.JSON {
		return writeJSON(p.stdout, map[string]any{"project": u.Project, "projects_changed": u.Projects, "waves_changed": u.Waves, "tasks_changed": u.Tasks})
	}
	text := fmt.Sprintf("»%s« står der allerede, som det skal. Intet er ændret.", u.Project)
	if u.Changed() {
		text = fmt.Sprintf("»%s«: %s, %s og %s er lavet eller flyttet.", u.Project, count(int64(u.Projects), "projekt", "projekter"), count(int64(u.Waves), "bølge", "bølger"), count(int64(u.Tasks), "opgave", "opgaver"))
	}
	_, err = fmt.Fprintln(p.stdout, text)
	return err
}

// countWeekDemo makes the invented project of a count week, as an operator would, and says how many tasks it has.
func countWeekDemo(ctx context.Context, folder *ingest.Folder, size demo.Size, today model.Date, take func(demo.KlikFile) error) (tasks int, err error) {
	templates, err := codebook.KlikTemplates(folder.Book)
	if err != nil {
		return 0, err
	}
	template := model.FindKlikTemplate(templates, "taelleuge")
	week, err := demo.CountWeekOf(folder.Book, template, size, today)
	if err != nil {
		return 0, err
	}
	u, err := folder.UseKlikTemplate(ctx, template, week.Round, 0, ingest.Decision{At: week.At})
	for _, f := range week.Files {
		if err == nil {
			err = take(f)
		}
	}
	return u.Tasks, err
}
