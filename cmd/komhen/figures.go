package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"komhen/ingest"
	"komhen/model"
	"komhen/reports"
	"komhen/web/paper"
)

type reportCommand struct {
	Name         string `arg:"" name:"rapport" help:"Rapportens navn, eller list."`
	Round        string `help:"Runden, fx 2012F. Uden flaget den seneste med henvendelser." placeholder:"RUNDE"`
	Municipality string `help:"Kommunen (kode eller navn). Uden flaget hele landet." placeholder:"KOMMUNE"`
	Weeks        string `help:"all (hele runden) eller primary (kun den primære uge)." default:"all"`
	Types        string `help:"Henvendelsestyper: all, transaction, information eller case." default:"all"`
	Format       string `help:"table, csv, json, xlsx, pdf eller html." enum:"table,csv,json,xlsx,pdf,html" default:"table"`
	Output       string `help:"Skriv til denne fil." short:"o" placeholder:"FIL" type:"path"`
}

func (c *reportCommand) Run(ctx context.Context, p *program) error {
	if c.Name == "list" {
		return c.list(p)
	}
	municipality, err := p.municipality(c.Municipality)
	if err != nil {
		return err
	}
	q := reports.Query{Name: c.Name, Municipality: municipality, Weeks: c.Weeks, Types: c.Types, Today: model.DateOf(now())}
	if c.Round != "" {
		if q.Round, err = p.book.Round(c.Round); err != nil {
			return err
		}
	}
	folder, err := p.reading(ctx)
	if err != nil {
		return err
	}
	defer folder.Close()
	if q.Round, err = p.roundNow(q.Round); err != nil {
		return err
	}
	r, err := reports.Run(ctx, folder.Store, p.book, q)
	if err != nil {
		return err
	}
	write := map[string]func(io.Writer, *reports.Report) error{
		"table": reports.WriteTable, "csv": reports.WriteCSV, "json": reports.WriteJSON, "xlsx": reports.WriteXLSX}[c.Format]
	if c.Output == "" && (c.Format == "xlsx" || c.Format == "pdf") {
		return usage("Rapporten skal have et filnavn, når formatet er %s. Skriv fx -o rapport.%[1]s.", c.Format)
	}
	if c.Format == "pdf" || c.Format == "html" {
		d, err := paper.Report(r, now(), "")
		if err != nil {
			return err
		}
		return p.printed(ctx, d, c.Format, c.Output)
	}
	w, done, err := p.output(c.Output)
	if err != nil {
		return err
	}
	return done(write(w, r))
}

func (c *reportCommand) list(p *program) error {
	if c.Format == "json" {
		return writeJSON(p.stdout, map[string]any{"reports": reports.Names()})
	}
	w := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
	for _, d := range reports.Names() {
		var notes []string
		switch {
		case d.NeedsMunicipality:
			notes = append(notes, "kun med --municipality")
		case d.NationalOnly:
			notes = append(notes, "hele landet")
		}
		if d.TakesWeeks {
			notes = append(notes, "--weeks")
		}
		if d.TakesTypes {
			notes = append(notes, "--types")
		}
		fmt.Fprintf(w, "%s\t%s\t%s\n", d.Name, d.Title, strings.Join(notes, ", "))
	}
	return w.Flush()
}

// readingRound opens the data folder to read, and finds the round and the municipality that were asked for.
func (p *program) readingRound(ctx context.Context, round, municipality string) (folder *ingest.Folder, r model.Round, code uint16, err error) {
	if code, err = p.municipality(municipality); err != nil {
		return nil, r, 0, err
	}
	if folder, err = p.reading(ctx); err != nil {
		return nil, r, 0, err
	}
	if r, err = p.round(ctx, folder, round); err != nil {
		return nil, r, 0, errors.Join(err, folder.Close())
	}
	return folder, r, code, nil
}

// round is the round that was asked for, or the latest one with contacts.
func (p *program) round(ctx context.Context, folder *ingest.Folder, name string) (model.Round, error) {
	if name != "" {
		return p.book.Round(name)
	}
	r, ok, err := reports.LatestRound(ctx, folder.Store, p.book)
	if err == nil && !ok {
		err = &model.Problem{Code: "no-contacts", Message: "Der er ingen henvendelser endnu. Indlæs en fil med komhen import."}
	}
	return r, err
}

type benchmarkCommand struct {
	Round        string `help:"Runden, fx 2012F. Uden flaget den seneste med henvendelser." placeholder:"RUNDE"`
	Municipality string `help:"Kommunen (kode eller navn)." required:"" placeholder:"KOMMUNE"`
	Group        string `help:"Sammenligningsgruppen: all, region, size eller kommunekoder med komma imellem." default:"all"`
	Output       string `help:"Projektmappens filnavn." short:"o" required:"" placeholder:"FIL.xlsx" type:"path"`
}

func (c *benchmarkCommand) Run(ctx context.Context, p *program) error {
	folder, round, municipality, err := p.readingRound(ctx, c.Round, c.Municipality)
	if err != nil {
		return err
	}
	defer folder.Close()
	w, done, err := p.output(c.Output)
	if err != nil {
		return err
	}
	if err := done(reports.WriteBenchmark(ctx, folder.Store, p.book, reports.Benchmark{Round: round, Municipality: municipality, Group: c.Group}, w)); err != nil {
		return err
	}
	fmt.Fprintf(p.stderr, "Benchmark for %s, %s, ligger i %s\n", p.nameOf(municipality), round.Title(), c.Output)
	return nil
}

type verifyCommand struct {
	File string `arg:"" name:"fil" help:"Projektmappen." type:"path"`
	JSON bool   `help:"Skriv svaret som JSON." name:"json"`
}

func (c *verifyCommand) Run(p *program) error {
	f, size, bad := ingest.OpenFile(c.File)
	if bad != "" {
		return usage("%s %s.", c.File, bad)
	}
	defer f.Close()
	v, err := reports.Verify(f, size)
	if err != nil {
		return err
	}
	if v.State != reports.Untouched {
		p.status = statusFailed
	}
	if c.JSON {
		return writeJSON(p.stdout, v)
	}
	fmt.Fprintln(p.stdout, v.Message)
	return nil
}

type exportCommand struct {
	Contacts exportContactsCommand `cmd:"" help:"Rækkerne med kodebogens koder; de kan indlæses igen."`
}

type exportContactsCommand struct {
	Round        string `help:"Runden, fx 2012F. Uden flaget alle henvendelser." placeholder:"RUNDE"`
	Municipality string `help:"Kommunen (kode eller navn). Uden flaget alle." placeholder:"KOMMUNE"`
	Format       string `help:"csv, xlsx eller parquet." enum:"csv,xlsx,parquet" default:"csv"`
	Output       string `help:"Filen, der skrives." short:"o" placeholder:"FIL" type:"path"`
}

func (c *exportContactsCommand) Run(ctx context.Context, p *program) error {
	municipality, err := p.municipality(c.Municipality)
	if err != nil {
		return err
	}
	x := reports.Extract{Municipality: municipality, Format: c.Format}
	if c.Round != "" {
		if x.Round, err = p.book.Round(c.Round); err != nil {
			return err
		}
	}
	if c.Output == "" && c.Format != "csv" {
		return usage("Skriv et filnavn med -o, når formatet er %s.", c.Format)
	}
	// Each row is read once, so what the database would keep in memory is never asked for again.
	folder, err := p.open(ctx, ingest.OpenOptions{ReadOnly: true, MemoryMB: min(p.options.MemoryMB, leastMemoryMB)})
	if err != nil {
		return err
	}
	defer folder.Close()
	if x.Round, err = p.roundNow(x.Round); err != nil {
		return err
	}
	w, done, err := p.output(c.Output)
	if err != nil {
		return err
	}
	n, err := reports.ExportContacts(ctx, folder.Store, p.book, x, w)
	if err := done(err); err != nil {
		return err
	}
	fmt.Fprintf(p.stderr, "%s skrevet.\n", count(n, "række", "rækker"))
	return nil
}

type templateCommand struct {
	Output string `help:"Skabelonens filnavn; .csv eller .xlsx." short:"o" required:"" placeholder:"FIL" type:"path"`
}

func (c *templateCommand) Run(p *program) error {
	switch strings.ToLower(filepath.Ext(c.Output)) {
	case ".csv", ".txt", ".xlsx":
	default:
		return usage("Skabelonens navn skal ende på .csv eller .xlsx, så dit regneark kan åbne den.")
	}
	var b bytes.Buffer
	if err := ingest.WriteTemplate(&b, fileFormat(c.Output), p.book); err != nil {
		return err
	}
	w, done, err := p.output(c.Output)
	if err != nil {
		return err
	}
	_, err = b.WriteTo(w)
	return done(err)
}

type kleCommand struct {
	Import kleImportCommand `cmd:"" help:"Indlæs KL's egen KLE-fil (XML)."`
}

type kleImportCommand struct {
	File string `arg:"" name:"fil" type:"path"`
}

func (c *kleImportCommand) Run(ctx context.Context, p *program) error {
	file, _, bad := ingest.OpenFile(c.File)
	if bad != "" {
		return &model.Problem{Code: "kle-file", Message: fmt.Sprintf("%s %s.", c.File, bad)}
	}
	file.Close()
	folder, err := p.writing(ctx)
	if err != nil {
		return err
	}
	defer folder.Close()
	n, published, err := folder.ImportKLE(ctx, c.File, ingest.Decision{At: now()})
	if err != nil {
		return err
	}
	fmt.Fprintf(p.stdout, "KL's emneplan af %s er indlæst med %s.\n", published, count(int64(n), "nummer", "numre"))
	return nil
}
