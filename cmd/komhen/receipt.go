package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"

	"komhen/ingest"
	"komhen/model"
	"komhen/queries"
)

type uploadsCommand struct {
	JSON bool `help:"Skriv listen som JSON." name:"json"`
}

func (c *uploadsCommand) Run(ctx context.Context, p *program) error {
	folder, err := p.reading(ctx)
	if err != nil {
		return err
	}
	defer folder.Close()
	list, err := folder.Store.Uploads(ctx)
	if err != nil {
		return err
	}
	if c.JSON {
		return writeJSON(p.stdout, folder.Listed(list))
	}
	w := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "Nr.\tModtaget\tFil\tKommune\tKilde\tRunde\t Godtaget\t  Afvist\tTilbageholdt\tTilstand")
	for _, u := range list {
		fmt.Fprintf(w, "%3d\t%s\t%s\t%s\t%s\t%s\t%9s\t%8s\t%12s\t%s\n", u.Upload, u.Received.Format("02-01-2006 15:04"), u.File, p.nameOf(u.Municipality), u.Source,
			dash(u.Round), model.FormatInt(u.Accepted), model.FormatInt(u.Rejected), model.FormatInt(u.Withheld), stateWords[stateOf(u)])
	}
	return w.Flush()
}

func stateOf(u queries.StoredUpload) string {
	if u.Live {
		return "live"
	}
	return "undone"
}

var stateWords = map[string]string{"live": "tæller med", "undone": "fortrudt"}

func (p *program) nameOf(code uint16) string {
	if m := p.book.Municipality(code); m != nil {
		return m.Name
	}
	return "flere"
}

func dash(s string) string {
	if s == "" {
		return model.Missing
	}
	return s
}

func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

type receiptCommand struct {
	Upload  uint32 `arg:"" name:"indmelding" help:"Indmeldingens nummer."`
	JSON    bool   `help:"Skriv kvitteringen som JSON." name:"json"`
	FixFile string `help:"Skriv også de afviste rækker hertil." placeholder:"STI" type:"path"`
}

func (c *receiptCommand) Run(ctx context.Context, p *program) error {
	folder, err := p.reading(ctx)
	if err != nil {
		return err
	}
	defer folder.Close()
	u, err := folder.Store.Upload(ctx, c.Upload)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(p.stdout)
	list := newReceiptList(out, p.book, c.JSON)
	err = list.write(ctx, folder.Stored(u))
	if err := errors.Join(err, list.end(), out.Flush()); err != nil {
		return err
	}
	if c.FixFile == "" {
		return nil
	}
	w, done, err := p.output(c.FixFile)
	if err != nil {
		return err
	}
	return done(folder.WriteFixFile(ctx, c.Upload, w, fileFormat(c.FixFile)))
}

type undoCommand struct {
	Upload uint32 `arg:"" name:"indmelding" help:"Indmeldingens nummer."`
	JSON   bool   `help:"Skriv svaret som JSON." name:"json"`
}

func (c *undoCommand) Run(ctx context.Context, p *program) error {
	return p.flip(ctx, c.Upload, false, c.JSON)
}

type redoCommand struct {
	Upload uint32 `arg:"" name:"indmelding" help:"Indmeldingens nummer."`
	JSON   bool   `help:"Skriv svaret som JSON." name:"json"`
}

func (c *redoCommand) Run(ctx context.Context, p *program) error {
	return p.flip(ctx, c.Upload, true, c.JSON)
}

func (p *program) flip(ctx context.Context, upload uint32, live, asJSON bool) error {
	folder, err := p.writing(ctx)
	if err != nil {
		return err
	}
	defer folder.Close()
	act, state, word := folder.Undo, "undone", "fortrudt"
	if live {
		act, state, word = folder.Redo, "live", "bragt tilbage"
	}
	d, err := act(ctx, upload, ingest.Decision{At: now()})
	if err != nil {
		return err
	}
	if asJSON {
		return writeJSON(p.stdout, map[string]any{"upload": upload, "state": state, "contacts": d.Contacts - d.ContactsAway})
	}
	change := d.Contacts - d.ContactsAway
	switch {
	case change > 0:
		fmt.Fprintf(p.stdout, "Indmelding %d er %s. Det gav %s mere.\n", upload, word, count(change, "henvendelse", "henvendelser"))
	case change < 0:
		fmt.Fprintf(p.stdout, "Indmelding %d er %s. Det tog %s væk.\n", upload, word, count(-change, "henvendelse", "henvendelser"))
	default:
		fmt.Fprintf(p.stdout, "Indmelding %d er %s. Tallene er de samme som før, fordi en anden indmelding har de samme rækker.\n", upload, word)
	}
	return nil
}

type furtherCommand struct {
	Upload uint32 `arg:"" name:"indmelding" help:"Indmeldingens nummer."`
	JSON   bool   `help:"Skriv kvitteringen som JSON." name:"json"`
}

func (c *furtherCommand) Run(ctx context.Context, p *program) error {
	folder, err := p.writing(ctx)
	if err != nil {
		return err
	}
	defer folder.Close()
	u, err := folder.Further(ctx, c.Upload, ingest.Decision{At: now()})
	if err != nil {
		return err
	}
	out := bufio.NewWriter(p.stdout)
	list := newReceiptList(out, p.book, c.JSON)
	full := u.Full()
	full.State = "live"
	err = list.write(ctx, full)
	if err := errors.Join(err, list.end(), out.Flush()); err != nil {
		return err
	}
	if !c.JSON {
		fmt.Fprintf(p.stderr, "Indmelding %d er erstattet af indmelding %d, som tæller for sig selv. Fortryd med: komhen undo %d og komhen redo %d\n",
			c.Upload, u.Receipt.Upload, u.Receipt.Upload, c.Upload)
	}
	return nil
}
