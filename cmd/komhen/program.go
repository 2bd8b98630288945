package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"komhen/ingest"
	"komhen/model"
	"komhen/model/codebook"
)

// Exit statuses (contract.md).
const (
	statusDone      = 0
	statusFailed    = 1
	statusUsage     = 2
	statusRejected  = 3
	statusNothing   = 4
	statusDataInUse = 5
)

// leastMemoryMB is what the database needs to do anything at all.
const leastMemoryMB = 64

// program is one run of the command line. Tests make one with their own streams.
type program struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	book           *model.Codebook
	options        options
	status         int // what a command that went well exits with
}

// options are the flags every command has.
type options struct {
	Data     string `help:"Mappen med alle data." env:"KOMHEN_DATA" default:"komhen-data" type:"path" placeholder:"MAPPE"`
	MemoryMB int    `help:"Grænse for databasens hukommelse i MB." env:"KOMHEN_MEMORY_MB" default:"256" name:"memory-mb"`
	Chromium string `help:"Browseren, der laver PDF. Uden flaget en, der er installeret; none er ingen." env:"KOMHEN_CHROMIUM" placeholder:"PROGRAM"`
	Verbose  bool   `help:"Skriv også detaljer om fejl til loggen." short:"v"`
}

type commands struct {
	options

	Import         importCommand         `cmd:"" help:"Tjek og indlæs filer (CSV eller Excel)."`
	Uploads        uploadsCommand        `cmd:"" help:"Vis alle indmeldinger."`
	Receipt        receiptCommand        `cmd:"" help:"Vis kvitteringen for en indmelding."`
	Undo           undoCommand           `cmd:"" help:"Fortryd en indmelding."`
	Redo           redoCommand           `cmd:"" help:"Bring en fortrudt indmelding tilbage."`
	Further        furtherCommand        `cmd:"" help:"Sig, at en indmeldings rækker er yderligere henvendelser og ikke gentagelser."`
	Approve        approveCommand        `cmd:"" help:"Godkend en kommunes tal for en runde."`
	Reopen         reopenCommand         `cmd:"" help:"Gør en godkendt runde foreløbig igen."`
	Report         reportCommand         `cmd:"" help:"Vis en rapport; report list viser dem alle."`
	RoundReport    roundReportCommand    `cmd:"" name:"round-report" help:"Lav runderapporten som PDF eller HTML."`
	Benchmark      benchmarkCommand      `cmd:"" help:"Lav benchmark-projektmappen til Excel."`
	Verify         verifyCommand         `cmd:"" help:"Se, om en projektmappe stadig er den, vi skrev."`
	Export         exportCommand         `cmd:"" help:"Træk rækkerne ud."`
	Totals         totalsCommand         `cmd:"" help:"Total-tal: alle henvendelser for hver kanal."`
	Template       templateCommand       `cmd:"" help:"Lav den tomme skabelon."`
	Codebook       codebookCommand       `cmd:"" help:"Vis kodebogen."`
	Rules          rulesCommand          `cmd:"" help:"Vis alle regler."`
	Rounds         roundsCommands        `cmd:"" help:"Vis tællerunderne, eller sæt en rundes datoer."`
	Municipalities municipalitiesCommand `cmd:"" help:"Vis kommunerne."`
	KLE            kleCommand            `cmd:"" name:"kle" help:"KL's emneplan."`
	Central        centralCommand        `cmd:"" help:"Statistik, som KL har for mange kommuner på én gang."`
	Klik           klikCommand           `cmd:"" help:"KLIK-opgaver: indlæs, tjek, status og rapporter, driftsstatus og klarmelding."`
	Demo           demoCommand           `cmd:"" help:"Fyld en tom datamappe med en opdigtet runde."`
	Serve          serveCommand          `cmd:"" help:"Start tjenesten: sider i browseren og API."`
	Backup         backupCommand         `cmd:"" help:"Tag en sikkerhedskopi af datamappen."`
	Restore        restoreCommand        `cmd:"" help:"Hent en sikkerhedskopi frem."`
	Rebuild        rebuildCommand        `cmd:"" help:"Lav databasen igen ud fra de gemte filer og journalen."`
	Check          checkCommand          `cmd:"" help:"Tjek, at alt i datamappen passer sammen."`
}

// run parses the command line, runs the command, and gives the exit status. What goes wrong is said on stderr, in Danish.
func (p *program) run(ctx context.Context, args []string) int {
	var c commands
	exited := -1
	parser, err := kong.New(&c, kong.Name("komhen"), kong.Description("Tælleuger efter KOMHEN 2.0: indlæs, tjek, tæl én gang, og få tallene tilbage."),
		kong.Help(printHelp), kong.Writers(p.stdout, p.stderr), kong.Exit(func(code int) { exited = code }), kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(p))
	if err != nil {
		return p.fail(err)
	}
	command, err := parser.Parse(args)
	if exited >= 0 { // --help
		return exited
	}
	if err != nil {
		fmt.Fprintln(p.stderr, inDanish(err))
		return statusUsage
	}
	p.options = c.options
	level := slog.LevelError + 1
	if c.Verbose {
		level = slog.LevelDebug
	}
	slog.SetDefault(slog.New(slog.NewTextHandler(p.stderr, &slog.HandlerOptions{Level: level})))
	if c.MemoryMB < leastMemoryMB {
		return p.fail(usage("Databasen skal have mindst %d MB hukommelse (--memory-mb).", leastMemoryMB))
	}
	if p.book, err = codebook.Load(); err != nil {
		return p.fail(err)
	}
	err = command.Run()
	var known *model.Problem
	if err != nil && ctx.Err() != nil && (!errors.As(err, &known) || known.Code != "receipt-unwritten") {
		err = ctx.Err() // whatever the interrupt looked like further down
	}
	if err != nil {
		return p.fail(err)
	}
	return p.status
}

// commandFor names the command that helps with a problem whose message pages show too.
var commandFor = map[string]string{
	"upload-unknown":    "Se dem alle med komhen uploads.",
	"kept-file-missing": "Hent en sikkerhedskopi frem i en tom mappe med komhen restore.",
	"kept-file-changed": "Hent en sikkerhedskopi frem i en tom mappe med komhen restore.",
	"database":          "Kør komhen check.",
}

// fail says what went wrong and gives the status it stands for.
func (p *program) fail(err error) int {
	slog.Error("command failed", "error", err)
	var problem *model.Problem
	switch {
	case errors.As(err, &problem):
		fmt.Fprintln(p.stderr, strings.TrimSpace(problem.Message+" "+commandFor[problem.Code]))
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		fmt.Fprintln(p.stderr, "Disken er fuld. Der er ikke ændret noget; skaf plads, og prøv igen.")
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(p.stderr, "Afbrudt. Det, der var i gang, har ikke ændret noget.")
	default:
		fmt.Fprintln(p.stderr, "Noget gik galt inde i programmet. Det, der var i gang, har ikke ændret noget. Kør igen med --verbose for detaljer.")
	}
	return p.statusOf(err)
}

// statusOf is the exit status an error stands for.
func (p *program) statusOf(err error) int {
	var problem *model.Problem
	if !errors.As(err, &problem) {
		return statusFailed
	}
	switch code := problem.Code; code {
	case "data-in-use":
		return statusDataInUse
	case "usage", "round-unknown", "round-invalid", "municipality-unknown", "municipality-needed", "upload-unknown", "report-unknown", "weeks-unknown", "types-unknown",
		"group-unknown", "format-unknown", "nothing-to-do", "not-a-bag", "data-empty", "data-not-empty", "no-contacts", "benchmark-empty",
		"central-what", "central-day", "central-round", "central-fix", "delivery-unknown", "mail-settings", "klik-filter", "klik-thresholds", "klik-template-round", "klik-template-golive", "klik-template-taken", "backup-empty", "backup-differs", "mapping-unreadable", "mapping-invalid", "system-unknown", "klik-task-unknown", "klik-export-none", "klik-export-whose":
		return statusUsage
	default:
		if strings.HasPrefix(code, "kle-") || code == "totals-file" || code == "central-empty" || code == "klik-file" {
			return statusNothing // the file was not what it should be
		}
	}
	return statusFailed
}

func usage(format string, args ...any) error {
	return &model.Problem{Code: "usage", Message: fmt.Sprintf(format, args...)}
}

// writing opens the data folder to change it.
func (p *program) writing(ctx context.Context) (*ingest.Folder, error) {
	return p.open(ctx, ingest.OpenOptions{MemoryMB: p.options.MemoryMB})
}

// reading opens the data folder beside other readers.
func (p *program) reading(ctx context.Context) (*ingest.Folder, error) {
	return p.open(ctx, ingest.OpenOptions{ReadOnly: true, MemoryMB: p.options.MemoryMB})
}

// open opens the data folder. From then on the program's codebook is the folder's, which knows the rounds that were declared there.
func (p *program) open(ctx context.Context, o ingest.OpenOptions) (*ingest.Folder, error) {
	folder, err := ingest.Open(ctx, p.options.Data, p.book, o)
	if err == nil {
		p.book = folder.Book
	}
	return folder, err
}

// roundNow is a round that was named before the data folder was open, as it stands in the folder; "" stays no round.
func (p *program) roundNow(r model.Round) (model.Round, error) {
	if r.Name == "" {
		return r, nil
	}
	return p.book.Round(r.Name)
}

// municipality reads a --municipality flag: a code or a name; "" is 0.
func (p *program) municipality(text string) (uint16, error) {
	if text == "" {
		return 0, nil
	}
	code := p.book.MunicipalityCode(text)
	if code == 0 {
		return 0, &model.Problem{Code: "municipality-unknown", Message: fmt.Sprintf("Kommunen %q kendes ikke. Skriv en kommunekode eller et navn; komhen municipalities viser dem alle.", text)}
	}
	return code, nil
}

// output opens what -o names, or stdout for "" and "-". done must be called with the outcome; a file that could not be finished is
// taken away again.
func (p *program) output(path string) (w io.Writer, done func(error) error, err error) {
	if path == "" || path == "-" {
		return p.stdout, func(err error) error { return err }, nil
	}
	temp, err := os.CreateTemp(dirOf(path), ".komhen-*")
	if err != nil {
		return nil, nil, &model.Problem{Code: "output", Message: fmt.Sprintf("Filen %s kan ikke skrives.", path), Err: err}
	}
	return temp, func(outcome error) error {
		err := errors.Join(outcome, temp.Close())
		if err == nil {
			err = os.Chmod(temp.Name(), 0o644)
		}
		if err == nil {
			err = os.Rename(temp.Name(), path)
		}
		if err != nil {
			os.Remove(temp.Name())
			if outcome == nil {
				err = &model.Problem{Code: "output", Message: fmt.Sprintf("Filen %s kan ikke skrives.", path), Err: err}
			}
		}
		return err
	}, nil
}

func now() time.Time { return time.Now() }
