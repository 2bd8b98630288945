package ingest

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"strings"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"komhen/model"
	"komhen/queries"
)

// A fix-it file holds the rejected rows as they came, with the same columns, delimiter and encoding, and four columns more that
// say which upload and line each row mends, what was wrong, and what we propose. It continues its upload when it is imported.

// WriteFixFile writes the rejected rows of an upload that is on its way in. Format is "csv" or "xlsx".
func (u *Upload) WriteFixFile(ctx context.Context, w io.Writer, format string) error {
	if u.load == nil {
		return nil
	}
	f := fixFile{book: u.folder.Book, columns: u.plan.columns, bag: u.Receipt.Bag, receipt: u.Receipt}
	return f.write(w, format, func(row func(queries.FixRow) error) error { return u.load.FixRows(ctx, row) })
}

// WriteFixFile writes the rejected rows of a stored upload.
func (f *Folder) WriteFixFile(ctx context.Context, upload uint32, w io.Writer, format string) error {
	u, err := f.Store.Upload(ctx, upload)
	if err != nil {
		return err
	}
	x := fixFile{book: f.Book, columns: u.Columns, bag: u.Bag, receipt: u.Receipt}
	return x.write(w, format, func(row func(queries.FixRow) error) error { return f.Store.FixRows(ctx, upload, row) })
}

type fixFile struct {
	book    *model.Codebook
	columns []string
	bag     uint32
	receipt model.Receipt
}

// header is the upload's own columns and ours; the columns of an earlier fix-it file are not repeated.
func (x *fixFile) header() (cells []string, own int) {
	cells = x.columns
	for i, c := range cells {
		if headerNames[model.Fold(c)] == pFixUpload {
			cells = cells[:i]
			break
		}
	}
	own = len(cells)
	return append(cells[:own:own], FixColumns...), own
}

func (x *fixFile) cells(r queries.FixRow, own int) []string {
	cells := make([]string, 0, own+4)
	for i := range own {
		if i < len(r.Cells) {
			cells = append(cells, r.Cells[i])
		} else {
			cells = append(cells, "")
		}
	}
	var faults, proposals []string
	for _, f := range r.Findings {
		faults = append(faults, f.Rule+": "+x.book.MessageOf(f))
		if f.Proposal != "" {
			proposals = append(proposals, f.Column+" = "+f.Proposal)
		}
	}
	return append(cells, fmt.Sprint(x.bag), fmt.Sprint(r.BagLine), strings.Join(faults, " | "), strings.Join(proposals, " | "))
}

func (x *fixFile) write(w io.Writer, format string, rows func(func(queries.FixRow) error) error) error {
	if format == "xlsx" {
		return x.writeBook(w, rows)
	}
	out := encoderFor(x.receipt.Encoding, w)
	c := csv.NewWriter(out)
	c.UseCRLF = true
	if comma := []rune(x.receipt.Delimiter); len(comma) == 1 {
		c.Comma = comma[0]
	} else {
		c.Comma = ';'
	}
	header, own := x.header()
	if err := c.Write(header); err != nil {
		return err
	}
	if err := rows(func(r queries.FixRow) error { return c.Write(x.cells(r, own)) }); err != nil {
		return err
	}
	c.Flush()
	if err := c.Error(); err != nil {
		return err
	}
	if t, ok := out.(*transform.Writer); ok { // w itself is the caller's to close
		return t.Close()
	}
	return nil
}

// encoderFor writes in the encoding a file came in. A character that a single-byte encoding lacks becomes "?".
func encoderFor(name string, w io.Writer) io.Writer {
	switch name {
	case windows1252.String(), latin1.String():
		return transform.NewWriter(w, &questionMarks{})
	case utf16LE.String():
		return transform.NewWriter(w, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder())
	case utf16BE.String():
		return transform.NewWriter(w, unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewEncoder())
	case utf8Plain.String():
		return w
	}
	return &bomWriter{w: w}
}

// bomWriter puts a byte order mark before the first byte.
type bomWriter struct {
	w    io.Writer
	done bool
}

func (b *bomWriter) Write(p []byte) (int, error) {
	if !b.done {
		b.done = true
		if _, err := b.w.Write([]byte("\xef\xbb\xbf")); err != nil {
			return 0, err
		}
	}
	return b.w.Write(p)
}

// questionMarks encodes Windows-1252.
type questionMarks struct{ transform.NopResetter }

func (*questionMarks) Transform(dst, src []byte, atEOF bool) (nDst, nSrc int, err error) {
	for nSrc < len(src) {
		r, size := decodeRune(src[nSrc:], atEOF)
		if size == 0 {
			return nDst, nSrc, transform.ErrShortSrc
		}
		if nDst >= len(dst) {
			return nDst, nSrc, transform.ErrShortDst
		}
		b, ok := charmap.Windows1252.EncodeRune(r)
		if !ok {
			b = '?'
		}
		dst[nDst] = b
		nDst, nSrc = nDst+1, nSrc+size
	}
	return nDst, nSrc, nil
}

func (x *fixFile) writeBook(w io.Writer, rows func(func(queries.FixRow) error) error) error {
	book := excelize.NewFile()
	defer book.Close()
	if err := book.SetSheetName("Sheet1", "Data"); err != nil {
		return err
	}
	sheet, err := book.NewStreamWriter("Data")
	if err != nil {
		return err
	}
	row := 0
	write := func(cells []string) error {
		row++
		values := make([]any, len(cells))
		for i, c := range cells {
			values[i] = c // text: a KLE number must not become a date again
		}
		cell, err := excelize.CoordinatesToCellName(1, row)
		if err != nil {
			return err
		}
		return sheet.SetRow(cell, values)
	}
	header, own := x.header()
	if err := write(header); err != nil {
		return err
	}
	if err := rows(func(r queries.FixRow) error { return write(x.cells(r, own)) }); err != nil {
		return err
	}
	if err := sheet.Flush(); err != nil {
		return err
	}
	var out bytes.Buffer
	if err := book.Write(&out); err != nil {
		return err
	}
	_, err = out.WriteTo(w)
	return err
}
