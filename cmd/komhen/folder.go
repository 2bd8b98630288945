package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"komhen/ingest"
	"komhen/ingest/demo"
	"komhen/model"
)

type demoCommand struct {
	Size string `help:"small (3 kommuner) eller national (98 kommuner, to runder)." enum:"small,national" default:"small"`
}

func (c *demoCommand) Run(ctx context.Context, p *program) error {
	folder, err := p.writing(ctx)
	if err != nil {
		return err
	}
	defer folder.Close()
	next, err := folder.Store.NextUpload(ctx)
	if err != nil {
		return err
	}
	if next > 1 {
		return &model.Problem{Code: "data-not-empty", Message: fmt.Sprintf("Datamappen %s er ikke tom. Demoen fylder kun en tom mappe, så opdigtede tal aldrig blandes med rigtige. Vælg en anden med --data.", p.options.Data)}
	}
	files, contacts, rejected := 0, int64(0), int64(0)
	err = demo.Files(p.book, demo.Size(c.Size), func(f demo.File) error {
		u, err := importDemo(ctx, folder, f)
		if err != nil {
			return err
		}
		files, contacts, rejected = files+1, contacts+u.Receipt.Contacts, rejected+u.Receipt.Rejected
		return nil
	})
	if err != nil {
		return err
	}
	for _, r := range demo.Rounds() {
		if _, err := folder.SetRound(ctx, r.Name, r.Dates, ingest.Decision{At: r.At}); err != nil {
			return err
		}
	}
	for _, z := range demo.Zeros(demo.Size(c.Size)) {
		if _, err := folder.DeclareZeros(ctx, z.Municipality, []model.Zero{z.Zero}, ingest.Decision{At: z.At}); err != nil {
			return err
		}
	}
	declared, err := demo.Declarations(p.book)
	if err != nil {
		return err
	}
	for _, d := range declared {
		if _, err := folder.DeclareChanged(ctx, ingest.Decision{At: d.At}, d.Records); err != nil {
			return err
		}
	}
	tasks := 0
	take := func(k demo.KlikFile) error {
		in, err := folder.ImportKlik(ctx, k.Name, k.Data, ingest.Decision{At: k.Received})
		if err == nil {
			files, tasks = files+1, tasks+len(in.Decision.Tasks)
		}
		return err
	}
	today := model.DateOf(now())
	if err := demo.Klik(p.book, demo.Size(c.Size), today, take); err != nil {
		return err
	}
	made, err := countWeekDemo(ctx, folder, demo.Size(c.Size), today, take)
	if err != nil {
		return err
	}
	tasks += made
	if err := klikDemo(ctx, folder); err != nil {
		return err
	}
	if err := klikDeletionDemo(ctx, folder, now()); err != nil {
		return err
	}
	fmt.Fprintf(p.stdout, "%s opdigtede filer er indlæst: %s, %s afvist, og %s.\n", model.FormatInt(int64(files)),
		count(contacts, "henvendelse", "henvendelser"), count(rejected, "række", "rækker"), count(int64(tasks), "KLIK-opgave", "KLIK-opgaver"))
	return folder.Close()
}

// importDemo sends an invented file the way of any file: onto disk, then through the import.
func importDemo(ctx context.Context, folder *ingest.Folder, f demo.File) (*ingest.Upload, error) {
	file, err := os.CreateTemp("", "komhen-demo-*"+filepath.Ext(f.Name))
	if err != nil {
		return nil, err
	}
	defer os.Remove(file.Name())
	defer file.Close()
	w := bufio.NewWriter(file)
	if err := f.Write(w); err != nil {
		return nil, err
	}
	if err := w.Flush(); err != nil {
		return nil, err
	}
	size, err := file.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, err
	}
	u, err := folder.Prepare(ctx, file, size, ingest.Options{Name: f.Name, Municipality: f.Municipality, Source: f.Source, Kind: f.Kind, Test: f.Test, Received: f.Received})
	if err != nil {
		return nil, err
	}
	if u.Fault != nil {
		return u, nil // some invented files are no tables, as in life
	}
	return u, u.Commit(ctx)
}

type backupCommand struct {
	Target string `arg:"" name:"mappe" help:"Hvor kopien skal ligge." type:"path"`
}

func (c *backupCommand) Run(ctx context.Context, p *program) error {
	n, err := ingest.Backup(ctx, p.options.Data, c.Target)
	if err != nil {
		return err
	}
	fmt.Fprintf(p.stdout, "Sikkerhedskopien i %s er ført ajour med %s.\n", c.Target, count(int64(n), "ny fil", "nye filer"))
	return nil
}

type restoreCommand struct {
	Backup string `arg:"" name:"mappe" help:"Mappen med kopien." type:"path"`
}

func (c *restoreCommand) Run(ctx context.Context, p *program) error {
	n, err := ingest.Restore(ctx, c.Backup, p.options.Data, p.book, ingest.OpenOptions{MemoryMB: p.options.MemoryMB})
	if err != nil {
		return err
	}
	fmt.Fprintf(p.stdout, "Datamappen %s er hentet frem med %s.\n", p.options.Data, count(int64(n), "beslutning", "beslutninger"))
	return nil
}

type rebuildCommand struct{}

func (c *rebuildCommand) Run(ctx context.Context, p *program) error {
	n, err := ingest.Rebuild(ctx, p.options.Data, p.book, ingest.OpenOptions{MemoryMB: p.options.MemoryMB})
	if err != nil {
		return err
	}
	fmt.Fprintf(p.stdout, "Databasen er lavet igen ud fra %s i journalen.\n", count(int64(n), "beslutning", "beslutninger"))
	return nil
}

// disagreements are the problems that keep a folder from being opened and are themselves what check looks for.
var disagreements = []string{"database", "schema-version", "journal-broken", "journal-differs", "kept-file-missing", "kept-file-changed"}

type checkCommand struct {
	JSON bool `help:"Skriv svaret som JSON." name:"json"`
}

func (c *checkCommand) Run(ctx context.Context, p *program) error {
	faults := []string{}
	folder, err := p.reading(ctx)
	if err == nil {
		defer folder.Close()
		err = folder.Audit(ctx, func(s string) { faults = append(faults, s) })
	}
	var problem *model.Problem
	switch {
	case err == nil:
	case errors.As(err, &problem) && slices.Contains(disagreements, problem.Code):
		faults = append(faults, problem.Message)
	default:
		return err
	}
	if len(faults) > 0 {
		p.status = statusFailed
	}
	if c.JSON {
		return writeJSON(p.stdout, map[string]any{"ok": len(faults) == 0, "faults": faults})
	}
	for _, s := range faults {
		fmt.Fprintln(p.stdout, s)
	}
	if len(faults) == 0 {
		fmt.Fprintln(p.stdout, "Alt passer sammen: journal, gemte filer, kvitteringer og tal.")
	}
	return nil
}
