package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"text/tabwriter"
	"time"

	"komhen/ingest"
	"komhen/model"
	"komhen/queries"
)

type centralCommand struct {
	List    centralListCommand    `cmd:"" help:"Vis de centrale leveringer og kommunernes svar."`
	Import  centralImportCommand  `cmd:"" help:"Gør en fil klar til kommunerne som central levering."`
	Approve centralApproveCommand `cmd:"" help:"Godkend en kommunes del, og indlæs den nu."`
	Load    centralLoadCommand    `cmd:"" help:"Indlæs de dele, hvis dag er kommet, og som ingen har svaret på."`
}

type centralListCommand struct {
	JSON bool `help:"Skriv svaret som JSON." name:"json"`
}

// partJSON is a municipality's part in a list.
type partJSON struct {
	Municipality string `json:"municipality"`
	State        string `json:"state"`
	Rows         int64  `json:"rows"`
	Rejected     int64  `json:"rejected"`
	Contacts     int64  `json:"contacts"`
	Upload       uint32 `json:"upload,omitempty"`
}

type deliveryJSON struct {
	Delivery  uint64     `json:"delivery"`
	What      string     `json:"what"`
	Round     string     `json:"round"`
	Day       string     `json:"day"`
	Withdrawn bool       `json:"withdrawn"`
	File      string     `json:"file"`
	Parts     []partJSON `json:"parts"`
}

func (c *centralListCommand) Run(ctx context.Context, p *program) error {
	folder, err := p.reading(ctx)
	if err != nil {
		return err
	}
	defer folder.Close()
	list, err := folder.Store.Centrals(ctx)
	if err != nil {
		return err
	}
	if c.JSON {
		out := []deliveryJSON{}
		for _, d := range list {
			j := deliveryJSON{d.Number, d.What, d.Round, d.Day, d.Withdrawn, d.File.Name, []partJSON{}}
			for _, part := range d.Parts {
				j.Parts = append(j.Parts, partJSON{p.book.Municipality(part.Municipality).CodeText(), string(part.State), part.Rows, part.Rejected, part.Contacts, part.Upload})
			}
			out = append(out, j)
		}
		return writeJSON(p.stdout, map[string]any{"deliveries": out})
	}
	w := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "Nr.\tHvad\tRunde\tIndlæses\tKommune\tHenvendelser\tTilstand\tIndmelding")
	for _, d := range list {
		for _, part := range d.Parts {
			upload := model.Missing
			if part.Upload != 0 {
				upload = fmt.Sprint(part.Upload)
			}
			fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", d.Number, d.What, d.Round, d.On(), p.nameOf(part.Municipality), model.FormatInt(part.Contacts), partWord(d, part), upload)
		}
	}
	return w.Flush()
}

func partWord(d queries.Central, part queries.CentralPart) string {
	switch {
	case part.State == model.PartLoaded && part.Live == 0:
		return "fortrudt"
	case part.State == model.PartLoaded:
		return "indlæst"
	case d.Withdrawn:
		return "trukket tilbage"
	case part.State == model.PartTaken:
		return "overtaget"
	}
	return "afventer"
}

type centralImportCommand struct {
	File  string `arg:"" name:"fil" type:"path"`
	What  string `help:"Hvad filen er: Selvbetjening eller Digital Post." required:"" placeholder:"HVAD"`
	Round string `help:"Runden, fx 2012F." required:"" placeholder:"RUNDE"`
	Day   string `help:"Dagen, hvor det indlæses, der ikke er svaret på, fx 22-06-2012. Uden den: rundens egen." placeholder:"DAG"`
	Sheet string `help:"Arket, når en projektmappe har flere." placeholder:"ARK"`
	JSON  bool   `help:"Skriv svaret som JSON." name:"json"`
}

func (c *centralImportCommand) Run(ctx context.Context, p *program) error {
	round, err := p.book.Round(c.Round)
	if err != nil {
		return err
	}
	day := round.CentralDay(c.What)
	if c.Day != "" {
		t, err := time.ParseInLocation("02-01-2006", c.Day, model.Copenhagen)
		if err != nil {
			return usage("--day %s er ikke en dato. Skriv den som 22-06-2012.", c.Day)
		}
		day = model.DateOf(t)
	}
	file, size, bad := ingest.OpenFile(c.File)
	if bad != "" {
		return usage("%s %s.", c.File, bad)
	}
	defer file.Close()
	folder, err := p.writing(ctx)
	if err != nil {
		return err
	}
	defer folder.Close()
	number, u, err := folder.Deliver(ctx, file, size, ingest.Options{Name: filepath.Base(c.File), Sheet: c.Sheet, Received: now(), Delivering: &ingest.Delivering{What: c.What, Round: round.Name, Day: day}})
	if err != nil {
		return err
	}
	if u.Fault != nil {
		fmt.Fprintf(p.stderr, "%s: %s\n", u.Receipt.File, p.book.MessageOf(*u.Fault))
		p.status = statusNothing
		return nil
	}
	municipalities, nobodys := u.Parts()
	if c.JSON {
		return writeJSON(p.stdout, map[string]any{"delivery": number, "municipalities": municipalities, "nobodys": nobodys, "day": day.ISO()})
	}
	fmt.Fprintf(p.stdout, "Central levering %d er klar til %s. Det, der ikke er svaret på, indlæses %s.\n", number, count(int64(municipalities), "kommune", "kommuner"), day)
	if nobodys > 0 {
		fmt.Fprintf(p.stdout, "%s ikke med en kommune, vi kender, og bliver ikke indlæst.\n", count(nobodys, "række passer", "rækker passer"))
	}
	return nil
}

type centralApproveCommand struct {
	Delivery     uint64 `arg:"" name:"levering"`
	Municipality string `help:"Kommunen (kode eller navn)." required:"" placeholder:"KOMMUNE"`
	JSON         bool   `help:"Skriv svaret som JSON." name:"json"`
}

func (c *centralApproveCommand) Run(ctx context.Context, p *program) error {
	municipality, err := p.municipality(c.Municipality)
	if err != nil {
		return err
	}
	folder, err := p.writing(ctx)
	if err != nil {
		return err
	}
	defer folder.Close()
	u, err := folder.ApprovePart(ctx, c.Delivery, municipality, ingest.Decision{At: now()})
	if err != nil {
		return err
	}
	return p.partLoaded(c.Delivery, u, c.JSON)
}

func (p *program) partLoaded(delivery uint64, u *ingest.Upload, asJSON bool) error {
	r := u.Receipt
	if asJSON {
		return writeJSON(p.stdout, map[string]any{"delivery": delivery, "municipality": p.book.Municipality(r.Municipality).CodeText(), "upload": r.Upload, "accepted": r.Accepted, "rejected": r.Rejected, "contacts": r.Contacts})
	}
	_, err := fmt.Fprintf(p.stdout, "%s: levering %s er indlæst som indmelding %d med %s.\n", p.nameOf(r.Municipality), strconv.FormatUint(delivery, 10), r.Upload, count(r.Contacts, "henvendelse", "henvendelser"))
	return err
}

type centralLoadCommand struct{}

func (c *centralLoadCommand) Run(ctx context.Context, p *program) error {
	folder, err := p.writing(ctx)
	if err != nil {
		return err
	}
	defer folder.Close()
	n := 0
	var said error
	err = folder.LoadDue(ctx, now(), func(number uint64, u *ingest.Upload) {
		n++
		said = errors.Join(said, p.partLoaded(number, u, false))
	})
	if n == 0 && err == nil {
		fmt.Fprintln(p.stdout, "Der er intet at indlæse: ingen dag er kommet, eller alle har svaret.")
	}
	return errors.Join(err, said)
}
