package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"komhen/reports"
	"komhen/web/paper"
)

type roundReportCommand struct {
	Round        string `help:"Runden, fx 2012F. Uden flaget den seneste med henvendelser." placeholder:"RUNDE"`
	Municipality string `help:"Kommunen (kode eller navn). Uden flaget hele landet." placeholder:"KOMMUNE"`
	Output       string `help:"Filen, der skrives: .pdf eller .html." short:"o" required:"" placeholder:"FIL.pdf" type:"path"`
}

func (c *roundReportCommand) Run(ctx context.Context, p *program) error {
	format := strings.ToLower(strings.TrimPrefix(filepath.Ext(c.Output), "."))
	if format != "pdf" && format != "html" {
		return usage("Runderapportens navn skal ende på .pdf eller .html.")
	}
	folder, round, municipality, err := p.readingRound(ctx, c.Round, c.Municipality)
	if err != nil {
		return err
	}
	defer folder.Close()
	r, err := reports.RoundReportOf(ctx, folder.Store, p.book, round, municipality)
	if err != nil {
		return err
	}
	d, err := paper.Round(r, now(), "")
	if err != nil {
		return err
	}
	return p.printed(ctx, d, format, c.Output)
}

// printed writes a document as html or PDF. Where there is no Chromium the html takes the PDF's place, under its own name, and the
// status says that the PDF is not there.
func (p *program) printed(ctx context.Context, d paper.Document, format, output string) error {
	body := d.HTML
	if format == "pdf" {
		pdf, err := paper.NewPrinter(paper.FindBrowser(p.options.Chromium)).PDF(ctx, d)
		switch {
		case errors.Is(err, paper.ErrNoPDF):
			output = strings.TrimSuffix(output, filepath.Ext(output)) + ".html"
			p.status = statusFailed
			fmt.Fprintf(p.stderr, "PDF kan ikke laves, fordi browseren Chromium ikke er installeret her. Rapporten ligger i stedet som HTML i %s; en browser kan gemme den som PDF (Udskriv, Ctrl+P).\n", output)
		case err != nil:
			return err
		default:
			body = pdf
		}
	}
	w, done, err := p.output(output)
	if err != nil {
		return err
	}
	_, err = w.Write(body)
	return done(err)
}
