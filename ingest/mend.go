package ingest

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"strings"

	"komhen/model"
	"komhen/queries"
)

// RejectedPage is a page of what is left to mend of an upload.
type RejectedPage struct {
	Upload uint32   // the bag's first upload, which the lines are of; it differs from what was asked for when that mends another
	Header []string // the file's own columns
	Total  int64    // rows left, on all pages
	Rows   []RejectedRow
}

// RejectedRow is a row as it was kept, CPR-shaped digits masked. It has as many cells as it came with: R01 is when they are not
// the header's.
type RejectedRow struct {
	Line     int64
	Cells    []string
	Findings []model.Finding
}

// RejectedRows gives the rejected rows of an upload's bag that no live fix-it file has mended yet, in the order of their lines. A row
// that was mended and rejected again stands as it was mended.
func (f *Folder) RejectedRows(ctx context.Context, upload uint32, offset, limit int64) (*RejectedPage, error) {
	root, err := f.bagOf(ctx, upload)
	if err != nil {
		return nil, err
	}
	rows, total, err := f.Store.OpenRows(ctx, root.Upload, max(offset, 0), max(limit, 0))
	if err != nil {
		return nil, err
	}
	p := &RejectedPage{Upload: root.Upload, Header: root.Columns, Total: total}
	for _, r := range rows {
		if r.Upload != root.Upload { // without the fix-it file's last columns
			r.Cells = r.Cells[:min(len(r.Cells), len(p.Header))]
		}
		p.Rows = append(p.Rows, RejectedRow{r.BagLine, r.Cells, r.Findings})
	}
	return p, nil
}

// bagOf is the first upload of the bag that an upload belongs to.
func (f *Folder) bagOf(ctx context.Context, upload uint32) (queries.StoredUpload, error) {
	u, err := f.Store.Upload(ctx, upload)
	if err != nil || u.Bag == u.Upload {
		return u, err
	}
	return f.Store.Upload(ctx, u.Bag)
}

// MendedRow is a rejected row as a person has mended it: the cells beside the header of its RejectedPage.
type MendedRow struct {
	Line  int64
	Cells []string
}

// Mend makes a fix-it file of mended rows and imports it as if it came from a disk: the upload keeps its municipality, source, kind,
// test mark and profile. Like Prepare it holds the turn until Commit or Discard. Of the options Name, By, Received and Progress matter.
func (f *Folder) Mend(ctx context.Context, upload uint32, rows []MendedRow, o Options) (*Upload, error) {
	root, err := f.bagOf(ctx, upload)
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, &model.Problem{Code: "nothing-to-do", Message: "Der er ingen rettede rækker. Ret mindst én, og gem igen."}
	}
	data, err := mendedFile(root, rows)
	if err != nil {
		return nil, err
	}
	if o.Name == "" {
		o.Name = fmt.Sprintf("rettelser til indmelding %d.csv", root.Upload)
	}
	o.Municipality, o.Mapping, o.Sheet = 0, nil, ""
	return f.Prepare(ctx, bytes.NewReader(data), int64(len(data)), o)
}

func mendedFile(root queries.StoredUpload, rows []MendedRow) ([]byte, error) {
	x := fixFile{columns: root.Columns, bag: root.Upload}
	header, own := x.header()
	table := [][]string{header}
	for _, r := range rows {
		if len(r.Cells) > own {
			return nil, &model.Problem{Code: "mend-cells", Message: fmt.Sprintf("Rækken på linje %d har %d celler, og filen har %d kolonner. Hent siden igen, og ret rækken der.", r.Line, len(r.Cells), own)}
		}
		table = append(table, x.cells(queries.FixRow{Rejected: queries.Rejected{Cells: r.Cells, BagLine: r.Line}}, own))
	}
	return writeTable(table)
}

// writeTable writes cells as the csv that is kept of what came without a file. Its mark makes it UTF-8 whatever the cells hold.
func writeTable(table [][]string) ([]byte, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&bomWriter{w: &b})
	w.Comma, w.UseCRLF = ';', true
	for _, cells := range table {
		for i, c := range cells {
			cells[i] = strings.ReplaceAll(strings.ToValidUTF8(c, "\uFFFD"), "\x00", "\uFFFD")
		}
		if err := w.Write(cells); err != nil {
			return nil, err
		}
	}
	w.Flush()
	return b.Bytes(), w.Error()
}
