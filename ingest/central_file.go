package ingest

import (
	"context"
	"encoding/csv"
	"errors"
	"io"
	"strconv"
	"strings"

	"komhen/model"
	"komhen/queries"
)

// partColumns are the columns of a part's file that it always has; mandatory ones first.
var partColumns = []struct {
	name string
	is   parameter
}{{"enhed", pUnit}, {"opgave", pSubject}, {"kanal", pChannel}, {"type", pType}, {"afslutning", pClosing}, {"blanket", pForm}, {"dato", pDate},
	{"datakilde", pSource}, {"systemudtræk", pSystem}}

// partExtras are those that it has where the delivery does.
var partExtras = []struct {
	name string
	is   parameter
}{{"start", pStart}, {"slut", pEnd}, {"kilde_id", pID}, {"antal", pAmount}}

// WritePart writes a municipality's rows of a delivery in our layout, rejected ones too: as csv with a byte order mark, ready to be
// given units and sent back. An Enhed that is not there is NULL, which a system extract may leave.
func (f *Folder) WritePart(ctx context.Context, number uint64, municipality uint16, w io.Writer) error {
	c, err := f.Store.Central(ctx, number)
	if err != nil {
		return err
	}
	if c.Part(municipality) == nil {
		return &model.Problem{Code: "delivery-unknown", Message: "Den centrale levering har ingen rækker for kommunen."}
	}
	o := f.partOptions(c, municipality)
	file, size, bad := OpenFile(f.path(o.kept.name))
	if bad != "" {
		return &model.Problem{Code: "kept-file-missing", Message: "Den gemte fil mangler på serveren. Sig det til driften.", Err: errors.New(o.kept.name + " " + bad)}
	}
	defer file.Close()
	o.MaxBytes = max(size, 1)
	in, err := open(file, size, o)
	if err != nil {
		return err
	}
	plan, err := readHeader(in.header)
	if err != nil {
		return err
	}
	p := &partFile{w: csv.NewWriter(&bomWriter{w: w}), source: c.What,
		check: newChecker(&terms{book: f.Book, plan: plan, municipality: municipality, source: c.What, kind: model.System, sources: newSourceList(nil), unitNames: newUnitNames(nil, mostUnitNames), central: true, part: true})}
	p.w.Comma, p.w.UseCRLF = ';', true
	if err := p.header(); err != nil {
		return err
	}
	row := func(cells []string, line int64) error {
		if emptyRow(cells) {
			return nil
		}
		return errors.Join(ctx.Err(), p.row(cells, line))
	}
	if in.book != nil {
		err = in.book.Rows(in.sheet.Name, func(number int, cells []string) error {
			own := make([]string, max(len(cells), len(in.header)))
			copy(own, cells)
			return row(own, int64(number))
		})
	} else {
		err = readText(in, func(cells []string) error { return row(cells, 0) })
	}
	if err != nil {
		return err
	}
	p.w.Flush()
	return p.w.Error()
}

// partFile writes a part's rows as they came, under our names.
type partFile struct {
	w      *csv.Writer
	check  *checker
	source string
	extras []parameter
}

func (p *partFile) header() error {
	names := []string{"kommune"}
	for _, c := range partColumns {
		names = append(names, c.name)
	}
	for _, c := range partExtras {
		if p.check.plan.has(c.is) {
			names, p.extras = append(names, c.name), append(p.extras, c.is)
		}
	}
	return p.write(append(names, p.check.plan.names...))
}

func (p *partFile) row(cells []string, line int64) error {
	c := p.check
	if *c.row = (queries.Row{}); len(cells) > 0 {
		c.check(cells, line)
	}
	if c.others { // another municipality's, the header, or a row that is nobody's
		return nil
	}
	out := []string{strconv.Itoa(int(c.municipality))}
	for _, column := range partColumns {
		text, _ := c.cell(cells, column.is)
		switch {
		case column.is == pUnit && text == "" && c.row.Channel != c.book.ChannelID("WEB"):
			text = null
		case column.is == pSource && (text == "" || strings.EqualFold(text, null)):
			text = p.source
		case column.is == pSystem:
			text = "JA"
		}
		out = append(out, text)
	}
	for _, is := range p.extras {
		text, _ := c.cell(cells, is)
		out = append(out, text)
	}
	for _, i := range c.plan.locals {
		out = append(out, plain(cells[i]))
	}
	return p.write(out)
}

// write writes cells that no spreadsheet takes for formulas and that hold no person's number.
func (p *partFile) write(cells []string) error {
	for i, text := range cells {
		text, _ = model.MaskCPR(strings.ToValidUTF8(text, "\uFFFD"), true)
		cells[i] = model.SafeText(text)
	}
	return p.w.Write(cells)
}
