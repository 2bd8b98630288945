//go:build unix

// Command bench measures what the service promises about speed and memory, as ratios taken in one run: DuckDB's own
// read_csv is the yardstick, measured on the same file on the same machine. `make bench` runs it.
//
// Danger: it fills the temporary folder with gigabytes. Data folders are removed afterwards; generated files are kept in
// komhen-bench for the next run. Nothing else may run on the machine meanwhile, or the seconds (less so the ratios) are noise.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

func main() {
	if len(os.Args) > 1 {
		if work := map[string]func([]string) error{yardstickCommand: yardstick, workbookCommand: workbook,
			cubeFillCommand: cubeFill, cubeRefreshCommand: cubeRefresh, cubeAskCommand: cubeAsk, klikCommand: klikAsk}[os.Args[1]]; work != nil {
			if err := work(os.Args[2:]); err != nil { // a child process of this program
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
			return
		}
	}
	var b bench
	var all bool
	var only string
	flag.IntVar(&b.rows, "rows", 5_000_000, "rows of the large file")
	flag.StringVar(&b.program, "bin", "bin/komhen", "the program to measure")
	flag.BoolVar(&all, "all", false, "also what takes long: memory, stored, reports, cube")
	flag.StringVar(&only, "only", "", "measure only this: "+strings.Join(names(), ", "))
	flag.DurationVar(&b.within, "within", 10*time.Minute, "in which the files of deadline night come")
	flag.IntVar(&b.files, "files", 98, "how many files come on deadline night")
	flag.Parse()
	if flag.NArg() > 0 || b.rows < 1000 || b.rows > 50_000_000 || only != "" && find(only) == nil {
		flag.Usage()
		os.Exit(2)
	}
	if err := b.run(all, only); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// measurement is one group of lines of the printed table.
type measurement struct {
	name string
	long bool // only with -all, or by name
	run  func(*bench) error
}

func measurements() []measurement {
	return []measurement{
		{"duckdb", false, (*bench).duckdb},
		{"load", false, (*bench).load},
		{"small", false, (*bench).small},
		{"xlsx", false, (*bench).xlsx},
		{"extract", false, (*bench).extract},
		{"memory", true, (*bench).memory},
		{"stored", true, (*bench).stored},
		{"reports", true, (*bench).reports},
		{"service", true, (*bench).service},
		{"cube", true, (*bench).cube},
		{"klik", false, (*bench).klik},
	}
}

func names() (list []string) {
	for _, m := range measurements() {
		list = append(list, m.name)
	}
	return list
}

func find(name string) *measurement {
	for _, m := range measurements() {
		if m.name == name {
			return &m
		}
	}
	return nil
}

// bench is one run. What an early measurement finds, later ones compare with.
type bench struct {
	rows    int
	program string
	cache   string // generated files, kept
	work    string // data folders, removed
	gen     *generator
	within  time.Duration // in which the files of deadline night come
	files   int           // how many come

	readCSV, first usage // DuckDB's best, and the first import of the large file; zero until measured
	failed         int
}

func (b *bench) run(all bool, only string) error {
	if only != "duckdb" {
		if _, err := os.Stat(b.program); err != nil {
			return fmt.Errorf("%s is not there; make build makes it", b.program)
		}
	}
	b.cache = filepath.Join(os.TempDir(), "komhen-bench")
	if err := os.MkdirAll(b.cache, 0o755); err != nil {
		return err
	}
	var err error
	if b.work, err = os.MkdirTemp("", "komhen-bench-data-"); err != nil {
		return err
	}
	defer os.RemoveAll(b.work)
	if b.gen, err = newGenerator(); err != nil {
		return err
	}
	printHeader()
	for _, m := range measurements() {
		if only == m.name || only == "" && (all || !m.long) {
			if err := m.run(b); err != nil {
				return fmt.Errorf("%s: %w", m.name, err)
			}
		}
	}
	if b.failed > 0 {
		fmt.Printf("\n%d of the targets were missed.\n", b.failed)
	}
	return nil
}
