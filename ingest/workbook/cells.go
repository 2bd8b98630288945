package workbook

import (
	"bytes"
)

// cellReader reads cells; the stream of rows and the masker share it, so that both see the same values.
type cellReader struct {
	s *scanner
	b *Book

	slow   bool   // leave quick out, for tests
	bare   bool   // the value came by quick: it holds no escapes
	val    []byte // a value's raw text
	inline []byte // text of the cell at hand, for each
	odd    bool   // something in it besides its text, such as a formula, may be CPR-shaped
}

type cell struct {
	row, col int32 // from its reference: 1-based and 0-based; 0 and -1 without one
	style    int32
	shared   int32 // index of its shared string, -1 without one
	typ      cellType
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
func (r *cellReader) start(c *cell) error {
	*c = cell{col: -1, shared: -1}
	r.odd = false
	s := r.s
	for _, a := range s.attrs {
		name, raw := s.attrName(a), s.attrRaw(a)
		if bytes.IndexByte(raw, '&') >= 0 {
			decoded, err := appendText(nil, raw, true)
			if err != nil {
				return err
			}
			raw = decoded
		}
		if len(name) != 1 {
			r.odd = r.odd || suspicious(raw)
			continue
		}
		ok := true
		switch name[0] {
		case 'r':
			if c.row, c.col, ok = parseRef(raw); !ok {
				return broken("sheet", "a cell reference that is none")
			}
		case 's':
			c.style = styleIndex(raw)
		case 't':
			if c.typ, ok = typeOf(raw); !ok {
				return broken("sheet", "an unknown cell type")
			}
		default:
			r.odd = r.odd || suspicious(raw)
		}
	}
	return nil
}

func typeOf(t []byte) (cellType, bool) {
	switch string(t) {
	case "s":
		return sharedString, true
	case "n":
		return number, true
	case "str":
		return formulaString, true
	case "inlineStr":
		return inlineString, true
	case "b":
		return boolean, true
	case "e":
		return errorValue, true
	case "d":
		return isoDate, true
	}
	return number, false
}

// styleIndex reads the s attribute; -1, which has no format, for what is no index.
func styleIndex(b []byte) int32 {
	n := int32(0)
	for _, c := range b {
		if c < '0' || c > '9' || n > 1<<20 {
			return -1
		}
		n = n*10 + int32(c-'0')
	}
	return n
}

// parseRef reads a cell reference such as AB12: row is 1-based, col 0-based.
func parseRef(b []byte) (row, col int32, ok bool) {
	i := 0
	for i < len(b) && i < 4 {
		c := b[i] &^ 0x20
		if c < 'A' || c > 'Z' {
			break
		}
		col = col*26 + int32(c-'A') + 1
		i++
	}
	if i == 0 || i == len(b) || len(b)-i > 7 {
		return 0, 0, false
	}
	for ; i < len(b); i++ {
		if b[i] < '0' || b[i] > '9' {
			return 0, 0, false
		}
		row = row*10 + int32(b[i]-'0')
	}
	return row, col - 1, row >= 1 && row <= maxRows && col <= maxCols
}

// value reads the rest of a cell whose start tag was read by start, to the end of the element. The text is either returned, as
// one of the shared strings, or appended to dst.
func (r *cellReader) value(c *cell, dst []byte) (text string, out []byte, err error) {
	s := r.s
	inside := s.depth()
	r.bare = false
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
		dst = r.b.styles.appendNumber(dst, val, int(c.style))
	case sharedString:
		if len(val) > 0 && (val[0] <= ' ' || val[len(val)-1] <= ' ') {
			val = bytes.TrimSpace(val)
		}
		if len(val) == 0 {
			return "", dst, nil
		}
		n := 0
		for _, d := range val {
			if n = n*10 + int(d-'0'); d < '0' || d > '9' || n >= len(r.b.shared) {
				return "", dst, broken("sheet", "a shared string that is not there")
			}
		}
		c.shared = int32(n)
		return r.b.shared[n], dst, nil
	case formulaString, inlineString:
		if from := len(dst); !r.bare && bytes.IndexByte(val, '_') >= 0 {
			dst = unescape(append(dst, val...), from)
		} else {
			dst = append(dst, val...)
		}
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
