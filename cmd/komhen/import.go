package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"komhen/ingest"
	"komhen/model"
)

type importCommand struct {
	Files        []string `arg:"" name:"fil" help:"Filer i CSV eller Excel (.xlsx)."`
	Municipality string   `help:"Kommunen, som filen hører til (kode eller navn). Uden flaget gælder hver rækkes egen kommune." placeholder:"KOMMUNE"`
	Source       string   `help:"Datakilde for rækker uden egen, fx Tracetool eller Telefonsystem." placeholder:"NAVN"`
	Kind         string   `help:"registration (registreringer) eller system (systemudtræk, hvor NULL er tilladt). Uden flaget gælder profilens, ellers registration." enum:",registration,system" default:""`
	Test         bool     `help:"Prøvetælling: rækkerne holdes ude af alle tal."`
	DryRun       bool     `help:"Tjek kun; intet bliver indlæst."`
	Strict       bool     `help:"Indlæs ingenting, hvis en række bliver afvist."`
	Mapping      string   `help:"Profil (JSON), der siger, hvad kolonnerne er i en fil, som ikke følger skabelonen." placeholder:"STI" type:"path"`
	Sheet        string   `help:"Arket, der skal indlæses." placeholder:"ARK"`
	FixFile      string   `help:"Hvor de afviste rækker skal skrives hen." placeholder:"STI" type:"path"`
	MaxMB        int64    `help:"Største filstørrelse i MB." default:"8192" name:"max-mb"`
	JSON         bool     `help:"Skriv kvitteringen som JSON." name:"json"`
}

// outcome of one file.
type importOutcome struct{ loaded, rejected, nothing bool }

func (c *importCommand) Run(ctx context.Context, p *program) (err error) {
	if c.small() {
		ballast := make([]byte, 32<<20) // never touched, so it takes no memory; but the heap is not collected at all
		defer runtime.KeepAlive(ballast)
	}
	out := bufio.NewWriterSize(p.stdout, 64<<10)
	list := newReceiptList(out, p.book, c.JSON)
	defer func() { err = errors.Join(err, list.end(), out.Flush()) }() // the document is whole whatever happened
	municipality, err := p.municipality(c.Municipality)
	if err != nil {
		return err
	}
	if c.FixFile != "" && len(c.Files) > 1 {
		return usage("--fix-file gælder én fil ad gangen. Indlæs filerne hver for sig, eller hent rettefilerne bagefter med komhen receipt NUMMER --fix-file STI.")
	}
	profile, err := c.mapping()
	if err != nil {
		return err
	}
	folder, err := p.open(ctx, ingest.OpenOptions{MemoryMB: p.options.MemoryMB, Once: len(c.Files) == 1})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, folder.Close()) }()
	var all importOutcome
	for _, path := range c.Files {
		one, err := c.file(ctx, p, folder, path, municipality, profile, list)
		if err := errors.Join(err, out.Flush()); err != nil { // each receipt is given before the next file is begun
			return err
		}
		all.loaded = all.loaded || one.loaded
		all.rejected = all.rejected || one.rejected
		all.nothing = all.nothing || one.nothing
	}
	switch {
	case all.nothing && !all.loaded:
		p.status = statusNothing
	case all.rejected || all.nothing:
		p.status = statusRejected
	}
	return nil
}

// small tells whether there is so little to read that collecting garbage takes longer than it is worth.
func (c *importCommand) small() bool {
	var sum int64
	for _, path := range c.Files {
		if f, err := os.Stat(path); err == nil {
			sum += f.Size()
		}
	}
	return sum < 16<<20
}

func (c *importCommand) file(ctx context.Context, p *program, folder *ingest.Folder, path string, municipality uint16, profile *ingest.Mapping, list *receiptList) (importOutcome, error) {
	o := ingest.Options{Name: filepath.Base(path), Municipality: municipality, Source: c.Source, Kind: model.Kind(c.Kind), Test: c.Test,
		Sheet: c.Sheet, Mapping: profile, Received: now(), MaxBytes: c.MaxMB << 20}
	file, size, bad := ingest.OpenFile(path)
	if bad != "" {
		u := ingest.PathFault(o, path, bad)
		c.say(p, u)
		return importOutcome{nothing: true}, list.add(ctx, p, u)
	}
	defer file.Close()
	o.Progress = p.progressBar(o.Name, size)
	prepare := folder.Prepare
	if c.DryRun {
		prepare = folder.Check
	}
	u, err := prepare(ctx, file, size, o)
	if err != nil {
		return importOutcome{}, err
	}
	defer u.Discard()
	r := &u.Receipt
	refused := u.Fault != nil || c.Strict && r.Rejected > 0
	if c.DryRun || refused {
		r.Upload = 0
	}
	if err := c.deliver(ctx, p, u, path, refused, list); err != nil {
		return importOutcome{}, err
	}
	return importOutcome{loaded: !refused, rejected: r.Rejected > 0, nothing: refused}, nil
}

// mapping reads the profile that was asked for.
func (c *importCommand) mapping() (*ingest.Mapping, error) {
	if c.Mapping == "" {
		return nil, nil
	}
	file, err := os.Open(c.Mapping)
	if err != nil {
		return nil, usage("Profilen %s kan ikke læses. Se efter, om filens navn og mappe er skrevet rigtigt.", c.Mapping)
	}
	m, err := ingest.ReadMapping(file)
	return m, errors.Join(err, file.Close())
}

// deliver makes the upload permanent and only then gives its receipt. A receipt that needs the open transaction (a dry run, a
// refused file) is read from there.
func (c *importCommand) deliver(ctx context.Context, p *program, u *ingest.Upload, path string, refused bool, list *receiptList) error {
	fix, err := c.writeFixFile(ctx, p, u, path)
	if err != nil {
		return err
	}
	if !c.DryRun && !refused {
		if err := u.Commit(ctx); err != nil {
			if fix != "" {
				os.Remove(fix)
			}
			return err
		}
		ctx = context.WithoutCancel(ctx) // what has been loaded gets its receipt
	}
	if err := list.add(ctx, p, u); err != nil {
		if u.Receipt.Upload != 0 {
			err = &model.Problem{Code: "receipt-unwritten", Err: err, Message: fmt.Sprintf(
				"Filen er indlæst som indmelding %d, men kvitteringen kunne ikke skrives. Se den med komhen receipt %d.", u.Receipt.Upload, u.Receipt.Upload)}
		}
		return err
	}
	c.say(p, u)
	if fix != "" {
		fmt.Fprintf(p.stderr, "De afviste rækker ligger i %s. Ret dem der, og indlæs filen igen med komhen import.\n", fix)
	}
	return nil
}

// writeFixFile writes the rejected rows beside where the user works, unless the file says where. A dry run and a refused file
// write one only when asked.
func (c *importCommand) writeFixFile(ctx context.Context, p *program, u *ingest.Upload, path string) (string, error) {
	target := c.FixFile
	if u.Fault != nil || u.Receipt.Rejected == 0 || target == "" {
		return "", nil
	}
	w, done, err := p.output(target)
	if err != nil {
		return "", err
	}
	return target, done(u.WriteFixFile(ctx, w, fileFormat(target)))
}

func fileFormat(path string) string {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".xlsx":
		return "xlsx"
	case ".parquet":
		return "parquet"
	case ".json":
		return "json"
	}
	return "csv"
}

func dirOf(path string) string { return filepath.Dir(path) }

// say gives the receipt in words on stderr.
func (c *importCommand) say(p *program, u *ingest.Upload) {
	if c.JSON {
		return
	}
	r := u.Receipt
	if u.Fault != nil {
		if u.Sentence != "" {
			fmt.Fprintln(p.stderr, u.Sentence)
		} else {
			fmt.Fprintf(p.stderr, "%s: %s\n", r.File, p.book.MessageOf(*u.Fault))
		}
		return
	}
	if r.Rejected > 0 && c.FixFile == "" && r.Upload != 0 {
		fmt.Fprintf(p.stderr, "Hent de afviste rækker til rettelse med: komhen receipt %d --fix-file ret.csv\n", r.Upload)
	}
	if r.Withheld > 0 && r.Upload != 0 && r.Bag == r.Upload {
		fmt.Fprintf(p.stderr, "Er de tilbageholdte rækker yderligere henvendelser og ikke gentagelser, så skriv: komhen further %d\n", r.Upload)
	}
	if c.Strict && r.Rejected > 0 {
		fmt.Fprintf(p.stderr, "Intet er indlæst, fordi %s blev afvist og --strict er valgt.\n", count(r.Rejected, "række", "rækker"))
	}
}

// progressBar shows how far a large file has come, on a terminal only.
func (p *program) progressBar(name string, size int64) func(done, total int64) {
	f, ok := p.stderr.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) || size < 4<<20 {
		return nil
	}
	bar := progressbar.NewOptions64(size, progressbar.OptionSetWriter(f), progressbar.OptionSetDescription(name),
		progressbar.OptionShowBytes(true), progressbar.OptionClearOnFinish(), progressbar.OptionThrottle(100_000_000))
	return func(done, _ int64) { _ = bar.Set64(done) }
}

// receiptList writes receipts, as text or as the one JSON document {"uploads":[…]}. Findings are streamed.
type receiptList struct {
	w       *bufio.Writer
	book    *model.Codebook
	json    bool
	started bool
}

func newReceiptList(w *bufio.Writer, book *model.Codebook, asJSON bool) *receiptList {
	return &receiptList{w: w, book: book, json: asJSON}
}

func (l *receiptList) add(ctx context.Context, p *program, u *ingest.Upload) error {
	if u.Fault != nil && !l.json {
		return nil // what is wrong with the file is said on stderr
	}
	return l.write(ctx, u.Full())
}

func (l *receiptList) write(ctx context.Context, r ingest.FullReceipt) error {
	if !l.json {
		if l.started {
			l.w.WriteByte('\n')
		}
		l.started = true
		return writeReceiptText(ctx, l.w, l.book, r)
	}
	if !l.started {
		io.WriteString(l.w, `{"uploads":[`)
	} else {
		io.WriteString(l.w, ",")
	}
	l.started = true
	return r.WriteJSON(ctx, l.w)
}

func (l *receiptList) end() error {
	if !l.json {
		return nil
	}
	if !l.started {
		io.WriteString(l.w, `{"uploads":[`)
	}
	_, err := io.WriteString(l.w, "]}\n")
	return err
}

func count(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return model.FormatInt(n) + " " + many
}
