package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"komhen/ingest"
	"komhen/model"
)

type klikCommand struct {
	Import     klikImportCommand     `cmd:"" help:"Indlæs KLIK-opgaver (.docx, tekst) og lister (CSV, .xlsx)."`
	Check      klikCheckCommand      `cmd:"" help:"Tjek KLIK-opgaver og lister; intet bliver indlæst."`
	Status     klikStatusCommand     `cmd:"" help:"Vis status for hvert projekt."`
	Operations klikOperationsCommand `cmd:"" help:"Driftsstatus: måneder mod SLA-mål."`
	Readiness  klikReadinessCommand  `cmd:"" help:"Klarmelding: leverandører og snitflader."`
	Report     klikReportCommand     `cmd:"" help:"Vis en KLIK-rapport; report list viser dem alle."`
	Export     klikExportCommand     `cmd:"" help:"Skriv en kommunes opgaver, hver med alt, som PDF."`
	Template   klikTemplateCommands  `cmd:"" help:"Projekter, der er klar til brug: tælleugen og en implementeringsbølge."`
	Colour     klikColourCommand     `cmd:"" name:"colours" help:"Vis, hvornår en opgave er rød eller gul, eller flyt grænserne."`
}

type klikImportCommand struct {
	Files []string `arg:"" name:"fil" help:"Opgaver i skabelonens form (.docx eller tekst), og lister over projekter, bølger, opgaver og status (CSV eller .xlsx)."`
	JSON  bool     `help:"Skriv svaret som JSON." name:"json"`
}

type klikCheckCommand struct {
	Files []string `arg:"" name:"fil" help:"Opgaver og lister."`
	JSON  bool     `help:"Skriv svaret som JSON." name:"json"`
}

func (c *klikImportCommand) Run(ctx context.Context, p *program) (err error) {
	folder, err := p.writing(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, folder.Close()) }()
	return p.klikFiles(c.Files, c.JSON, func(name string, data []byte) (*ingest.KlikImport, error) {
		return folder.ImportKlik(ctx, name, data, ingest.Decision{At: now()})
	})
}

func (c *klikCheckCommand) Run(ctx context.Context, p *program) error {
	check := func(name string, data []byte) (*ingest.KlikImport, error) {
		return ingest.CheckKlikAlone(p.book, name, data, now()), nil
	}
	folder, err := p.reading(ctx)
	var problem *model.Problem
	switch {
	case err == nil:
		defer folder.Close()
		check = func(name string, data []byte) (*ingest.KlikImport, error) {
			return folder.CheckKlik(ctx, name, data, now())
		}
	case !errors.As(err, &problem) || !slices.Contains([]string{"data-empty", "data-in-use"}, problem.Code):
		return err
	}
	return p.klikFiles(c.Files, c.JSON, check)
}

// klikFiles does the same with each file and tells of it as it goes. The status is that of an import.
func (p *program) klikFiles(paths []string, asJSON bool, do func(name string, data []byte) (*ingest.KlikImport, error)) error {
	out := bufio.NewWriter(p.stdout)
	answers := []ingest.KlikReceipt{}
	var good, refused, nothing bool
	for _, path := range paths {
		data, err := readKlikFile(path)
		if err != nil {
			return err
		}
		in, err := do(filepath.Base(path), data)
		if err != nil {
			return err
		}
		good = good || in.Good()
		nothing = nothing || in.Nothing()
		refused = refused || in.Refused > 0
		name, _ := model.MaskCPR(filepath.Base(path), false)
		a := in.Receipt(p.book, name)
		answers = append(answers, a)
		if !asJSON {
			if err := errors.Join(p.sayKlik(out, a), out.Flush()); err != nil {
				return err
			}
		}
	}
	switch {
	case nothing && !good:
		p.status = statusNothing
	case refused || nothing:
		p.status = statusRejected
	}
	if asJSON {
		return writeJSON(p.stdout, map[string]any{"files": answers})
	}
	return nil
}

func readKlikFile(path string) ([]byte, error) {
	file, _, bad := ingest.OpenFile(path)
	if bad != "" {
		return nil, &model.Problem{Code: "klik-file", Message: fmt.Sprintf("%s %s.", path, bad)}
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, ingest.MaxKlikSize+1))
}

// sayKlik tells a person of a file.
func (p *program) sayKlik(w *bufio.Writer, a ingest.KlikReceipt) error {
	var parts []string
	for _, n := range []struct {
		n         int
		one, many string
	}{{a.Projects, "projekt", "projekter"}, {a.Waves, "bølge", "bølger"}, {a.Tasks, "opgave", "opgaver"}, {a.Statuses, "status", "statusser"}} {
		if n.n > 0 {
			parts = append(parts, count(int64(n.n), n.one, n.many))
		}
	}
	switch {
	case a.Loaded:
		fmt.Fprintf(w, "%s: indlæst: %s.\n", a.File, strings.Join(parts, ", "))
	case len(parts) > 0:
		fmt.Fprintf(w, "%s: ændrer %s.\n", a.File, strings.Join(parts, ", "))
	default:
		fmt.Fprintf(w, "%s: ændrer ingenting.\n", a.File)
	}
	if a.Document != nil {
		name := "uden præfiks og nummer"
		if a.Document.Prefix != "" {
			name = fmt.Sprintf("præfiks »%s«, nummer %d", a.Document.Prefix, a.Document.Number)
		}
		if err := writeWrapped(w, "  ", "Opgaven: "+name+", »"+a.Document.Title+"«"); err != nil {
			return err
		}
	}
	if a.Refused > 0 {
		fmt.Fprintf(w, "  %s af %s er afvist.\n", model.FormatInt(int64(a.Refused)), count(int64(a.Rows), "række", "rækker"))
	}
	words := map[model.Severity]string{model.File: "hele filen", model.Error: "fejl", model.Warning: "advarsel"}
	for _, f := range a.Findings {
		place := "filen"
		if f.Line > 0 {
			place = fmt.Sprintf("linje %d", f.Line)
			if f.Sheet != "" {
				place = fmt.Sprintf("arket %s, række %d", f.Sheet, f.Line)
			}
			if f.Field != "" {
				place += ", " + f.Field
			}
		}
		if _, err := fmt.Fprintf(w, "  %s  %s, %s:\n", f.Rule, words[f.Severity], place); err != nil {
			return err
		}
		if err := writeWrapped(w, "        ", f.Message+" "+f.Remedy); err != nil {
			return err
		}
	}
	return nil
}
