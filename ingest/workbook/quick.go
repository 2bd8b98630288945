package workbook

// quick reads a whole cell in one step when it is written in the way that Excel, LibreOffice and the common libraries write
// nearly all of theirs, and stands whole in the buffer:
//
//	<c r="B7" s="2" t="s"><v>12</v></c>
//	<c r="B7" t="inlineStr"><is><t>text</t></is></c>
//	<c r="B7" s="2"/>
//
// Anything else (formulas, runs, entities, prefixes, odd spacing) is left to the scanner, with nothing moved. It is what makes
// the reading fast, and only that: FuzzQuick holds it equal to the scanner. The cell is left in c, and its decoded value is
// returned.
func (r *cellReader) quick(c *cell) (raw []byte, ok bool) {
	s := r.s
	b := s.buf[s.pos:s.end]
	const least = len(`<c r="A1"/>`)
	if len(b) < least || b[0] != '<' || b[1] != 'c' || r.slow {
		return nil, false
	}
	*c = cell{col: -1, shared: -1}
	i := 2
	if string(b[2:6]) == ` r="` {
		col, row, at := 0, 0, 6
		for i = at; i < len(b) && b[i]-'A' < 26; i++ {
			col = col*26 + int(b[i]-'A') + 1
		}
		if i == at || i > at+3 || col > maxCols {
			return nil, false
		}
		at = i
		for ; i < len(b) && b[i]-'0' < 10; i++ {
			row = row*10 + int(b[i]-'0')
		}
		if i == at || i > at+7 || row < 1 || row > maxRows || i == len(b) || b[i] != '"' {
			return nil, false
		}
		c.row, c.col = int32(row), int32(col-1)
		i++
	}
	for {
		if len(b)-i < len(` t="s">`) {
			if len(b)-i >= 2 && b[i] == '/' && b[i+1] == '>' {
				return r.took(nil, i+2), true
			}
			return nil, false
		}
		if b[i] == '>' {
			i++
			break
		}
		if b[i] == '/' && b[i+1] == '>' {
			return r.took(nil, i+2), true
		}
		name, from := b[i+1], i+4
		if b[i] != ' ' || b[i+2] != '=' || b[i+3] != '"' {
			return nil, false
		}
		for i = from; i < len(b) && b[i]-'0' < 'z'-'0'+1; i++ { // digits and letters, and no quote
		}
		if i == len(b) || b[i] != '"' {
			return nil, false
		}
		switch name {
		case 's':
			if c.style = styleIndex(b[from:i]); c.style < 0 {
				return nil, false
			}
		case 't':
			if c.typ, ok = typeOf(b[from:i]); !ok {
				return nil, false
			}
		default:
			return nil, false
		}
		i++
	}
	head, tail := "<v>", "</v></c>"
	if c.typ == inlineString {
		head, tail = "<is><t>", "</t></is></c>"
	}
	if len(b)-i < len(head) || string(b[i:i+len(head)]) != head {
		const kept = `<is><t xml:space="preserve">`
		if c.typ != inlineString || len(b)-i < len(kept) || string(b[i:i+len(kept)]) != kept {
			return nil, false
		}
		head = kept
	}
	i += len(head)
	from, seen := i, uint8(0)
	for i < len(b) && b[i] != '<' {
		seen |= class[b[i]]
		i++
	}
	if seen&special != 0 || len(b)-i < len(tail) || string(b[i:i+len(tail)]) != tail {
		return nil, false
	}
	raw = b[from:i]
	if seen&high != 0 {
		var err error
		if r.val, err = appendText(r.val[:0], raw, false); err != nil {
			return nil, false // the scanner says what is wrong
		}
		raw = r.val
	}
	return r.took(raw, i+len(tail)), true
}

// took moves past a cell of n bytes.
func (r *cellReader) took(raw []byte, n int) []byte {
	r.odd, r.bare = false, true
	s := r.s
	s.start = s.pos
	s.pos += n
	s.kind, s.empty = endTag, false
	return raw
}
