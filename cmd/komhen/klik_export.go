package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"komhen/ingest"
	"komhen/model"
	"komhen/reports"
	accounts "komhen/web/account"
	"komhen/web/paper"
)

type klikExportCommand struct {
	Municipality string `help:"Kommunen (kode eller navn)." required:"" placeholder:"KOMMUNE"`
	Task         string `help:"Kun denne opgave, fx »Kontakt 1« eller dens nummer i adressen. Uden flaget alle kommunens opgaver." placeholder:"OPGAVE"`
	Filter       string `help:"Filtre som i sidens adresse, fx »project=KP«." placeholder:"NAVN=VÆRDI&…"`
	Out          string `help:"En fil (.pdf eller .html) med alle opgaverne, eller en mappe, som får en PDF for hver opgave." short:"o" required:"" placeholder:"FIL.pdf|MAPPE" type:"path"`
}

// Run writes a municipality's tasks, each whole, as the pages do. Tasks that are deleted are not to be had (KL09).
func (c *klikExportCommand) Run(ctx context.Context, p *program) error {
	question := klikQuestion{Municipality: c.Municipality, Filter: c.Filter}
	folder, err := p.reading(ctx)
	if err != nil {
		return err
	}
	defer folder.Close()
	q, err := question.query(p, "")
	if err != nil {
		return err
	}
	list, err := reports.KlikWhole(ctx, folder.Store, p.book, q)
	if err != nil {
		return err
	}
	if list, err = c.only(list, q.Today); err != nil {
		return err
	}
	people, err := accounts.Open(p.options.Data)
	if err != nil {
		return err
	}
	by := func(id string) string {
		if a, known := people.Account(id); known {
			return a.Name
		} else if id == "" {
			return "Indlæst fil"
		}
		return "Slettet bruger"
	}
	var sheets []*reports.KlikSheet
	for _, view := range list {
		sheets = append(sheets, view.Sheet(p.book, false, by))
	}
	code := q.Filter.Municipalities[0]
	of := p.book.Municipality(code)
	if of == nil {
		of = &model.Municipality{Code: code, Name: p.book.KlikMunicipalityName(code)}
	}
	one := func(i int) (paper.Document, error) {
		return paper.KlikTask(sheets[i], list[i].Task.Reference(), of, q.Today, now(), "")
	}
	switch format := strings.ToLower(strings.TrimPrefix(filepath.Ext(c.Out), ".")); {
	case (format == "pdf" || format == "html") && c.Task != "":
		d, err := one(0)
		if err != nil {
			return err
		}
		return p.printed(ctx, d, format, c.Out)
	case format == "pdf" || format == "html":
		d, err := paper.KlikTasks(sheets, of, q.Today, now(), "")
		if err != nil {
			return err
		}
		return p.printed(ctx, d, format, c.Out)
	case format != "":
		return usage("Opgaver skrives i en fil, der ender på .pdf eller .html, eller i en mappe.")
	}
	if err := os.MkdirAll(c.Out, 0o755); err != nil {
		return &model.Problem{Code: "output", Message: fmt.Sprintf("Mappen %s kan ikke laves.", c.Out), Err: err}
	}
	for i := range sheets {
		d, err := one(i)
		if err != nil {
			return err
		}
		if err := p.printed(ctx, d, "pdf", filepath.Join(c.Out, klikFileName(list[i].Task))); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(p.stdout, "%s er skrevet i %s.\n", count(int64(len(sheets)), "opgave", "opgaver"), c.Out)
	return err
}

// only picks the one task that is asked for.
func (c *klikExportCommand) only(list []*reports.KlikTaskView, today model.Date) ([]*reports.KlikTaskView, error) {
	if c.Task == "" {
		if len(list) == 0 {
			return nil, &model.Problem{Code: "klik-export-none", Message: fmt.Sprintf("%s har ingen opgaver, der passer, den %s. Slettede opgaver kan ikke hentes.", c.Municipality, today)}
		}
		return list, nil
	}
	var found []*reports.KlikTaskView
	for _, view := range list {
		if t := view.Task; fmt.Sprint(t.ID) == c.Task || model.Fold(t.Reference()) == model.Fold(c.Task) || model.Fold(t.Title) == model.Fold(c.Task) {
			found = append(found, view)
		}
	}
	switch len(found) {
	case 0:
		return nil, &model.Problem{Code: "klik-task-unknown", Message: fmt.Sprintf("Opgaven %q findes ikke hos kommunen, eller den er slettet. komhen klik report tasks viser dem, der er.", c.Task)}
	case 1:
		return found, nil
	}
	var projects []string
	for _, view := range found {
		projects = append(projects, fmt.Sprintf("%s (nummer %d)", view.Project, view.Task.ID))
	}
	return nil, usage("Flere opgaver hedder %q: %s. Skriv nummeret, eller vælg projektet med --filter.", c.Task, strings.Join(projects, ", "))
}

// klikFileName is a file's name that every system can have, with the task's number so that no two are the same.
func klikFileName(t *model.KlikTask) string {
	name := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == 'æ' || r == 'ø' || r == 'å':
			return r
		}
		return '-'
	}, strings.ToLower(t.Reference()))
	for strings.Contains(name, "--") {
		name = strings.ReplaceAll(name, "--", "-")
	}
	if short := []rune(name); len(short) > 60 {
		name = string(short[:60])
	}
	return fmt.Sprintf("%04d-%s.pdf", t.ID, strings.Trim(name, "-"))
}

// klikDeletionDemo announces that the tasks of a project that is past its first phase are deleted in some weeks.
func klikDeletionDemo(ctx context.Context, folder *ingest.Folder, today time.Time) error {
	return folder.DecideKlik(ctx, ingest.Decision{At: today.AddDate(0, 0, -3)}, func(_ context.Context, s ingest.KlikStanding) (d model.KlikDecision, err error) {
		for _, t := range s.Plan.Tasks {
			if t.Project == s.Plan.Projects[0].ID && t.Phase == 1 && t.Prefix == "Gevinst" {
				t.Deletes = model.DateOf(today) + 25
				d.Tasks = append(d.Tasks, t)
			}
		}
		return d, nil
	})
}
