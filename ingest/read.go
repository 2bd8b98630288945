package ingest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"komhen/ingest/workbook"
	"komhen/model"
)

// opened is a file whose form is known: what it is, its header, and its rows as chunks.
type opened struct {
	source   chunkSource
	encoding encoding
	comma    rune
	header   []string // the header's cells as they came
	headerAt int64    // its record number
	first    []string // the cells of the first row below it
	prefix   []byte   // bytes before the first record: a byte order mark, an Excel sep= line
	damaged  bool
	book     *workbook.Book
	sheet    workbook.Sheet
}

// open finds out what a file is. Its errors are *fault and *workbook.Fault for a file that is no table.
func open(r io.ReaderAt, size int64, o Options) (*opened, error) {
	if size == 0 {
		return nil, &fault{"F01", "tom"}
	}
	if size > o.MaxBytes {
		return nil, &fault{"F05", fmt.Sprintf("%s, og grænsen er %s", megabytes(size), megabytes(o.MaxBytes))}
	}
	head := make([]byte, min(size, 64<<10))
	if _, err := r.ReadAt(head, 0); err != nil && err != io.EOF {
		return nil, err
	}
	switch kind := workbook.Sniff(head); kind {
	case "text":
		return openText(r, size, o)
	case "empty":
		return nil, &fault{"F01", "tom"}
	case "xml", "html":
		return nil, &fault{"F02", workbook.Describe(kind)}
	default:
		return openBook(r, size, o)
	}
}

func megabytes(n int64) string {
	if n < 1<<20 {
		return model.FormatDecimal(float64(n)/(1<<10), 1) + " kB"
	}
	return model.FormatDecimal(float64(n)/(1<<20), 1) + " MB"
}

func openText(r io.ReaderAt, size int64, opts Options) (*opened, error) {
	s, err := look(r, size)
	if err != nil {
		return nil, err
	}
	if s.firstNUL >= 0 {
		return nil, &fault{"F02", fmt.Sprintf("en fil med NUL-tegn (det første er byte %s), som ikke er tekst", model.FormatInt(s.firstNUL+1))}
	}
	if !s.anyText {
		return nil, &fault{"F01", "tom"}
	}
	o := &opened{encoding: s.encoding, damaged: s.damaged || s.encoding == utf16LE || s.encoding == utf16BE}
	c := &cutter{r: r, size: size, survey: s, line: 1, record: 1, spare: make(chan []byte, mostSpare)}
	if err := o.readHead(c, opts.Mapping); err != nil {
		return nil, err
	}
	c.at, c.comma = int64(len(o.prefix)), o.comma
	o.source = c
	return o, nil
}

// readHead finds the delimiter and the header in the first records of a text.
func (o *opened) readHead(c *cutter, profile *Mapping) error {
	const most = 1 << 20 // a header longer than this is not one
	raw := make([]byte, min(c.size, most))
	if _, err := c.r.ReadAt(raw, 0); err != nil && err != io.EOF {
		return err
	}
	o.prefix = raw[:min(len(raw), o.encoding.bom())]
	text, _ := o.encoding.decode(raw[len(o.prefix):], int64(len(raw)) == c.size)
	text = c.mendLineEnds(text, int64(len(raw)) == c.size)
	stated := rune(0)
	if line, _, _ := bytes.Cut(text, []byte{'\n'}); len(line) < 16 {
		if sep, ok := strings.CutPrefix(strings.ToLower(strings.Trim(string(line), "\" \r")), "sep="); ok && len(sep) <= 1 {
			stated = ';'
			if sep == "," || sep == ";" || sep == "\t" {
				stated = rune(sep[0])
			}
			o.prefix = raw[:len(o.prefix)+o.encoding.rawLength(text[:min(len(line)+1, len(text))])]
			text = text[min(len(line)+1, len(text)):]
			c.line++
		}
	}
	best := -1
	for _, comma := range []rune{';', '\t', ','} {
		cells, first, at := firstRecords(text, comma)
		if cells == nil {
			continue
		}
		score := 1000*recognised(cells) + min(len(cells), 999)
		if profile != nil {
			score += 1000 * profile.knows(cells)
		}
		if comma == stated {
			score += 500
		}
		if score > best {
			best, o.comma, o.header, o.first, o.headerAt = score, comma, cells, first, at
		}
	}
	if best < 0 || strings.Trim(strings.Join(o.header, ""), ";,\t\" ") == "" {
		return &fault{"F01", "uden overskrift"}
	}
	return nil
}

var errFound = errors.New("found")

// firstRecords are the first two records with anything in them, and the record number of the first.
func firstRecords(text []byte, comma rune) (header, first []string, at int64) {
	k := &chunk{text: text, line: 1, record: 1, quoted: bytes.IndexByte(text, '"') >= 0}
	err := k.each(comma, func(rec *record) error {
		switch {
		case rec.blank || emptyRow(rec.cells):
		case header == nil:
			header, at = slices.Clone(rec.cells), rec.number
		default:
			first = slices.Clone(rec.cells)
			return errFound
		}
		return nil
	})
	if err != nil && err != errFound && header == nil {
		return nil, nil, 0
	}
	return header, first, at
}

// openBook opens a workbook and chooses its sheet (F07).
func openBook(r io.ReaderAt, size int64, o Options) (*opened, error) {
	book, err := workbook.Open(r, size, maxExpanded)
	if err != nil {
		return nil, err
	}
	sheet, err := chooseSheet(book, o.Sheet)
	if err != nil {
		return nil, err
	}
	out := &opened{book: book, sheet: sheet}
	err = book.Rows(sheet.Name, func(row int, cells []string) error {
		switch {
		case emptyRow(cells):
		case out.header == nil:
			out.header, out.headerAt = slices.Clone(cells), int64(row)
		default:
			out.first = slices.Clone(cells)
			return errFound
		}
		return nil
	})
	if err != nil && !errors.Is(err, errFound) {
		return nil, err
	}
	if out.header == nil {
		return nil, &fault{"F01", "et ark uden celler"}
	}
	return out, nil
}

// chooseSheet takes the sheet that was asked for, or the only one with data. Sheets that only explain are left out.
func chooseSheet(book *workbook.Book, want string) (workbook.Sheet, error) {
	var full []workbook.Sheet
	var names []string
	for _, s := range book.Sheets() {
		if want != "" && model.Fold(s.Name) == model.Fold(want) {
			return s, nil
		}
		if s.HasData && model.Fold(s.Name) != "vejledning" && model.Fold(s.Name) != "kodebog" {
			full = append(full, s)
		}
		names = append(names, "»"+s.Safe+"«")
	}
	if want != "" {
		return workbook.Sheet{}, &fault{"F07", fmt.Sprintf("arket »%s« findes ikke; der er %s", want, strings.Join(names, ", "))}
	}
	switch len(full) {
	case 0:
		return workbook.Sheet{}, &fault{"F01", "en projektmappe uden data"}
	case 1:
		return full[0], nil
	}
	names = names[:0]
	for _, s := range full {
		names = append(names, "»"+s.Safe+"«")
	}
	return workbook.Sheet{}, &fault{"F07", strings.Join(names, ", ")}
}

// sheetSource gives the rows of a sheet in chunks; a goroutine of group reads ahead.
type sheetSource struct {
	chunks chan *chunk
	ctx    context.Context
}

const rowsPerChunk = 4_000

func newSheetSource(ctx context.Context, group *errgroup.Group, in *opened) *sheetSource {
	s := &sheetSource{chunks: make(chan *chunk, 1), ctx: ctx}
	group.Go(func() error {
		defer close(s.chunks)
		k := &chunk{record: 1, rows: make([]sheetRow, 0, rowsPerChunk)}
		send := func() error {
			select {
			case s.chunks <- k:
			case <-ctx.Done():
				return ctx.Err()
			}
			next := &chunk{seq: k.seq + 1, rows: make([]sheetRow, 0, rowsPerChunk)}
			next.record = k.rows[len(k.rows)-1].number + 1
			k = next
			return nil
		}
		err := in.book.Rows(in.sheet.Name, func(row int, cells []string) error {
			own := make([]string, max(len(cells), len(in.header))) // a sheet leaves empty cells out
			copy(own, cells)
			k.rows = append(k.rows, sheetRow{int64(row), own})
			if len(k.rows) < rowsPerChunk {
				return nil
			}
			return send()
		})
		if err != nil || len(k.rows) == 0 {
			return err
		}
		return send()
	})
	return s
}

func (s *sheetSource) next() (*chunk, error) {
	select {
	case k, ok := <-s.chunks:
		if !ok {
			return nil, nil
		}
		return k, nil
	case <-s.ctx.Done():
		return nil, s.ctx.Err()
	}
}
