package workbook

import (
	"io"
	"math/bits"
	"strconv"
	"strings"

	"komhen/model"
)

// Rows yields the rows of a worksheet that hold anything, with their 1-based numbers in the spreadsheet, which only ever grow:
// a number left out is a blank row. A missing cell is "", and empty cells at the end are left out. The slice is used again for
// the next row; the strings in it are the caller's to keep. An error from yield ends the reading and is returned as it is.
func (b *Book) Rows(sheetName string, yield func(row int, cells []string) error) error {
	sh := b.sheet(sheetName)
	if sh == nil {
		return notTable("en projektmappe uden det ark, der er valgt", nil)
	}
	r, err := b.readSheet(sh)
	if err != nil {
		return err
	}
	defer r.Close()
	for {
		row, cells, err := r.next()
		if err == io.EOF {
			sh.seen = r.hits
			return nil
		}
		if err != nil {
			return asFault(sh.part, err)
		}
		if err := yield(row, cells); err != nil {
			return err
		}
	}
}

// hasData tells whether a sheet holds a cell that is more than white space.
func (b *Book) hasData(sh *sheet) (bool, error) {
	r, err := b.readSheet(sh)
	if err != nil {
		return false, err
	}
	defer r.Close()
	for {
		_, cells, err := r.next()
		if err == io.EOF {
			return false, nil
		}
		if err != nil {
			return false, asFault(sh.part, err)
		}
		for _, c := range cells {
			if strings.TrimSpace(c) != "" {
				return true, nil
			}
		}
	}
}

// sheetToken is the longest token of a sheet: a cell's text in the longest spelling, with room for lists of ranges.
const sheetToken = 4 << 20

type sheetReader struct {
	io.Closer
	cellReader
	inData, pastData bool
	row              int

	cells []string // the row under way
	width int      // cells in use
	spans []span   // cells of it whose text stands in arena
	arena []byte
	hits  *sheetHits
}

type span struct{ col, from, to int }

func (b *Book) readSheet(sh *sheet) (*sheetReader, error) {
	f := b.parts.find(sh.part)
	rc, err := b.parts.open(f)
	if err != nil {
		return nil, err
	}
	if f.UncompressedSize64 >= aheadFloor {
		rc = newAhead(rc)
	}
	return &sheetReader{Closer: rc, cellReader: cellReader{s: newScanner(rc, sheetToken), b: b}, hits: &sheetHits{}}, nil
}

// next reads the next row that holds anything; io.EOF after the last, when the whole part has been read and checked.
func (r *sheetReader) next() (row int, cells []string, err error) {
	s := r.s
	for {
		k, err := s.next()
		if err != nil {
			if err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
			return 0, nil, err
		}
		switch k {
		case atEOF:
			if !r.pastData {
				return 0, nil, broken("sheet", "no sheetData")
			}
			return 0, nil, io.EOF
		case startTag:
			depth := s.depthOf()
			switch {
			case !r.inData && depth == 2 && string(s.name) == "sheetData":
				if r.pastData {
					return 0, nil, broken("sheet", "two sheetData")
				}
				r.inData, r.pastData = !s.empty, true
			case r.inData && depth == 3 && string(s.name) == "row":
				if err := r.readRow(); err != nil {
					return 0, nil, err
				}
				if r.width > 0 {
					return r.row, r.cells[:r.width], nil
				}
			default:
				r.hits.noise(s.raw())
			}
		case endTag:
			if s.depth() == 1 {
				r.inData = false
			}
		default:
			r.hits.noise(s.raw())
		}
	}
}

// readRow reads the row whose start tag is the current token.
func (r *sheetReader) readRow() error {
	clear(r.cells[:r.width])
	r.width, r.spans, r.arena = 0, r.spans[:0], r.arena[:0]
	s := r.s
	number, stated, err := rowNumber(s)
	if err != nil {
		return err
	}
	if !stated {
		number = r.row + 1
	}
	col := -1
	var c cell
	for open := !s.empty; open; {
		raw, quick := r.quick(&c)
		if !quick {
			k, err := s.next()
			if err != nil {
				return err
			}
			if k == endTag {
				break // of the row: cells and other elements are read to their ends below
			}
			if k != startTag {
				r.hits.noise(s.raw())
				continue
			}
			if string(s.name) != "c" {
				r.hits.other = true // nothing we know stands here; the masker looks at it closely
				if err := s.skip(); err != nil {
					return err
				}
				continue
			}
			if err := r.start(&c); err != nil {
				return err
			}
		}
		if col++; c.col >= 0 {
			col = int(c.col)
		}
		if c.row > 0 && !stated {
			number, stated = int(c.row), true
		}
		if col >= maxCols {
			return broken("sheet", "a cell beyond XFD")
		}
		from := len(r.arena)
		text := ""
		if quick {
			text, r.arena, err = r.finish(&c, raw, r.arena)
		} else if !s.empty {
			text, r.arena, err = r.value(&c, r.arena)
		}
		if err != nil {
			return err
		}
		r.hits.other = r.hits.other || r.odd
		if text == "" && len(r.arena) == from && col >= r.width {
			continue
		}
		r.reach(col)
		r.cells[col] = text
		if len(r.arena) > from {
			r.spans = append(r.spans, span{col, from, len(r.arena)})
			r.cells[col] = ""
		}
		if c.shared >= 0 && r.b.sharedHits != nil {
			r.hits.add(col, r.b.sharedHits[c.shared])
		}
	}
	if number <= r.row || number > maxRows {
		return broken("sheet", "rows out of order, or beyond the last")
	}
	r.row = number
	if len(r.spans) > 0 {
		text := string(r.arena) // one allocation for all cells of the row
		for _, p := range r.spans {
			r.cells[p.col] = text[p.from:p.to]
			if p.to-p.from >= shortestCPR {
				r.hits.add(p.col, shape(r.cells[p.col]))
			}
		}
	}
	for r.width > 0 && r.cells[r.width-1] == "" {
		r.width--
	}
	return nil
}

// reach makes the row under way wide enough for a column.
func (r *sheetReader) reach(col int) {
	if col < r.width {
		return
	}
	if col >= len(r.cells) {
		r.cells = append(r.cells, make([]string, col+1-len(r.cells))...)
	}
	r.width = col + 1
}

func rowNumber(s *scanner) (n int, stated bool, err error) {
	for _, a := range s.attrs {
		if name := s.attrName(a); len(name) == 1 && name[0] == 'r' {
			n, err := strconv.Atoi(string(s.attrRaw(a)))
			if err != nil || n < 1 {
				return 0, false, broken("sheet", "a row without a proper number")
			}
			return n, true, nil
		}
	}
	return 0, false, nil
}

// hit tells what a text would be taken for in a column that is searched in full, and in a declared one.
type hit uint8

const (
	hitFull hit = 1 << iota
	hitDeclared
)

const shortestCPR = 10

func shape(s string) hit {
	if len(s) < shortestCPR {
		return 0
	}
	if _, full := model.MaskCPR(s, false); !full {
		return 0
	}
	if _, declared := model.MaskCPR(s, true); declared {
		return hitFull | hitDeclared
	}
	return hitFull
}

// sheetHits is what a pass over a sheet has seen of CPR-shaped values, by column, so that a sheet that has been read need not
// be read again to know that there is nothing to mask.
type sheetHits struct {
	full, declared []uint64 // bit sets of columns
	other          bool     // something outside the cells that may be one
}

func (h *sheetHits) add(col int, what hit) {
	if what == 0 {
		return
	}
	set := func(words *[]uint64) {
		for len(*words) <= col/64 {
			*words = append(*words, 0)
		}
		(*words)[col/64] |= 1 << (col % 64)
	}
	set(&h.full)
	if what&hitDeclared != 0 {
		set(&h.declared)
	}
}

func (h *sheetHits) noise(raw []byte) { h.other = h.other || suspicious(raw) }

// any tells whether something must be masked when these columns are declared.
func (h *sheetHits) any(declared map[int]bool) bool {
	if h.other {
		return true
	}
	for i, word := range h.full {
		for ; word != 0; word &= word - 1 {
			if !declared[i*64+bits.TrailingZeros64(word)] {
				return true
			}
		}
	}
	for _, word := range h.declared {
		if word != 0 {
			return true
		}
	}
	return false
}

// suspicious tells whether raw XML may hold a CPR-shaped value: it has one, or characters in disguise. It errs on the safe side.
func suspicious(raw []byte) bool {
	if len(raw) < shortestCPR {
		return false
	}
	run, digits := 0, false
	for i, c := range raw {
		if c-'0' <= 9 {
			run++
			digits = digits || run == 6
			continue
		}
		run = 0
		if i+1 < len(raw) && (c == '&' && raw[i+1] == '#' || c == '_' && raw[i+1] == 'x') {
			return true
		}
	}
	if !digits {
		return false
	}
	_, hit := model.MaskCPR(string(raw), false)
	return hit
}
