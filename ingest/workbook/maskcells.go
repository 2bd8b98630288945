package workbook

import (
	"io"

	"komhen/model"
)

// sharedStrings writes the shared strings. A string that is CPR-shaped loses the formatting of its runs with its digits.
func (m *masker) sharedStrings(s *scanner) error {
	if err := m.usage(); err != nil {
		return err
	}
	index := 0
	for {
		k, err := s.next()
		if err != nil || k == atEOF {
			return err
		}
		if k != startTag || s.depthOf() != 2 || string(s.name) != "si" {
			if err := m.token(s); err != nil {
				return err
			}
			continue
		}
		s.keep()
		if err := s.skip(); err != nil {
			return err
		}
		raw := s.held()
		if text, hit := m.maskShared(index); hit {
			m.n++
			m.plainString(raw, text)
		} else if err := m.quiet(raw, "t"); err != nil {
			return err
		}
		s.release()
		index++
	}
}

// maskShared is a shared string as the masked copy holds it.
func (m *masker) maskShared(index int) (text string, hit bool) {
	text = m.b.shared[index]
	if m.b.sharedHits == nil || m.b.sharedHits[index] == 0 {
		return text, false
	}
	return model.MaskCPR(text, m.declaredOnly != nil && m.declaredOnly[index] == usedDeclared)
}

// Who uses a shared string.
const (
	unused uint8 = iota
	usedDeclared
	usedElsewhere
)

// usage finds out which CPR-shaped shared strings declared columns alone use; those are masked by the narrow rule. It need not
// look when there are none, or no declared columns.
func (m *masker) usage() error {
	if m.usageKnown {
		return nil
	}
	m.usageKnown = true
	if m.b.sharedHits == nil || len(m.declared) == 0 {
		return nil
	}
	m.declaredOnly = make([]uint8, len(m.b.shared))
	for i := range m.b.sheets {
		sh := &m.b.sheets[i]
		rc, err := m.b.parts.open(m.b.parts.find(sh.part))
		if err != nil {
			return err
		}
		r := cellReader{s: newScanner(rc, sheetToken), b: m.b}
		err = r.each(func(c *cell, _ string, _ []byte) error {
			if c.shared < 0 || m.b.sharedHits[c.shared] == 0 {
				return nil
			}
			use := usedElsewhere
			if sh == m.chosen && m.declared[int(c.col)] {
				use = usedDeclared
			}
			m.declaredOnly[c.shared] = max(m.declaredOnly[c.shared], use)
			return nil
		}, nil)
		rc.Close()
		if err != nil {
			return asFault(sh.part, err)
		}
	}
	return nil
}

// each reads a whole sheet: cells go to onCell, with their raw bytes held by the scanner, and every other token to onToken.
func (r *cellReader) each(onCell func(c *cell, text string, inline []byte) error, onToken func() error) error {
	s := r.s
	inData, col := false, int32(-1)
	var c cell
	for {
		if inData && s.depth() == 3 {
			s.start = s.pos
			s.keep()
			if raw, quick := r.quick(&c); quick {
				if c.col < 0 {
					c.col = col + 1
				}
				col = c.col
				text, inline, err := r.finish(&c, raw, r.inline[:0])
				if err == nil {
					r.inline = inline
					err = onCell(&c, text, inline)
				}
				if err != nil {
					return err
				}
				s.release()
				continue
			}
			s.release()
		}
		k, err := s.next()
		if err != nil || k == atEOF {
			return err
		}
		switch depth := s.depthOf(); {
		case k == startTag && depth == 2:
			inData = string(s.name) == "sheetData"
		case k == startTag && depth == 3:
			col = -1
		case k == startTag && depth == 4 && inData && string(s.name) == "c":
			s.keep()
			if err := r.start(&c); err != nil {
				return err
			}
			if c.col < 0 {
				c.col = col + 1
			}
			col = c.col
			text := ""
			r.inline = r.inline[:0]
			if !s.empty {
				if text, r.inline, err = r.value(&c, r.inline); err != nil {
					return err
				}
			}
			if err := onCell(&c, text, r.inline); err != nil {
				return err
			}
			s.release()
			continue
		}
		if onToken != nil {
			if err := onToken(); err != nil {
				return err
			}
		}
	}
}

// sheet writes a worksheet.
func (m *masker) sheet(s *scanner, sh *sheet) error {
	if err := m.usage(); err != nil {
		return err
	}
	s.limit = sheetToken
	r := cellReader{s: s, b: m.b}
	return r.each(func(c *cell, text string, inline []byte) error {
		declared := sh == m.chosen && m.declared[int(c.col)]
		if c.shared >= 0 {
			want, hit := text, false
			if m.b.sharedHits != nil && m.b.sharedHits[c.shared] != 0 {
				want, hit = model.MaskCPR(text, declared)
			}
			if has, _ := m.maskShared(int(c.shared)); has != want {
				m.n++ // the shared string is masked for others: this cell gets a text of its own
				return m.ownText(s.held(), want)
			} else if hit {
				m.n++
			}
		} else if len(inline) >= shortestCPR {
			if want, hit := model.MaskCPR(string(inline), declared); hit {
				m.n++
				return m.ownText(s.held(), want)
			}
		}
		if r.odd {
			return m.quiet(s.held(), "v", "t")
		}
		_, err := m.out.Write(s.held())
		return err
	}, func() error { return m.token(s) })
}

// ownText writes a cell again as a text cell of its own. A formula stays, so that others that refer to it do.
func (m *masker) ownText(raw []byte, text string) error {
	s := overBytes(raw)
	if _, err := s.next(); err != nil {
		return err
	}
	tag := string(s.tag)
	prefix := tag[:len(tag)-len(s.name)]
	m.out.WriteString("<" + tag)
	for _, a := range s.attrs {
		name := string(s.attrName(a))
		if name == "t" {
			continue
		}
		value, err := appendText(nil, s.attrRaw(a), true)
		if err != nil {
			return err
		}
		masked, _ := maskAttr("c", name, string(value))
		m.out.WriteString(" " + name + `="`)
		m.out.Write(appendXML(nil, []byte(masked), false))
		m.out.WriteString(`"`)
	}
	var formula []byte
	for s.depth() > 0 {
		k, err := s.next()
		if err != nil {
			return err
		}
		if k == startTag && s.depthOf() == 2 && string(s.name) == "f" {
			s.keep()
			if err := s.skip(); err != nil {
				return err
			}
			formula = s.held()
			s.release()
		}
	}
	escaped := string(appendXML(nil, []byte(text), true))
	if formula != nil {
		m.out.WriteString(` t="str">`)
		if err := m.quiet(formula); err != nil {
			return err
		}
		m.out.WriteString("<" + prefix + "v>" + escaped + "</" + prefix + "v></" + tag + ">")
		return nil
	}
	_, err := m.out.WriteString(` t="inlineStr"><` + prefix + `is><` + prefix + `t xml:space="preserve">` + escaped +
		"</" + prefix + "t></" + prefix + "is></" + tag + ">")
	return err
}

// plainString writes a shared string again as one run.
func (m *masker) plainString(raw []byte, text string) {
	s := overBytes(raw)
	s.next()
	tag := string(s.tag)
	prefix := tag[:len(tag)-len(s.name)]
	m.out.WriteString("<" + tag + "><" + prefix + `t xml:space="preserve">`)
	m.out.Write(appendXML(nil, []byte(text), true))
	m.out.WriteString("</" + prefix + "t></" + tag + ">")
}

// quiet writes an element token by token; the text of the elements named is left alone, because it has been looked at as a whole.
// Phonetic hints are no part of it.
func (m *masker) quiet(raw []byte, leave ...string) error {
	if !suspicious(raw) {
		_, err := m.out.Write(raw)
		return err
	}
	s := overBytes(raw)
	hint := 0
	for {
		k, err := s.next()
		if err == io.EOF || k == atEOF {
			return nil
		}
		if err != nil {
			return err
		}
		if k == startTag && string(s.name) == "rPh" && !s.empty && hint == 0 {
			hint = s.depth()
		} else if k == endTag && s.depth() < hint {
			hint = 0
		}
		left := false
		if (k == textToken || k == cdataToken) && hint == 0 && len(s.ends) > 0 {
			in := string(local(s.open[s.openFrom():]))
			for _, l := range leave {
				left = left || in == l
			}
		}
		if left {
			m.out.Write(s.raw())
		} else if err := m.token(s); err != nil {
			return err
		}
	}
}
