package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"text/tabwriter"

	"komhen/ingest"
	"komhen/model"
	"komhen/reports"
)

// klikQuestion is what status and report are limited to.
type klikQuestion struct {
	Filter       string `help:"Filtre som i sidens adresse, fx »deadline=red&priority=kritisk«." placeholder:"NAVN=VÆRDI&…"`
	Municipality string `help:"Kommunen (kode eller navn). Uden flaget alle." placeholder:"KOMMUNE"`
	Day          string `help:"Dagen, som farverne gælder for, fx 2026-03-18. Uden flaget i dag." placeholder:"ÅÅÅÅ-MM-DD"`
}

func (c *klikQuestion) query(p *program, name string) (reports.KlikQuery, error) {
	q := reports.KlikQuery{Name: name, Today: model.DateOf(now()), Now: model.DateOf(now())}
	values, err := url.ParseQuery(c.Filter)
	if err != nil {
		return q, usage("Filteret %q kan ikke læses. Skriv det som i adressen, fx deadline=red&project=KP.", c.Filter)
	}
	for given := range values {
		if reports.KlikFilterLabels[given] == "" {
			return q, usage("Filteret %s findes ikke. Der er %s.", given, strings.Join(reports.KlikFilterNames, ", "))
		}
	}
	if c.Municipality != "" {
		values.Add("municipality", c.Municipality)
	}
	if c.Day != "" {
		var ok bool
		if q.Today, ok = model.ParseISO(c.Day); !ok {
			return q, usage("Dagen %q er ikke en dag som 2026-03-18.", c.Day)
		}
	}
	q.Filter, err = reports.ParseKlikFilter(p.book, values)
	return q, err
}

type klikStatusCommand struct {
	klikQuestion
	JSON bool `help:"Skriv svaret som JSON." name:"json"`
}

func (c *klikStatusCommand) Run(ctx context.Context, p *program) error {
	format := "table"
	if c.JSON {
		format = "json"
	}
	return p.klikReport(ctx, &c.klikQuestion, "projects", format, "")
}

type klikReportCommand struct {
	klikQuestion
	Name   string `arg:"" name:"rapport" help:"Rapportens navn, list, eller workbook (projektmappen med alle)."`
	Format string `help:"table, csv, json eller xlsx." enum:"table,csv,json,xlsx" default:"table"`
	Output string `help:"Skriv til denne fil." short:"o" placeholder:"FIL" type:"path"`
}

func (c *klikReportCommand) Run(ctx context.Context, p *program) error {
	switch c.Name {
	case "list":
		return c.list(p)
	case "workbook":
		return c.workbook(ctx, p)
	}
	return p.klikReport(ctx, &c.klikQuestion, c.Name, c.Format, c.Output)
}

func (c *klikReportCommand) list(p *program) error {
	if c.Format == "json" {
		return writeJSON(p.stdout, map[string]any{"reports": reports.KlikNames()})
	}
	w := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
	for _, d := range reports.KlikNames() {
		fmt.Fprintf(w, "%s\t%s\n", d.Name, d.Title)
	}
	fmt.Fprintf(w, "workbook\tProjektmappe med dem alle, med diagrammer\n")
	return w.Flush()
}

func (c *klikReportCommand) workbook(ctx context.Context, p *program) error {
	if c.Output == "" {
		return usage("En projektmappe skal have et filnavn. Skriv fx -o klik.xlsx.")
	}
	q, err := c.query(p, "")
	if err != nil {
		return err
	}
	folder, err := p.reading(ctx)
	if err != nil {
		return err
	}
	defer folder.Close()
	w, done, err := p.output(c.Output)
	if err != nil {
		return err
	}
	return done(reports.WriteKlikXLSX(ctx, folder.Store, p.book, q, w))
}

func (p *program) klikReport(ctx context.Context, question *klikQuestion, name, format, output string) error {
	if format == "xlsx" && output == "" {
		return usage("En projektmappe skal have et filnavn. Skriv fx -o rapport.xlsx.")
	}
	q, err := question.query(p, name)
	if err != nil {
		return err
	}
	folder, err := p.reading(ctx)
	if err != nil {
		return err
	}
	defer folder.Close()
	r, err := reports.RunKlik(ctx, folder.Store, p.book, q)
	if err != nil {
		return err
	}
	write := map[string]func(io.Writer, *reports.Report) error{
		"table": reports.WriteTable, "csv": reports.WriteCSV, "json": reports.WriteJSON, "xlsx": reports.WriteXLSX}[format]
	w, done, err := p.output(output)
	if err != nil {
		return err
	}
	return done(write(w, r))
}

type klikColourCommand struct {
	Yellow *int `help:"Så mange dage tidligere bliver en opgave gul." placeholder:"DAGE"`
	Red    *int `help:"Så mange dage senere bliver en opgave rød." placeholder:"DAGE"`
}

func (c *klikColourCommand) Run(ctx context.Context, p *program) (err error) {
	var set model.KlikThresholds
	if c.Yellow == nil && c.Red == nil {
		folder, err := p.reading(ctx)
		if err != nil {
			return err
		}
		defer folder.Close()
		plan, err := folder.Store.KlikPlan(ctx, 0)
		if err != nil {
			return err
		}
		set = plan.Thresholds
	} else {
		folder, err := p.writing(ctx)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, folder.Close()) }()
		err = folder.DecideKlik(ctx, ingest.Decision{At: now()}, func(_ context.Context, s ingest.KlikStanding) (model.KlikDecision, error) {
			set = s.Plan.Thresholds
			for from, to := range map[*int]*int{c.Yellow: &set.Yellow, c.Red: &set.Red} {
				if from != nil {
					*to = *from
				}
			}
			if set == s.Plan.Thresholds {
				return model.KlikDecision{}, nil
			}
			return model.KlikDecision{Thresholds: &set}, nil
		})
		if err != nil {
			return err
		}
	}
	_, err = fmt.Fprintln(p.stdout, set.Definition())
	return err
}
