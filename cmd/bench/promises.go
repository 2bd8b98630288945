//go:build unix

package main

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// storedStep is how many rows are loaded at a time to fill a large folder.
const storedStep = 5_000_000

// load: the large file into an empty folder, and the same file again.
func (b *bench) load() error {
	if b.readCSV.wall == 0 {
		if err := b.duckdb(); err != nil {
			return err
		}
	}
	file, err := b.gen.csv(b.cache, 0, b.rows)
	if err != nil {
		return err
	}
	data, drop, err := b.folder()
	if err != nil {
		return err
	}
	defer drop()
	first, r, err := b.importFile(data, file)
	if err != nil {
		return err
	}
	if share := float64(r.Rejected) / float64(b.rows); r.Accepted+r.Rejected != b.rows || share < 0.004 || share > 0.006 {
		return fmt.Errorf("%d accepted and %d rejected of %d rows", r.Accepted, r.Rejected, b.rows)
	}
	b.first = first
	b.judge("komhen import, the same file, to read_csv (aim 0.33)", first, over(first.wall, b.readCSV.wall), 0.5, "")
	b.judge("  its peak memory", first, first.peakMB, 700, "MB")
	again, r2, err := b.importFile(data, file)
	if err != nil {
		return err
	}
	if r2.Withheld != r.Accepted || r2.Accepted != 0 {
		return fmt.Errorf("the same file again: %d withheld, %d accepted", r2.Withheld, r2.Accepted)
	}
	b.judge("komhen import, the same file again, to the first time", again, over(again.wall, first.wall), 1, "")
	return nil
}

// needFirst measures the large file where it was not asked for by itself.
func (b *bench) needFirst() error {
	if b.first.wall > 0 {
		return nil
	}
	return b.load()
}

// memory: four times the rows, a fifth more memory at most.
func (b *bench) memory() error {
	if err := b.needFirst(); err != nil {
		return err
	}
	file, err := b.gen.csv(b.cache, 0, 4*b.rows)
	if err != nil {
		return err
	}
	data, drop, err := b.folder()
	if err != nil {
		return err
	}
	defer drop()
	u, _, err := b.importFile(data, file)
	if err != nil {
		return err
	}
	b.judge(fmt.Sprintf("komhen import, %s rows: peak to that of %s", thousands(4*b.rows), thousands(b.rows)), u, u.peakMB/b.first.peakMB, 1.2, "")
	return nil
}

// stored: new rows into a folder that holds ten times as many.
func (b *bench) stored() error {
	if err := b.needFirst(); err != nil {
		return err
	}
	data, drop, err := b.folder()
	if err != nil {
		return err
	}
	defer drop()
	if err := b.fill(data, 0, 10*b.rows); err != nil {
		return err
	}
	file, err := b.gen.csv(b.work, 10*b.rows, b.rows)
	if err != nil {
		return err
	}
	u, r, err := b.importFile(data, file)
	if err != nil {
		return err
	}
	if r.Withheld != 0 {
		return fmt.Errorf("%d of the new rows were withheld", r.Withheld)
	}
	b.judge(fmt.Sprintf("komhen import, %s new rows against %s, to the first time", thousands(b.rows), thousands(10*b.rows)), u, over(u.wall, b.first.wall), 1.5, "")
	return os.Remove(file)
}

// fill loads rows without measuring; its files are not kept.
func (b *bench) fill(data string, first, n int) error {
	for at := first; at < first+n; at += storedStep {
		file, err := b.gen.csv(b.work, at, min(storedStep, first+n-at))
		if err != nil {
			return err
		}
		if _, _, err := b.importFile(data, file); err != nil {
			return err
		}
		if err := os.Remove(file); err != nil {
			return err
		}
	}
	return nil
}

// small: the usual file. Its receipt may take twice what listing the uploads takes, and five plain readings of the file.
func (b *bench) small() error {
	const rows, runs = 20_000, 5
	data, drop, err := b.folder()
	if err != nil {
		return err
	}
	defer drop()
	if err := b.fill(data, 1_000*rows, rows); err != nil { // a folder in use, not its very first upload
		return err
	}
	var file string
	took, err := median(runs, func(i int) (usage, error) {
		if file, err = b.gen.csv(b.cache, (1_001+i)*rows, rows); err != nil {
			return usage{}, err
		}
		u, _, err := b.importFile(data, file)
		return u, err
	})
	if err != nil {
		return err
	}
	list, err := median(runs, func(int) (usage, error) { return child(io.Discard, nil, b.program, "--data", data, "uploads") })
	if err != nil {
		return err
	}
	read, err := median(runs, func(int) (usage, error) { return plainRead(file) })
	if err != nil {
		return err
	}
	show("komhen uploads", list)
	show(fmt.Sprintf("encoding/csv reads %s rows", thousands(rows)), read)
	allowed := 2*list.wall + 5*read.wall
	b.judge(fmt.Sprintf("komhen import, %s rows, to 2 x uploads + 5 x csv", thousands(rows)), took, over(took.wall, allowed), 1, "")
	return nil
}

func plainRead(file string) (usage, error) {
	begin := time.Now()
	f, err := os.Open(file)
	if err != nil {
		return usage{}, err
	}
	defer f.Close()
	r := csv.NewReader(bufio.NewReader(f))
	r.Comma = ';'
	for {
		if _, err := r.Read(); errors.Is(err, io.EOF) {
			return usage{wall: time.Since(begin)}, nil
		} else if err != nil {
			return usage{}, err
		}
	}
}

// xlsx: a workbook to its CSV twin.
func (b *bench) xlsx() error {
	const rows, first = 100_000, 900_000_000
	took := map[string]usage{}
	for _, make := range []func(string, int, int) (string, error){b.gen.csv, b.gen.xlsx} {
		file, err := make(b.cache, first, rows)
		if err != nil {
			return err
		}
		u, err := median(3, func(int) (usage, error) {
			data, drop, err := b.folder()
			if err != nil {
				return usage{}, err
			}
			defer drop()
			u, _, err := b.importFile(data, file)
			return u, err
		})
		if err != nil {
			return err
		}
		took[filepath.Ext(file)] = u
	}
	show(fmt.Sprintf("komhen import, %s rows, csv", thousands(rows)), took[".csv"])
	b.judge(fmt.Sprintf("komhen import, %s rows, xlsx, to csv", thousands(rows)), took[".xlsx"], over(took[".xlsx"].wall, took[".csv"].wall), 8, "")
	return nil
}

// extract: contacts as a workbook, in little memory.
func (b *bench) extract() error {
	const rows = 503_000 // so many that 500,000 are left without the faulty ones
	data, drop, err := b.folder()
	if err != nil {
		return err
	}
	defer drop()
	if err := b.fill(data, 800_000_000, rows); err != nil {
		return err
	}
	u, err := child(io.Discard, nil, b.program, "--data", data, "export", "contacts", "--round", "2012F", "--format", "xlsx", "-o", filepath.Join(data, "extract.xlsx"))
	if err != nil {
		return err
	}
	b.judge("komhen export contacts, 500,000 rows, xlsx: peak memory", u, u.peakMB, 150, "MB")
	return nil
}

// reports: each over ten million contacts. A query's time is the command's less that of `komhen uploads`, which starts
// and opens the same folder.
func (b *bench) reports() error {
	const contacts = 10_000_000
	data, drop, err := b.folder()
	if err != nil {
		return err
	}
	defer drop()
	if err := b.fill(data, 0, contacts); err != nil {
		return err
	}
	base, err := median(5, func(int) (usage, error) { return child(io.Discard, nil, b.program, "--data", data, "uploads") })
	if err != nil {
		return err
	}
	show(fmt.Sprintf("komhen uploads, with %s contacts", thousands(contacts)), base)
	type report struct {
		name string
		args []string
	}
	var list []report
	for _, name := range []string{"channels", "subjects", "types", "closings", "forms", "channel-by-subject", "days", "trend", "digital-share", "ranking"} {
		list = append(list, report{name, nil})
	}
	for _, name := range []string{"channels", "channel-by-subject", "units"} {
		list = append(list, report{name, []string{"--municipality", "461"}})
	}
	for _, r := range list {
		args := append([]string{"--data", data, "report", r.name, "--round", "2012F", "--format", "json"}, r.args...)
		u, err := median(3, func(int) (usage, error) { return child(io.Discard, nil, b.program, args...) })
		if err != nil {
			return err
		}
		query := max(0, u.wall-base.wall)
		what := "report " + r.name
		if len(r.args) > 0 {
			what += ", one municipality"
		}
		b.judge(fmt.Sprintf("%s: %.2f s of query", what, query.Seconds()), u, query.Seconds(), 0.3, "s")
	}
	return nil
}
