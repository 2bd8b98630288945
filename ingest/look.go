package ingest

import (
	"context"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"

	"komhen/ingest/workbook"
	"komhen/model"
)

// Preview is a first look at a file: what a person needs to see to say which column is which. Every cell is valid text of a readable
// length with CPR-shaped values masked.
type Preview struct {
	Fault                              *model.Finding // why it cannot be read as a table; the rest is then empty, but for Sheets
	Format, Encoding, Delimiter, Sheet string         // as in a receipt
	Sheets                             []string       // of a workbook, those with data
	Layout                             string         // of ours, "" when it is in none of them
	FixFile                            bool           // it mends an upload, and needs no profile
	Header                             []string
	Fingerprint                        string          // of the header; see Mapping.Fits
	Rows                               [][]string      // the first 20 with anything in them
	Columns                            []PreviewColumn // beside Header, from the first 5,000 rows
	Proposal                           Mapping         // a profile to begin from; Validate tells what is missing
}

// PreviewColumn is what stands in a column.
type PreviewColumn struct {
	Filled int      // cells with anything in them
	Values []string // its different values in order, nil when there are more than 200
	counts map[string]int
}

const (
	rowsShown      = 20
	rowsLookedAt   = 5_000
	valuesLookedAt = 200
)

// Look reads the beginning of a file. It needs no turn and changes nothing. Of the options only Name, Sheet and MaxBytes matter.
func (f *Folder) Look(ctx context.Context, r io.ReaderAt, size int64, o Options) (*Preview, error) {
	if o.MaxBytes == 0 {
		o.MaxBytes = DefaultMaxBytes
	}
	p := &Preview{}
	in, err := open(r, size, o)
	if stop := fileFault(err); stop != nil {
		p.Fault = f.faultFinding(stop)
		if book, err := workbook.Open(r, size, maxExpanded); err == nil {
			p.Sheets = sheetNames(book)
		}
		return p, nil
	}
	if err != nil {
		return nil, err
	}
	p.Format, p.Encoding, p.Delimiter = "csv", in.encoding.String(), string(in.comma)
	if in.book != nil {
		p.Format, p.Encoding, p.Delimiter, p.Sheet, p.Sheets = "xlsx", "", "", in.sheet.Safe, sheetNames(in.book)
	}
	if plan, err := readHeader(in.header); err == nil {
		p.Layout = plan.layout
	}
	folded := foldedHeader(in.header)
	p.FixFile = slices.Contains(folded, model.Fold(FixColumns[0])) && slices.Contains(folded, model.Fold(FixColumns[1]))
	blank, _, err := newPlan(in.header)
	if stop := fileFault(err); stop != nil {
		p.Fault = f.faultFinding(stop)
		return p, nil
	}
	p.Header, p.Fingerprint = blank.columns, Fingerprint(in.header)
	for i, name := range p.Header {
		p.Header[i] = shown(name)
	}
	p.Columns = make([]PreviewColumn, len(p.Header))
	if err := p.read(ctx, in); err != nil {
		if stop := fileFault(err); stop != nil {
			return &Preview{Fault: f.faultFinding(stop), Sheets: p.Sheets}, nil
		}
		return nil, err
	}
	for i := range p.Columns {
		if c := &p.Columns[i]; len(c.counts) <= valuesLookedAt {
			c.Values = slices.Sorted(maps.Keys(c.counts))
		}
	}
	p.Proposal = (&proposer{book: f.Book, Preview: p}).propose()
	return p, nil
}

func sheetNames(book *workbook.Book) (names []string) {
	for _, s := range book.Sheets() {
		if s.HasData {
			names = append(names, s.Safe)
		}
	}
	return names
}

// shown is a cell as a page may show it.
func shown(cell string) string {
	masked, _ := model.MaskCPR(show(strings.Clone(plain(cell))), false)
	return masked
}

// read takes the first rows in.
func (p *Preview) read(ctx context.Context, in *opened) error {
	seen := 0
	row := func(cells []string) error {
		if emptyRow(cells) || slices.Equal(cells, in.header) {
			return nil
		}
		if seen++; seen > rowsLookedAt {
			return errFound
		}
		list := make([]string, len(p.Header))
		for i := range list {
			if i < len(cells) {
				list[i] = shown(cells[i])
			}
			p.Columns[i].add(list[i])
		}
		if len(p.Rows) < rowsShown {
			p.Rows = append(p.Rows, list)
		}
		return ctx.Err()
	}
	err := error(nil)
	if in.book != nil {
		err = in.book.Rows(in.sheet.Name, func(_ int, cells []string) error { return row(cells) })
	} else {
		err = readText(in, row)
	}
	if errors.Is(err, errFound) {
		return nil
	}
	return err
}

func readText(in *opened, row func([]string) error) error {
	return eachRecord(in, func(rec *record) error { return row(rec.cells) })
}

func (c *PreviewColumn) add(cell string) {
	if cell == "" {
		return
	}
	c.Filled++
	if c.counts == nil {
		c.counts = map[string]int{}
	}
	if len(c.counts) <= valuesLookedAt || c.counts[cell] > 0 {
		c.counts[cell]++
	}
}
