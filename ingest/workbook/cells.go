package workbook

import (
	"bytes"
	"strconv"
)

// cellReader reads cells; the stream of rows and the masker share it, so that both see the same values.
type cellReader struct {
	s *scanner
	b *Book

	val    []byte // a value's raw text
	inline []byte // text of the cell at hand, for each
	odd    bool   // something in it besides its text, such as a formula, may be CPR-shaped
}

type cell struct {
	row, col int // from its reference: 1-based and 0-based; 0 and -1 without one
	style    int
	typ      cellType
	shared   int // index of its shared string, -1 without one
}

type cellType uint8

const (
	number cellType = iota
	sharedString
	formulaString
	inlineString
	boolean
	errorValue
	isoDate
)

// start reads the attributes of a c element whose start tag is the current token.
func (r *cellReader) start() (cell, error) {
	c := cell{col: -1, shared: -1}
	r.odd = false
	s := r.s
	for _, a := range s.attrs {
		name, raw := s.attrName(a), s.attrRaw(a)
		if bytes.IndexByte(raw, '&') >= 0 {
			decoded, err := appendText(nil, raw, true)
			if err != nil {
				return c, err
			}
			raw = decoded
		}
		if len(name) != 1 {
			r.odd = r.odd || suspicious(raw)
			continue
		}
		switch name[0] {
		case 'r':
			var ok bool
			if c.row, c.col, ok = parseRef(raw); !ok {
				return c, broken("sheet", "%w", errCellRef)
			}
		case 's':
			c.style, _ = strconv.Atoi(string(raw))
		case 't':
			switch string(raw) {
			case "n":
				c.typ = number
			case "s":
				c.typ = sharedString
			case "str":
				c.typ = formulaString
			case "inlineStr":
				c.typ = inlineString
			case "b":
				c.typ = boolean
			case "e":
				c.typ = errorValue
			case "d":
				c.typ = isoDate
			default:
				return c, broken("sheet", "an unknown cell type")
			}
		default:
			r.odd = r.odd || suspicious(raw)
		}
	}
	return c, nil
}

// parseRef reads a cell reference such as AB12: row is 1-based, col 0-based.
func parseRef(b []byte) (row, col int, ok bool) {
	i := 0
	for i < len(b) && i < 4 {
		c := b[i] &^ 0x20
		if c < 'A' || c > 'Z' {
			break
		}
		col = col*26 + int(c-'A') + 1
		i++
	}
	if i == 0 || i == len(b) || len(b)-i > 7 {
		return 0, 0, false
	}
	for ; i < len(b); i++ {
		if b[i] < '0' || b[i] > '9' {
			return 0, 0, false
		}
		row = row*10 + int(b[i]-'0')
	}
	return row, col - 1, row >= 1 && row <= maxRows && col <= maxCols
}

// value reads the rest of a cell whose start tag was read by start, to the end of the element. The text is either returned, as
// one of the shared strings, or appended to dst.
func (r *cellReader) value(c *cell, dst []byte) (text string, out []byte, err error) {
	s := r.s
	if raw, ok := s.bareValue(); ok {
		return r.finish(c, raw, dst)
	}
	inside := s.depth()
	r.val = r.val[:0]
	rich := false
	for {
		k, err := s.next()
		if err != nil {
			return "", dst, err
		}
		if k == endTag {
			break
		}
		if k != startTag || s.empty {
			r.note()
			continue
		}
		switch string(s.name) {
		case "v":
			for s.depth() > inside {
				if k, err = s.next(); err != nil {
					return "", dst, err
				}
				if k != textToken && k != cdataToken || s.depth() != inside+1 {
					r.note()
				} else if r.val, err = s.appendToken(r.val); err != nil {
					return "", dst, err
				}
				if len(r.val) > maxCell*7 {
					return "", dst, errLong
				}
			}
		case "is":
			s.odd = false
			if dst, err = s.appendRich(dst); err != nil {
				return "", dst, err
			}
			r.odd = r.odd || s.odd
			rich = true
		default: // a formula, or an extension
			for s.depth() > inside {
				r.note()
				if _, err := s.next(); err != nil {
					return "", dst, err
				}
			}
		}
	}
	if rich && len(r.val) > 0 {
		return "", dst, broken("sheet", "a cell with two values")
	}
	if rich {
		return "", dst, nil
	}
	return r.finish(c, r.val, dst)
}

// note looks at a token that is not the cell's text.
func (r *cellReader) note() { r.odd = r.odd || suspicious(r.s.raw()) }

// finish turns the decoded content of a v element into the cell's text.
func (r *cellReader) finish(c *cell, val, dst []byte) (text string, out []byte, err error) {
	switch c.typ {
	case number:
		if len(val) == 0 {
			return "", dst, nil
		}
		dst = r.b.styles.appendNumber(dst, val, c.style)
	case sharedString:
		val = bytes.TrimSpace(val)
		if len(val) == 0 {
			return "", dst, nil
		}
		n := 0
		for _, d := range val {
			if n = n*10 + int(d-'0'); d < '0' || d > '9' || n >= len(r.b.shared) {
				return "", dst, broken("sheet", "a shared string that is not there")
			}
		}
		c.shared = n
		return r.b.shared[n], dst, nil
	case formulaString, inlineString:
		dst = append(dst, unescape(val, 0)...)
	case boolean:
		switch string(bytes.TrimSpace(val)) {
		case "1", "true":
			dst = append(dst, "TRUE"...)
		case "0", "false":
			dst = append(dst, "FALSE"...)
		default:
			dst = append(dst, val...)
		}
	case errorValue:
		dst = append(dst, val...)
	case isoDate:
		dst = appendISO(dst, val)
	}
	if len(val) > maxCell && c.typ != sharedString {
		return "", dst, errLong
	}
	return "", dst, nil
}

// bareValue reads <v>text</v></c> in one step when that is all a cell holds, as it is in most cells. It moves past the end of
// the c element.
func (s *scanner) bareValue() (raw []byte, ok bool) {
	if len(s.tag) != 1 {
		return nil, false // with a prefix
	}
	b := s.buf[s.pos:s.end]
	if len(b) < len("<v></v></c>") || b[0] != '<' || b[1] != 'v' || b[2] != '>' {
		return nil, false
	}
	i := 3
	for i < len(b) && class[b[i]]&plain != 0 {
		i++
	}
	const tail = "</v></c>"
	if len(b)-i < len(tail) || string(b[i:i+len(tail)]) != tail {
		return nil, false
	}
	s.start = s.pos
	s.pos += i + len(tail)
	s.pop()
	s.kind = endTag
	return b[3:i], true
}
