package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"

	"komhen/ingest"
	"komhen/model"
)

type roundsCommands struct {
	List     roundsCommand        `cmd:"" default:"withargs" hidden:"" help:"Vis tællerunderne."`
	Set      roundSetCommand      `cmd:"" help:"Sæt en rundes uger og frister."`
	Withdraw roundWithdrawCommand `cmd:"" help:"Giv en runde sine almindelige datoer igen."`
}

type roundsCommand struct{ listFlags }

// Run reads the journal only, so it works beside a running service.
func (c *roundsCommand) Run(ctx context.Context, p *program) error {
	book, err := ingest.RoundsIn(ctx, p.options.Data, p.book)
	if err != nil {
		return err
	}
	if c.JSON {
		return writeJSON(p.stdout, book.PublishedRounds(now()))
	}
	return p.writeRounds(append(book.Rounds(model.DateOf(now())), book.DeclaredAfter(model.DateOf(now()))...))
}

func (p *program) writeRounds(rounds []model.Round) error {
	w := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "Runde\tNavn\tUger\tPrimær uge\tFørste dag\tSidste dag\tFrist for data\tFrist for total-tal\tKodebog")
	var declared []string
	for _, r := range rounds {
		totals := model.Missing
		if r.TotalsDeadline != 0 {
			totals = r.TotalsDeadline.String()
		}
		weeks := strings.ReplaceAll(strings.Trim(fmt.Sprint(r.Weeks), "[]"), " ", ", ")
		fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%s\t%s\t%s\t%s\t%s\n", r.Name, r.Title(), weeks, r.Primary, r.First, r.Last, r.DataDeadline, totals, r.Edition)
		if r.Declared {
			declared = append(declared, r.Name)
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for _, r := range rounds {
		if !r.Declared {
			continue
		}
		for _, d := range r.CentralDelivery {
			fmt.Fprintf(p.stdout, "Central levering i %s: %s indlæses %s\n", r.Name, d.What, d.Day)
		}
	}
	if len(declared) > 0 {
		fmt.Fprintf(p.stdout, "Datoerne er sat af en operatør for %s.\n", strings.Join(declared, ", "))
	}
	return nil
}

type roundSetCommand struct {
	Round          string   `arg:"" name:"runde" help:"Runden, fx 2027F."`
	Weeks          string   `help:"Ugerne, fx 17,18,19 eller 17-19." placeholder:"UGER"`
	Primary        int      `help:"Den primære uge." placeholder:"UGE"`
	DataDeadline   string   `help:"Frist for data, fx 01-06-2027." placeholder:"DATO"`
	TotalsDeadline string   `help:"Frist for total-tal." placeholder:"DATO" xor:"totals"`
	NoTotals       bool     `help:"Runden skal ikke have total-tal." xor:"totals"`
	Central        []string `help:"En central levering og dagen, den indlæses, fx \"Digital Post=22-06-2027\". Kan gives flere gange." placeholder:"HVAD=DATO" sep:"none"`
	Note           string   `help:"Hvorfor datoerne ændres; står i historikken." placeholder:"TEKST"`
	JSON           bool     `help:"Skriv runden som JSON." name:"json"`
}

// writingRound opens the data folder and finds a round as it stands there. A round that cannot be is told before the folder is touched.
func (p *program) writingRound(ctx context.Context, name string) (folder *ingest.Folder, before model.Round, err error) {
	if _, err = p.book.Round(name); err != nil {
		return nil, before, err
	}
	if folder, err = p.writing(ctx); err != nil {
		return nil, before, err
	}
	if before, err = p.book.Round(name); err != nil {
		return nil, before, errors.Join(err, folder.Close())
	}
	return folder, before, nil
}

// Run changes what flags are given; the rest stays as it was declared.
func (c *roundSetCommand) Run(ctx context.Context, p *program) error {
	folder, before, err := p.writingRound(ctx, c.Round)
	if err != nil {
		return err
	}
	defer folder.Close()
	standing, err := folder.RoundDates(ctx, before.Name)
	if err != nil {
		return err
	}
	var dates model.RoundDates
	if standing != nil {
		dates = *standing
	}
	if err := c.into(&dates); err != nil {
		return err
	}
	after, err := folder.SetRound(ctx, before.Name, dates, ingest.Decision{At: now()})
	if err != nil {
		return err
	}
	return p.roundIsNow(c.JSON, before, after)
}

func (c *roundSetCommand) into(d *model.RoundDates) error {
	day := func(flag, text string, to *model.Date) error {
		if text == "" {
			return nil
		}
		day, ok := model.ParseDay(text)
		if !ok {
			return usage("%s %s er ikke en dato. Skriv den som 01-06-2027.", flag, text)
		}
		*to = day
		return nil
	}
	if c.Weeks != "" {
		weeks, ok := model.ParseWeeks(c.Weeks)
		if !ok {
			return usage("--weeks %s kan ikke læses. Skriv ugerne som 17,18,19 eller 17-19.", c.Weeks)
		}
		d.Weeks = weeks
	}
	if c.Primary != 0 {
		d.Primary = c.Primary
	}
	if err := day("--data-deadline", c.DataDeadline, &d.DataDeadline); err != nil {
		return err
	}
	if err := day("--totals-deadline", c.TotalsDeadline, &d.TotalsDeadline); err != nil {
		return err
	}
	switch {
	case c.NoTotals:
		d.NoTotals, d.TotalsDeadline = true, 0
	case c.TotalsDeadline != "":
		d.NoTotals = false
	}
	if len(c.Central) > 0 {
		d.Central = nil
	}
	for _, text := range c.Central {
		what, when, _ := strings.Cut(text, "=")
		delivery := model.CentralDelivery{What: strings.TrimSpace(what)}
		if when == "" {
			return usage("--central %s mangler dagen. Skriv fx --central \"Digital Post=22-06-2027\".", text)
		}
		if err := day("--central", strings.TrimSpace(when), &delivery.Day); err != nil {
			return err
		}
		d.Central = append(d.Central, delivery)
	}
	if c.Note != "" {
		d.Note = c.Note
	}
	return nil
}

type roundWithdrawCommand struct {
	Round string `arg:"" name:"runde" help:"Runden, fx 2027F."`
	JSON  bool   `help:"Skriv runden som JSON." name:"json"`
}

func (c *roundWithdrawCommand) Run(ctx context.Context, p *program) error {
	folder, before, err := p.writingRound(ctx, c.Round)
	if err != nil {
		return err
	}
	defer folder.Close()
	after, err := folder.WithdrawRound(ctx, before.Name, ingest.Decision{At: now()})
	if err != nil {
		return err
	}
	return p.roundIsNow(c.JSON, before, after)
}

// roundIsNow says what a decision changed.
func (p *program) roundIsNow(asJSON bool, before, after model.Round) error {
	if asJSON {
		return writeJSON(p.stdout, after.Published())
	}
	changes := model.RoundChanges(before, after)
	if len(changes) == 0 {
		changes = []string{"Ingen af datoerne er blevet andre."}
	}
	fmt.Fprintf(p.stdout, "%s (%s):\n", after.Title(), after.Name)
	for _, text := range changes {
		fmt.Fprintln(p.stdout, "  "+text)
	}
	if before.First != after.First || before.Last != after.Last {
		fmt.Fprintln(p.stdout, "Rundens dage er andre, så de kommuner, der havde godkendt, skal se tallene efter og godkende igen.")
	}
	return nil
}
