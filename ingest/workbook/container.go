package workbook

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	stdflate "compress/flate"

	"github.com/klauspost/compress/flate"

	"komhen/model"
)

const (
	maxEntries = 20000 // a workbook has some dozens
	// A sheet of equal rows packs some forty to one, since every cell names its place; the limit of the method is 1032.
	maxRatio   = 400
	ratioFloor = 16 << 20
)

// container is the zip file: its entries by name, each read under a limit.
type container struct {
	zip    *zip.Reader
	byName map[string]*zip.File // folded names
}

// openContainer reads the zip directory and refuses what no workbook looks like.
func openContainer(r io.ReaderAt, size, max int64) (*container, error) {
	r = io.NewSectionReader(r, 0, size) // a hostile directory points outside the file: that is no trouble of the reader's
	head := make([]byte, min(size, 4096))
	if n, err := r.ReadAt(head, 0); err != nil && err != io.EOF {
		return nil, err
	} else {
		head = head[:n]
	}
	if Sniff(head) != "zip" {
		return nil, foreign(r, size, head)
	}
	zr, err := zip.NewReader(r, size)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) { // nothing is extracted, so paths do no harm
		return nil, asFault("zip", err)
	}
	if len(zr.File) > maxEntries {
		return nil, notTable(bombDetail, fmt.Errorf("%d entries", len(zr.File)))
	}
	zr.RegisterDecompressor(zip.Deflate, func(r io.Reader) io.ReadCloser { return flate.NewReader(r) })
	c := &container{zip: zr, byName: make(map[string]*zip.File, len(zr.File))}
	var total uint64
	for _, f := range zr.File {
		name := partName(f.Name)
		if f.Flags&1 != 0 {
			return nil, notTable("en zip-fil med adgangskode", nil)
		}
		if c.byName[name] != nil {
			return nil, notTable(brokenZip, errors.New("two entries of one name"))
		}
		if _, hit := model.MaskCPR(f.Name, false); hit {
			return nil, notTable("en projektmappe, hvor navnet på en indre fil ligner et CPR-nummer", nil)
		}
		c.byName[name] = f
		if f.UncompressedSize64 > ratioFloor && f.UncompressedSize64/maxRatio > f.CompressedSize64 {
			return nil, notTable(bombDetail, fmt.Errorf("%d bytes from %d", f.UncompressedSize64, f.CompressedSize64))
		}
		if f.CompressedSize64 > uint64(size) {
			return nil, notTable(brokenZip, errors.New("an entry longer than the file"))
		}
		total += f.UncompressedSize64
		if total > uint64(max) || f.UncompressedSize64 > uint64(max) {
			return nil, notTable(expandsTail, fmt.Errorf("more than %d bytes", max))
		}
	}
	// Entries that share their bytes are the other kind of bomb: each looks innocent.
	if total > ratioFloor && total/maxRatio > uint64(size) {
		return nil, notTable(bombDetail, fmt.Errorf("%d bytes from %d", total, size))
	}
	return c, nil
}

// partName folds the ways in which programs write the name of a part: case, backslashes, a leading slash.
func partName(name string) string {
	return strings.ToLower(strings.TrimPrefix(strings.ReplaceAll(name, `\`, "/"), "/"))
}

func (c *container) find(name string) *zip.File { return c.byName[partName(name)] }

// open gives the bytes of an entry. The zip package checks the sum at the end and stops at the size the header states, which
// the limit of openContainer has seen; a reader that is not read to its end has not been checked.
func (c *container) open(f *zip.File) (io.ReadCloser, error) {
	rc, err := f.Open()
	if err != nil {
		return nil, asFault(f.Name, err)
	}
	return &bounded{rc: rc, left: int64(f.UncompressedSize64)}, nil
}

// bounded stops at the stated size, whatever the packed bytes hold.
type bounded struct {
	rc   io.ReadCloser
	left int64
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.rc.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, notTable(bombDetail, errors.New("an entry is longer than its header says"))
	}
	return n, err
}

func (b *bounded) Close() error { return b.rc.Close() }

// scan opens an XML part for scanning.
func (c *container) scan(f *zip.File) (*scanner, io.Closer, error) {
	rc, err := c.open(f)
	if err != nil {
		return nil, nil, err
	}
	return newScanner(rc, maxToken), rc, nil
}

func isCorrupt(err error) bool {
	var a flate.CorruptInputError
	var b stdflate.CorruptInputError
	return errors.As(err, &a) || errors.As(err, &b)
}

// resolve finds the part that a relationship of the part from points at.
func resolve(from, target string) string {
	target = strings.ReplaceAll(target, `\`, "/")
	if strings.HasPrefix(target, "/") {
		return path.Clean(target)[1:]
	}
	return path.Join(path.Dir(from), target)
}

// relsOf is the part that holds the relationships of a part.
func relsOf(part string) string {
	dir, file := path.Split(part)
	return dir + "_rels/" + file + ".rels"
}

// otherKind tells what a zip file without a workbook is.
func (c *container) otherKind() *Fault {
	if f := c.find("mimetype"); f != nil {
		if rc, err := c.open(f); err == nil {
			head, _ := io.ReadAll(io.LimitReader(rc, 100))
			rc.Close()
			switch {
			case bytes.Contains(head, []byte("opendocument.spreadsheet")):
				return notTable("et OpenDocument-regneark (.ods)", nil)
			case bytes.Contains(head, []byte("opendocument")):
				return notTable("et OpenDocument-dokument", nil)
			}
		}
	}
	for _, k := range []struct{ part, detail string }{
		{"xl/workbook.bin", "en binær Excel-projektmappe (.xlsb)"},
		{"word/document.xml", "et Word-dokument (.docx)"},
		{"ppt/presentation.xml", "en PowerPoint-fil (.pptx)"},
		{"index/document.iwa", "et regneark fra Numbers"},
	} {
		if c.find(k.part) != nil {
			return notTable(k.detail, nil)
		}
	}
	return notTable("en zip-fil og ikke en Excel-projektmappe", nil)
}
