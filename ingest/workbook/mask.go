package workbook

import (
	"archive/zip"
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/klauspost/compress/flate"

	"komhen/model"
)

// NeedsMasking tells whether the copy to keep differs from the file as it came. declared names the zero-based columns of the
// chosen sheet that are declared as a KLE number, a phone number or an id (codebook R11). After Rows has read the only sheet
// with data to its end, the answer costs next to nothing.
func (b *Book) NeedsMasking(sheetName string, declared map[int]bool) (bool, error) {
	if _, hit := model.MaskCPR(b.parts.zip.Comment, false); hit {
		return true, nil
	}
	m, err := b.newMasker(sheetName, declared)
	if err != nil {
		return false, err
	}
	for _, f := range b.parts.zip.File {
		if _, hit := model.MaskCPR(f.Comment, false); hit {
			return true, nil
		}
		if sh := b.sheetOf(f); sh != nil && sh.seen != nil {
			d := declared
			if sh != m.chosen {
				d = nil
			}
			if !sh.seen.any(d) {
				continue
			}
		}
		if f.Name == b.sharedPart && b.sharedHits == nil && !b.sharedOdd {
			continue
		}
		if err := m.part(f, io.Discard); err != nil {
			return false, err
		}
		if m.n > 0 {
			return true, nil
		}
	}
	return false, nil
}

// WriteMasked writes the workbook again with every CPR-shaped value masked, in all of its sheets and parts: a digit becomes *
// in a cell and other text, and x in names and formulas, where * means something else. In declared columns of the chosen sheet
// only the dashed form counts. Reading the copy gives the cells of the original after masking. Documents within the workbook
// cannot be looked into and are emptied; pictures are copied. masked counts the places that were changed.
func (b *Book) WriteMasked(dst io.Writer, sheetName string, declared map[int]bool) (masked int, err error) {
	m, err := b.newMasker(sheetName, declared)
	if err != nil {
		return 0, err
	}
	zw := zip.NewWriter(dst)
	zw.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.DefaultCompression) })
	for _, f := range b.parts.zip.File {
		if strings.HasSuffix(f.Name, "/") {
			continue
		}
		// A header of our own: comments and extra fields of the old one are left behind.
		w, err := zw.CreateHeader(&zip.FileHeader{Name: f.Name, Method: zip.Deflate})
		if err != nil {
			return m.n, err
		}
		if err := m.part(f, w); err != nil {
			return m.n, err
		}
	}
	return m.n, zw.Close()
}

type masker struct {
	b        *Book
	chosen   *sheet
	declared map[int]bool
	out      *bufio.Writer
	buf      []byte
	n        int

	usageKnown   bool
	declaredOnly []uint8 // who uses each shared string; nil when it does not matter
}

func (b *Book) newMasker(sheetName string, declared map[int]bool) (*masker, error) {
	sh := b.sheet(sheetName)
	if sh == nil {
		return nil, notTable("en projektmappe uden det ark, der er valgt", nil)
	}
	return &masker{b: b, chosen: sh, declared: declared, out: bufio.NewWriterSize(nil, 64<<10)}, nil
}

// safeNames maps the names of sheets to those of the kept copy.
func (b *Book) safeNames() map[string]string {
	names := map[string]string{}
	for _, s := range b.sheets {
		names[s.Name] = s.Safe
	}
	return names
}

func (b *Book) sheetOf(f *zip.File) *sheet {
	for i := range b.sheets {
		if b.sheets[i].part == f.Name {
			return &b.sheets[i]
		}
	}
	return nil
}

// part writes one entry.
func (m *masker) part(f *zip.File, w io.Writer) error {
	m.out.Reset(w)
	var err error
	switch sh := m.b.sheetOf(f); {
	case sh != nil:
		err = m.scan(f, func(s *scanner) error { return m.sheet(s, sh) })
	case f.Name == m.b.sharedPart:
		err = m.scan(f, m.sharedStrings)
	default:
		err = m.otherPart(f)
	}
	if err != nil {
		return asFault(f.Name, err)
	}
	return m.out.Flush()
}

func (m *masker) scan(f *zip.File, do func(*scanner) error) error {
	s, c, err := m.b.parts.scan(f)
	if err != nil {
		return err
	}
	defer c.Close()
	return do(s)
}

func (m *masker) otherPart(f *zip.File) error {
	rc, err := m.b.parts.open(f)
	if err != nil {
		return err
	}
	defer rc.Close()
	r := bufio.NewReaderSize(rc, 4096)
	head, err := r.Peek(4096)
	if err != nil && err != io.EOF {
		return err
	}
	kind := Sniff(head)
	name := partName(f.Name)
	if bytes.HasPrefix(bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n"), []byte("<")) {
		kind = "xml"
	}
	switch {
	case kind == "xml":
		return m.xmlPart(f)
	case kind == "text":
		return m.textPart(r)
	case kind == "zip", kind == "ole", strings.HasPrefix(name, "xl/embeddings/"), strings.HasPrefix(name, "xl/model/"):
		if len(head) > 0 {
			m.n++
		}
		return nil
	}
	_, err = io.Copy(m.out, r)
	return err
}

// xmlPart writes an XML part that is no sheet. It is looked through before a byte is written, because old drawings (VML) may
// not be well formed; those are masked as plain text.
func (m *masker) xmlPart(f *zip.File) error {
	main := f.Name == m.b.parts.find(m.b.bookPart).Name
	before := m.n
	probe := *m
	probe.out = bufio.NewWriterSize(io.Discard, 4096)
	err := m.scan(f, func(s *scanner) error { return probe.tokens(s, main) })
	var syntax *syntaxError
	if errors.As(err, &syntax) && !main {
		rc, err := m.b.parts.open(f)
		if err != nil {
			return err
		}
		defer rc.Close()
		return m.textPart(rc)
	}
	if err != nil {
		return err
	}
	if probe.n == before {
		rc, err := m.b.parts.open(f)
		if err != nil {
			return err
		}
		defer rc.Close()
		_, err = io.Copy(m.out, rc)
		return err
	}
	return m.scan(f, func(s *scanner) error { return m.tokens(s, main) })
}

// textPart masks plain text of any kind; UTF-16 is looked at, too.
func (m *masker) textPart(r io.Reader) error {
	const limit = 64 << 20
	text, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return err
	}
	if len(text) > limit {
		return notTable(expandsTail, fmt.Errorf("text of more than %d bytes", limit))
	}
	if bytes.HasPrefix(text, []byte("\xff\xfe")) || bytes.HasPrefix(text, []byte("\xfe\xff")) {
		if narrow := bytes.ReplaceAll(text, []byte{0}, nil); model.MaskCPRBytes(narrow, false) {
			m.n++
			return nil // text that Excel does not read: emptied
		}
	} else if model.MaskCPRBytes(text, false) {
		m.n++
	}
	_, err = m.out.Write(text)
	return err
}

// tokens writes XML token by token, masking texts and attributes.
func (m *masker) tokens(s *scanner, main bool) error {
	for {
		k, err := s.next()
		if err != nil {
			return err
		}
		if k == atEOF {
			return nil
		}
		if k == startTag && !s.empty && (string(s.name) == "text" || string(s.name) == "p") {
			s.keep()
			if err := s.skip(); err != nil {
				return err
			}
			if err := m.paragraph(s.held()); err != nil {
				return err
			}
			s.release()
			continue
		}
		if main && k == startTag && string(s.name) == "sheet" {
			if err := m.startTag(s, m.b.safeNames()); err != nil {
				return err
			}
			continue
		}
		if err := m.token(s); err != nil {
			return err
		}
	}
}

// token writes the current token, masked.
func (m *masker) token(s *scanner) error {
	raw := s.raw()
	if !suspicious(raw) {
		_, err := m.out.Write(raw)
		return err
	}
	switch s.kind {
	case startTag:
		return m.startTag(s, nil)
	case textToken, cdataToken:
		var err error
		if m.buf, err = s.appendToken(m.buf[:0]); err != nil {
			return err
		}
		text, hit := maskWith(string(m.buf), textStar(s))
		if !hit {
			_, err = m.out.Write(raw)
			return err
		}
		m.n++
		_, err = m.out.Write(appendXML(nil, []byte(text), false))
		return err
	}
	text, hit := maskWith(string(raw), 'x')
	if hit {
		m.n++
	}
	_, err := m.out.WriteString(text)
	return err
}

// startTag writes the current start tag with its attributes masked. rename, if there, gives names instead.
func (m *masker) startTag(s *scanner, rename map[string]string) error {
	raw := s.raw()
	from := 0
	for _, a := range s.attrs {
		name := string(s.attrName(a))
		value, err := appendText(nil, s.attrRaw(a), true)
		if err != nil {
			return err
		}
		masked, hit := maskAttr(string(s.name), string(local([]byte(name))), string(value))
		if rename != nil && name == "name" {
			if safe, ok := rename[string(value)]; ok {
				masked, hit = safe, safe != string(value)
			}
		}
		if !hit {
			continue
		}
		m.n++
		m.out.Write(raw[from:a.valueAt])
		m.out.Write(appendXML(nil, []byte(masked), false))
		from = int(a.valueEnd)
	}
	_, err := m.out.Write(raw[from:])
	return err
}

// paragraph writes an element whose text may be cut into runs (a comment, a text box): the runs are looked at as one text.
func (m *masker) paragraph(raw []byte) error {
	if !suspicious(raw) && !suspicious(flat(raw)) {
		_, err := m.out.Write(raw)
		return err
	}
	var joined []byte
	var ends []int
	s := overBytes(raw)
	for {
		k, err := s.next()
		if err != nil {
			return err
		}
		if k == atEOF {
			break
		}
		if s.inText() {
			if joined, err = s.appendToken(joined); err != nil {
				return err
			}
			ends = append(ends, len(joined))
		}
	}
	masked, hit := maskWith(string(joined), '*')
	if hit {
		m.n++
	}
	at := 0
	for s = overBytes(raw); ; {
		k, err := s.next()
		if err != nil || k == atEOF {
			return err
		}
		if !s.inText() {
			if err := m.token(s); err != nil {
				return err
			}
			continue
		}
		if end := ends[0]; masked[at:end] == string(joined[at:end]) {
			m.out.Write(s.raw())
		} else {
			m.out.Write(appendXML(nil, []byte(masked[at:end]), false))
		}
		at, ends = ends[0], ends[1:]
	}
}

// inText tells whether the current token is text of a run, or of an element that holds its text directly.
func (s *scanner) inText() bool {
	if s.kind != textToken && s.kind != cdataToken || len(s.ends) == 0 {
		return false
	}
	in := string(local(s.open[s.openFrom():]))
	return in == "t" || in == "text"
}

// flat is raw XML without its tags, to see what a text cut into runs holds.
func flat(raw []byte) []byte {
	out := make([]byte, 0, len(raw))
	in := false
	for _, c := range raw {
		switch {
		case c == '<':
			in = true
		case c == '>' && in:
			in = false
		case !in:
			out = append(out, c)
		}
	}
	return out
}
