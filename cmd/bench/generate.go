//go:build unix

package main

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"

	"github.com/xuri/excelize/v2"

	"komhen/model"
	"komhen/model/codebook"
)

// generatorVersion is part of the names of kept files; raise it when the rows change.
const generatorVersion = 1

const header = "kommune;enhed;opgave;kanal;type;afslutning;blanket;dato;start;slut;datakilde;kilde_id;antal;køn;alder;postnummer;henvist\n"

// generator writes rows of 17 columns in layout C, as fast as the disk takes them: contacts of a registration tool in all
// municipalities, timed to the second, each with an id of its own, one in 200 with a fault.
type generator struct {
	municipalities, subjects, units, types [][]byte
	channels                               []channel
	days                                   [][]byte
}

type channel struct {
	code      []byte
	form      bool // Blanket is to be filled in
	immediate bool // may be closed at once without a warning
}

// weights make some channels common; the rest of the codebook's channels weigh 1. WEB takes no unit and is left out.
var weights = map[string]int{"TLFIND": 36, "PRSNLG": 24, "EMLIND": 9, "PPRIND": 8, "PPRUD": 7, "EMLUD": 5, "TLFUD": 5, "DOKUD": 3, "DOCIND": 2}

func newGenerator() (*generator, error) {
	cb, err := codebook.Load()
	if err != nil {
		return nil, err
	}
	g := &generator{}
	for _, m := range cb.Municipalities {
		g.municipalities = append(g.municipalities, []byte(m.CodeText()))
	}
	for _, u := range []string{"Borgerservice", "Ydelse", "Børn", "Teknik", "Jobcenter"} {
		g.units = append(g.units, []byte(u))
	}
	for _, t := range cb.Types {
		g.types = append(g.types, []byte(t.Code))
	}
	round, err := cb.Round("2012F")
	if err != nil {
		return nil, err
	}
	for _, s := range cb.Subjects {
		if s.Packages[round.Edition] != "" {
			g.subjects = append(g.subjects, []byte(s.KLE.String()))
		}
	}
	for _, c := range cb.Channels {
		if c.Form == model.FormFixedNo {
			continue
		}
		for range max(1, weights[c.Code]) {
			g.channels = append(g.channels, channel{[]byte(c.Code), c.Form == model.FormRequired, !c.Written})
		}
	}
	prayerDay := model.NewDate(2012, 5, 4) // a public holiday: telephone and counter are closed
	for d := round.First; d <= round.Last; d++ {
		if w := d.Weekday(); w != 0 && w != 6 && d != prayerDay {
			g.days = append(g.days, []byte(d.String()))
		}
	}
	return g, nil
}

// rows writes n rows; first is the number of the first one, and two ranges that do not overlap share no contact.
func (g *generator) rows(w io.Writer, first, n int) error {
	r := rand.New(rand.NewPCG(20120423, uint64(first)))
	buffer := make([]byte, 0, 1<<20)
	buffer = append(buffer, header...)
	for i := first; i < first+n; i++ {
		buffer = g.row(buffer, r, i)
		if len(buffer) > 1<<20-512 {
			if _, err := w.Write(buffer); err != nil {
				return err
			}
			buffer = buffer[:0]
		}
	}
	_, err := w.Write(buffer)
	return err
}

// bits deals out small numbers from one 64-bit draw.
type bits uint64

func (b *bits) below(n int) int {
	x := int(uint64(*b) % uint64(n))
	*b = bits(uint64(*b) / uint64(n))
	return x
}

func (g *generator) row(b []byte, r *rand.Rand, number int) []byte {
	what, when := bits(r.Uint64()), bits(r.Uint64())
	ch := &g.channels[what.below(len(g.channels))]
	code, unit, subject, kind := ch.code, g.units[what.below(len(g.units))], g.subjects[what.below(len(g.subjects))], g.types[what.below(len(g.types))]
	day, clock := g.days[when.below(len(g.days))], 9*3600+when.below(6*3600)
	closing := "HOLD"
	if ch.immediate && what.below(4) > 0 {
		closing = "STRAKS"
	}
	form := ""
	if ch.form {
		form = [4]string{"JA", "NEJ", "NEJ", "NEJ"}[what.below(4)]
	}
	if when.below(200) == 0 { // one row in 200 has a fault
		switch when.below(6) {
		case 0:
			code = []byte("TLFINN")
		case 1:
			day = []byte("31-02-2012")
		case 2:
			unit = nil
		case 3:
			kind = []byte("RÅD")
		case 4:
			subject = []byte("23-09-2002")
		case 5:
			closing = ""
		}
	}
	b = append(b, g.municipalities[what.below(len(g.municipalities))]...)
	b = append(append(b, ';'), unit...)
	b = append(append(b, ';'), subject...)
	b = append(append(b, ';'), code...)
	b = append(append(b, ';'), kind...)
	b = append(append(b, ';'), closing...)
	b = append(append(b, ';'), form...)
	b = moment(b, day, clock)
	b = moment(b, day, clock-30-when.below(600))
	b = moment(b, day, clock)
	b = append(b, ";Tracetool;K"...)
	b = digits(b, number, 9)
	b = append(b, ";1;"...)
	if what.below(2) == 0 { // the voluntary parameters are asked of every second citizen
		return append(b, ";;;\n"...)
	}
	b = append(b, "KM"[when.below(2)], ';')
	b = digits(b, 15+when.below(80), 2)
	b = append(b, ';')
	b = digits(b, 1000+10*when.below(890), 4)
	return append(b, [2]string{";Ja\n", ";Nej\n"}[when.below(2)]...)
}

func moment(b, day []byte, clock int) []byte {
	b = append(append(b, ';'), day...)
	b = digits(append(b, ' '), clock/3600, 2)
	b = digits(append(b, ':'), clock/60%60, 2)
	return digits(append(b, ':'), clock%60, 2)
}

func digits(b []byte, n, width int) []byte {
	at := len(b) + width
	b = append(b, "000000000"[:width]...)
	for i := 1; i <= width; i++ {
		b[at-i] = byte('0' + n%10)
		n /= 10
	}
	return b
}

// csv gives the path of the file with those rows, and makes it where an earlier run has not.
func (g *generator) csv(dir string, first, n int) (string, error) {
	path := filepath.Join(dir, fmt.Sprintf("contacts-v%d-%d-%d.csv", generatorVersion, first, n))
	return path, once(path, func(f io.Writer) error { return g.rows(f, first, n) })
}

// xlsx is the same rows as a workbook of text cells. It is made in a process of its own: a child's peak memory counts its
// parent's from before it started, and this one must stay small.
func (g *generator) xlsx(dir string, first, n int) (string, error) {
	path := filepath.Join(dir, fmt.Sprintf("contacts-v%d-%d-%d.xlsx", generatorVersion, first, n))
	source, err := g.csv(dir, first, n)
	if err != nil {
		return "", err
	}
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	_, err = child(io.Discard, nil, self, workbookCommand, source, path)
	return path, err
}

const workbookCommand = "workbook"

// workbook runs in a child process: FILE.csv FILE.xlsx.
func workbook(args []string) error {
	in, err := os.Open(args[0])
	if err != nil {
		return err
	}
	defer in.Close()
	return once(args[1], func(w io.Writer) error {
		rows := csv.NewReader(bufio.NewReader(in))
		rows.Comma = ';'
		book := excelize.NewFile()
		defer book.Close()
		sheet, err := book.NewStreamWriter("Sheet1")
		if err != nil {
			return err
		}
		for i := 1; ; i++ {
			record, err := rows.Read()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return err
			}
			values := make([]any, len(record))
			for j, v := range record {
				values[j] = v
			}
			if err := sheet.SetRow(fmt.Sprintf("A%d", i), values); err != nil {
				return err
			}
		}
		if err := sheet.Flush(); err != nil {
			return err
		}
		return book.Write(w)
	})
}

// once makes a file unless it is there, and never leaves half of one under its name.
func once(path string, write func(io.Writer) error) error {
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	f, err := os.CreateTemp(filepath.Dir(path), "half-")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	defer f.Close()
	if err := write(f); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

func thousands(n int) string { return strings.ReplaceAll(model.FormatInt(int64(n)), ".", ",") }
