package main

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"komhen/ingest"
	"komhen/model"
	"komhen/reports"
)

type totalsCommand struct {
	List     totalsListCommand     `cmd:"" default:"withargs" help:"Vis de total-tal, der er indmeldt."`
	Import   totalsImportCommand   `cmd:"" help:"Indmeld total-tal fra en fil (CSV eller Excel)."`
	Template totalsTemplateCommand `cmd:"" help:"Lav den tomme skabelon til total-tal."`
}

type totalsListCommand struct {
	Municipality string `help:"Kommunen (kode eller navn). Uden flaget alle." placeholder:"KOMMUNE"`
	Year         int    `help:"Året, som perioden slutter i. Uden flaget alle." placeholder:"ÅR"`
	JSON         bool   `help:"Skriv listen som JSON." name:"json"`
}

func (c *totalsListCommand) Run(ctx context.Context, p *program) error {
	municipality, err := p.municipality(c.Municipality)
	if err != nil {
		return err
	}
	folder, err := p.reading(ctx)
	if err != nil {
		return err
	}
	defer folder.Close()
	list, err := reports.Totals(ctx, folder.Store, p.book, municipality, c.Year)
	if err != nil {
		return err
	}
	if c.JSON {
		return writeJSON(p.stdout, list)
	}
	w := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "Kommune\tKanal\tFra\tTil\tAntal\tKilde\tIndmeldt")
	for _, t := range append(list.Totals, list.SiteVisits...) {
		channel := "Hjemmeside (besøg)"
		if id := p.book.ChannelID(t.Channel); id != 0 {
			channel = p.book.Channel(id).Label
		}
		late := ""
		if t.Late {
			late = " (efter frist)"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s%s\n", p.nameOf(uint16(p.book.MunicipalityCode(t.Municipality))), channel, dayOf(t.From), dayOf(t.To), model.FormatInt(t.Count),
			model.SafeText(t.Origin), dayOf(t.At), late)
	}
	for _, m := range list.Context {
		fmt.Fprintf(w, "Centralt\t%s\t%s\t\t%s\t\t\n", m.Label, m.Month, model.FormatInt(m.Count))
	}
	return w.Flush()
}

// dayOf is a day of a document, yyyy-mm-dd, as people write it.
func dayOf(iso string) string {
	if len(iso) < 10 {
		return iso
	}
	return iso[8:10] + "-" + iso[5:7] + "-" + iso[:4]
}

type totalsImportCommand struct {
	File         string `arg:"" name:"fil" help:"Filen i CSV eller Excel (.xlsx)." type:"path"`
	Municipality string `help:"Kommunen, som alle rækker skal være (kode eller navn). Uden flaget gælder hver rækkes egen." placeholder:"KOMMUNE"`
	JSON         bool   `help:"Skriv kvitteringen som JSON." name:"json"`
}

// totalsReceipt is what --json says. With faults nothing was stored.
type totalsReceipt struct {
	File      string              `json:"file"`
	New       int                 `json:"new"`
	Replaced  int                 `json:"replaced"`
	Unchanged int                 `json:"unchanged"`
	Empty     int                 `json:"empty"`
	Faults    []ingest.TotalFault `json:"faults"`
}

func (c *totalsImportCommand) Run(ctx context.Context, p *program) error {
	municipality, err := p.municipality(c.Municipality)
	if err != nil {
		return err
	}
	file, size, bad := ingest.OpenFile(c.File)
	if bad != "" {
		return &model.Problem{Code: "totals-file", Message: fmt.Sprintf("%s %s.", c.File, bad)}
	}
	defer file.Close()
	folder, err := p.writing(ctx)
	if err != nil {
		return err
	}
	defer folder.Close()
	rows, faults, err := folder.ReadTotals(file, size)
	if err != nil {
		return err
	}
	receipt := ingest.TotalsReceipt{Faults: faults}
	if len(faults) == 0 {
		if receipt, err = folder.DeclareTotals(ctx, ingest.Decision{At: now()}, rows, municipality); err != nil {
			return err
		}
	}
	if len(receipt.Faults) > 0 {
		p.status = statusNothing
	}
	if c.JSON {
		return writeJSON(p.stdout, totalsReceipt{filepath.Base(c.File), receipt.New, receipt.Replaced, receipt.Unchanged, receipt.Empty, append([]ingest.TotalFault{}, receipt.Faults...)})
	}
	for _, f := range receipt.Faults {
		fmt.Fprintln(p.stderr, f.Text())
	}
	if len(receipt.Faults) > 0 {
		fmt.Fprintf(p.stderr, "%s: %s. Intet er indmeldt. Ret filen, og indlæs den igen.\n", filepath.Base(c.File), count(int64(len(receipt.Faults)), "fejl", "fejl"))
		return nil
	}
	fmt.Fprintf(p.stdout, "%s: %s, %d erstatter et tidligere, %d stod der i forvejen.\n", filepath.Base(c.File), count(int64(receipt.New), "nyt tal", "nye tal"), receipt.Replaced, receipt.Unchanged)
	return nil
}

type totalsTemplateCommand struct {
	Municipality string `help:"Kommunen, som skabelonen er til (kode eller navn)." placeholder:"KOMMUNE"`
	Output       string `help:"Skabelonens filnavn; .csv eller .xlsx." short:"o" required:"" placeholder:"FIL" type:"path"`
}

func (c *totalsTemplateCommand) Run(p *program) error {
	municipality, err := p.municipality(c.Municipality)
	if err != nil {
		return err
	}
	switch strings.ToLower(filepath.Ext(c.Output)) {
	case ".csv", ".xlsx":
	default:
		return usage("Skabelonens navn skal ende på .csv eller .xlsx, så dit regneark kan åbne den.")
	}
	var b bytes.Buffer
	if err := ingest.WriteTotalsTemplate(&b, fileFormat(c.Output), p.book, municipality); err != nil {
		return err
	}
	w, done, err := p.output(c.Output)
	if err != nil {
		return err
	}
	_, err = b.WriteTo(w)
	return done(err)
}
