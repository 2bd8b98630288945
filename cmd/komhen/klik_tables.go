package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"time"

	"komhen/ingest"
	"komhen/ingest/demo"
	"komhen/model"
	"komhen/reports"
	"komhen/web/paper"
)

type klikOperationsCommand struct {
	Import klikOperationsImport `cmd:"" help:"Indlæs en driftsstatus (CSV eller Excel)."`
	Report klikOperationsReport `cmd:"" help:"Vis tolv måneder med det, der er under mål."`
}

type klikReadinessCommand struct {
	Import klikReadinessImport `cmd:"" help:"Indlæs en klarmelding (CSV eller Excel)."`
	Report klikReadinessReport `cmd:"" help:"Vis, hvem der er klar til hvad."`
}

// smallImport are the flags of commands that read a small table.
type smallImport struct {
	File   string `arg:"" name:"fil" help:"Filen." type:"path"`
	DryRun bool   `help:"Tjek kun; indlæs ingenting." name:"dry-run"`
	JSON   bool   `help:"Skriv svaret som JSON." name:"json"`
}

type klikOperationsImport struct{ smallImport }

func (c *klikOperationsImport) Run(ctx context.Context, p *program) error {
	return p.importSmall(ctx, c.smallImport, (*ingest.Folder).ImportOperations)
}

type klikReadinessImport struct{ smallImport }

func (c *klikReadinessImport) Run(ctx context.Context, p *program) error {
	return p.importSmall(ctx, c.smallImport, (*ingest.Folder).ImportReadiness)
}

// importSmall loads a table, or says everything that is wrong with it and loads nothing.
func (p *program) importSmall(ctx context.Context, c smallImport,
	load func(f *ingest.Folder, ctx context.Context, r io.ReaderAt, size int64, by ingest.Decision, dryRun bool) (*ingest.SmallReceipt, error)) error {
	file, size, bad := ingest.OpenFile(c.File)
	receipt := &ingest.SmallReceipt{Notes: []string{}}
	if bad != "" {
		receipt.Faults = []model.TableFault{{Message: fmt.Sprintf("%s %s.", c.File, bad)}}
	} else {
		defer file.Close()
		folder, err := p.writing(ctx)
		if err != nil {
			return err
		}
		defer folder.Close()
		if receipt, err = load(folder, ctx, file, size, ingest.Decision{At: now()}, c.DryRun); err != nil {
			return err
		}
	}
	if len(receipt.Faults) > 0 {
		p.status = statusNothing
	}
	if c.JSON {
		return writeJSON(p.stdout, receipt)
	}
	for _, f := range receipt.Faults {
		fmt.Fprintln(p.stderr, f)
	}
	for _, n := range receipt.Notes {
		fmt.Fprintln(p.stderr, n)
	}
	switch {
	case len(receipt.Faults) > 0:
		fmt.Fprintf(p.stderr, "Der er %s, og der er ikke indlæst noget. Ret filen, og prøv igen.\n", count(int64(len(receipt.Faults)), "fejl", "fejl"))
	case c.DryRun:
		fmt.Fprintf(p.stdout, "Filen kan indlæses: %s, heraf %s eller ændret. Der er ikke indlæst noget.\n", count(receipt.Records, "oplysning", "oplysninger"), count(receipt.Changed, "ny", "nye"))
	default:
		fmt.Fprintf(p.stdout, "%s er indlæst, heraf %s eller ændret.\n", count(receipt.Records, "oplysning", "oplysninger"), count(receipt.Changed, "ny", "nye"))
	}
	return nil
}

type klikOperationsReport struct {
	Month  string `help:"Den sidste måned, fx sep-20. Uden flaget den nyeste." placeholder:"MÅNED"`
	System string `help:"Kun dette system." placeholder:"SYSTEM"`
	Format string `help:"table, csv, json, xlsx, pdf eller html." enum:"table,csv,json,xlsx,pdf,html" default:"table"`
	Output string `help:"Skriv til denne fil." short:"o" placeholder:"FIL" type:"path"`
}

func (c *klikOperationsReport) Run(ctx context.Context, p *program) error {
	var month model.Month
	if c.Month != "" {
		var ok bool
		if month, ok = model.ParseMonth(c.Month); !ok {
			return usage("Måneden %s kan ikke læses. Skriv den som sep-20 eller 2020-09.", c.Month)
		}
	}
	folder, err := p.reading(ctx)
	if err != nil {
		return err
	}
	defer folder.Close()
	o, err := reports.RunOperations(ctx, folder.Store, month, c.System)
	if err != nil {
		return err
	}
	if c.Format == "pdf" || c.Format == "html" {
		return p.printTable(ctx, c.Format, c.Output, func() (paper.Document, error) { return paper.Operations(o, now(), "") })
	}
	return p.writeTable(c.Format, c.Output, func(w io.Writer) error { return reports.OperationsFormats[c.Format](w, o) })
}

type klikReadinessReport struct {
	Format string `help:"table, csv, json, xlsx, pdf eller html." enum:"table,csv,json,xlsx,pdf,html" default:"table"`
	Output string `help:"Skriv til denne fil." short:"o" placeholder:"FIL" type:"path"`
}

func (c *klikReadinessReport) Run(ctx context.Context, p *program) error {
	folder, err := p.reading(ctx)
	if err != nil {
		return err
	}
	defer folder.Close()
	r, err := reports.RunReadiness(ctx, folder.Store, p.book)
	if err != nil {
		return err
	}
	if c.Format == "pdf" || c.Format == "html" {
		return p.printTable(ctx, c.Format, c.Output, func() (paper.Document, error) { return paper.Readiness(r, model.DateOf(now()), now(), "") })
	}
	return p.writeTable(c.Format, c.Output, func(w io.Writer) error { return reports.ReadinessFormats[c.Format](w, r) })
}

// klikDemo loads the invented driftsstatus and klarmelding.
func klikDemo(ctx context.Context, folder *ingest.Folder) error {
	by := ingest.Decision{At: time.Date(2012, 11, 2, 9, 0, 0, 0, model.Copenhagen)}
	for _, table := range []struct {
		data []byte
		load func(context.Context, io.ReaderAt, int64, ingest.Decision, bool) (*ingest.SmallReceipt, error)
	}{{demo.Operations(), folder.ImportOperations}, {demo.Readiness(), folder.ImportReadiness}} {
		receipt, err := table.load(ctx, bytes.NewReader(table.data), int64(len(table.data)), by, false)
		if err == nil && len(receipt.Faults) > 0 {
			err = fmt.Errorf("the invented table: %v", receipt.Faults)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// printTable writes a document; a PDF wants a file.
func (p *program) printTable(ctx context.Context, format, path string, document func() (paper.Document, error)) error {
	if format == "pdf" && path == "" {
		return usage("En PDF skal have et filnavn. Skriv fx -o tabel.pdf.")
	}
	d, err := document()
	if err != nil {
		return err
	}
	return p.printed(ctx, d, format, path)
}

// writeTable writes to a file or to stdout; a workbook wants a file.
func (p *program) writeTable(format, path string, write func(io.Writer) error) error {
	if format == "xlsx" && path == "" {
		return usage("En projektmappe skal have et filnavn. Skriv fx -o tabel.xlsx.")
	}
	w, done, err := p.output(path)
	if err != nil {
		return err
	}
	return done(write(w))
}
