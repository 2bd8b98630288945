package main

import (
	"context"
	"fmt"

	"komhen/ingest"
)

// approvalFlags say which round of which municipality.
type approvalFlags struct {
	Round        string `help:"Runden, fx 2012F." required:"" placeholder:"RUNDE"`
	Municipality string `help:"Kommunen (kode eller navn)." required:"" placeholder:"KOMMUNE"`
	JSON         bool   `help:"Skriv svaret som JSON." name:"json"`
}

type approveCommand struct{ approvalFlags }

func (c *approveCommand) Run(ctx context.Context, p *program) error {
	return p.approval(ctx, c.approvalFlags, true)
}

type reopenCommand struct{ approvalFlags }

func (c *reopenCommand) Run(ctx context.Context, p *program) error {
	return p.approval(ctx, c.approvalFlags, false)
}

func (p *program) approval(ctx context.Context, c approvalFlags, approve bool) error {
	municipality, err := p.municipality(c.Municipality)
	if err != nil {
		return err
	}
	round, err := p.book.Round(c.Round)
	if err != nil {
		return err
	}
	folder, err := p.writing(ctx)
	if err != nil {
		return err
	}
	defer folder.Close()
	act, state, says := folder.Reopen, "provisional", "%s er foreløbig igen for %s.\n"
	if approve {
		act, state, says = folder.Approve, "approved", "%s er godkendt for %s. Ændrer en senere indmelding tallene, bliver runden foreløbig igen.\n"
	}
	if err := act(ctx, municipality, round.Name, ingest.Decision{At: now()}); err != nil {
		return err
	}
	if c.JSON {
		return writeJSON(p.stdout, map[string]any{"municipality": fmt.Sprint(municipality), "round": round.Name, "state": state})
	}
	fmt.Fprintf(p.stdout, says, round.Title(), p.nameOf(municipality))
	return nil
}
