package workbook

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// scanner reads XML as a stream of tokens that point into its own buffer: nothing is allocated per token, and the raw bytes of
// every token are at hand, so that a part can be written again unchanged save what must change. encoding/xml takes some ten
// times longer, which is what makes the ordinary libraries slow on big sheets; FuzzScanner holds the two equal.
//
// It refuses what a workbook never holds: DTDs, entities of its own, other encodings than UTF-8, unbalanced elements, deep
// nesting and endless tokens. Names keep their prefix in tag; name is the local part. Namespaces are not resolved.
type scanner struct {
	r     io.Reader
	buf   []byte
	start int // the current token is buf[start:pos]
	pos   int
	end   int // buf[:end] is filled
	hold  int // bytes from here on are kept when the buffer moves; -1 without a hold
	limit int // longest token, and longest held region
	rerr  error

	kind  kind
	tag   []byte // <x:row> has tag x:row
	name  []byte // and name row
	empty bool   // <row/>: no end token follows
	attrs []attr

	open  []byte // names of the open elements, one after the other
	ends  []int  // where each of them ends in open
	fresh bool   // nothing read yet
	odd   bool   // see appendRich
}

type kind uint8

const (
	atEOF kind = iota
	startTag
	endTag
	textToken
	cdataToken
	commentToken
	procToken
)

// attr is an attribute as positions relative to the token's start, so that it survives a move of the buffer.
type attr struct{ nameAt, nameEnd, valueAt, valueEnd int32 }

const (
	maxDepth   = 256      // Excel's own parts stay below some 40
	maxToken   = 32 << 20 // a base64 text of Power Query may be long
	firstBytes = 64 << 10
)

// syntaxError is XML that is not well formed, or that we refuse.
type syntaxError struct {
	detail string
	what   string
}

func (e *syntaxError) Error() string { return e.what }

func syntax(format string, args ...any) error {
	return &syntaxError{detail: brokenBook, what: "xml: " + fmt.Sprintf(format, args...)}
}

var (
	errLong    = &syntaxError{detail: "en projektmappe med en celle eller en tekst, der er længere, end Excel tillader", what: "xml: endless token"}
	errDTD     = &syntaxError{detail: "en projektmappe med en DTD (erklæringer, som Excel aldrig skriver)", what: "xml: DOCTYPE"}
	errCharset = &syntaxError{detail: "en projektmappe i et andet tegnsæt end UTF-8", what: "xml: not UTF-8"}
	errDeep    = &syntaxError{detail: brokenBook, what: "xml: nested too deeply"}
)

func newScanner(r io.Reader, limit int) *scanner {
	return &scanner{r: r, buf: make([]byte, firstBytes), hold: -1, limit: limit, fresh: true}
}

// overBytes scans a piece of XML that is in memory. The piece must be whole: elements balanced.
func overBytes(b []byte) *scanner {
	return &scanner{rerr: io.EOF, buf: b[:len(b):len(b)], end: len(b), hold: -1}
}

func (s *scanner) depth() int { return len(s.ends) }

// raw is the current token as it stands in the file.
func (s *scanner) raw() []byte { return s.buf[s.start:s.pos] }

// body is the text between the brackets of a text or CDATA token.
func (s *scanner) body() []byte {
	if s.kind == cdataToken {
		return s.buf[s.start+len("<![CDATA[") : s.pos-len("]]>")]
	}
	return s.buf[s.start:s.pos]
}

func (s *scanner) attrName(a attr) []byte {
	return s.buf[s.start+int(a.nameAt) : s.start+int(a.nameEnd)]
}
func (s *scanner) attrRaw(a attr) []byte {
	return s.buf[s.start+int(a.valueAt) : s.start+int(a.valueEnd)]
}

// keep holds on to the bytes from the current token on; held gives them, up to the end of the current token.
func (s *scanner) keep()        { s.hold = s.start }
func (s *scanner) held() []byte { return s.buf[s.hold:s.pos] }
func (s *scanner) release()     { s.hold = -1 }

// more reads at least one byte behind end, moving or growing the buffer. Positions of the current token move with it.
func (s *scanner) more() error {
	if s.rerr != nil {
		return s.rerr
	}
	from := s.start
	if s.hold >= 0 && s.hold < from {
		from = s.hold
	}
	if from > 0 && s.end > len(s.buf)/2 {
		copy(s.buf, s.buf[from:s.end])
		s.start -= from
		s.pos -= from
		s.end -= from
		if s.hold >= 0 {
			s.hold -= from
		}
		from = 0
	}
	if s.end == len(s.buf) {
		if s.end-from >= s.limit {
			return errLong
		}
		s.buf = append(s.buf, make([]byte, len(s.buf)+firstBytes)...)
	}
	// Fill the space that is there, so that a token is not looked at again for every few bytes.
	for s.rerr == nil && s.end < len(s.buf) {
		var n int
		n, s.rerr = s.r.Read(s.buf[s.end:])
		s.end += n
		if n > 0 && s.end > len(s.buf)*3/4 {
			return nil
		}
	}
	if s.end > s.pos || s.rerr == nil {
		return nil
	}
	return s.rerr
}

// has makes sure that the byte i behind the token's start is in the buffer.
func (s *scanner) has(i int) error {
	for s.start+i >= s.end {
		before := s.end - s.start
		if err := s.more(); err != nil {
			return err
		}
		if s.end-s.start == before && s.rerr != nil {
			return s.rerr
		}
	}
	return nil
}

// next moves to the next token. At the end of well-formed XML it gives atEOF without an error.
func (s *scanner) next() (kind, error) {
	s.start = s.pos
	if s.fresh {
		if err := s.begin(); err != nil {
			return atEOF, err
		}
	}
	if s.pos >= s.end {
		if err := s.has(0); err != nil {
			if err == io.EOF {
				return s.finish()
			}
			return atEOF, err
		}
	}
	if s.buf[s.pos] != '<' {
		return s.scanText()
	}
	if err := s.has(1); err != nil {
		return atEOF, cut(err)
	}
	switch s.buf[s.start+1] {
	case '/':
		return s.scanEnd()
	case '?':
		return s.scanUntil(procToken, 2, "?>")
	case '!':
		return s.scanBang()
	}
	return s.scanStart()
}

func (s *scanner) finish() (kind, error) {
	if len(s.ends) > 0 {
		return atEOF, syntax("ends inside an element")
	}
	s.kind = atEOF
	return atEOF, nil
}

// cut is a file that ends inside a token.
func cut(err error) error {
	if err == io.EOF {
		return syntax("ends inside a tag")
	}
	return err
}

// begin looks at the first bytes: a UTF-8 byte order mark goes, UTF-16 is refused.
func (s *scanner) begin() error {
	s.fresh = false
	if err := s.has(2); err != nil && err != io.EOF {
		return err
	}
	head := s.buf[s.start:s.end]
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		s.start += 3
		s.pos = s.start
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("\xfe\xff")),
		bytes.HasPrefix(head, []byte("<\x00")), bytes.HasPrefix(head, []byte("\x00<")):
		return errCharset
	}
	return nil
}

func (s *scanner) scanText() (kind, error) {
	from := s.pos
	for {
		if i := bytes.IndexByte(s.buf[from:s.end], '<'); i >= 0 {
			s.pos = from + i
			break
		}
		done := s.end - s.start
		if err := s.has(done); err != nil {
			if err != io.EOF {
				return atEOF, err
			}
			s.pos = s.end
			break
		}
		from = s.start + done
	}
	if len(s.ends) == 0 && len(bytes.TrimLeft(s.buf[s.start:s.pos], " \t\r\n")) > 0 {
		return atEOF, syntax("text outside the root element")
	}
	s.kind = textToken
	return textToken, nil
}

func (s *scanner) scanUntil(k kind, skip int, mark string) (kind, error) {
	at := skip // relative to the token's start
	for {
		if err := s.has(at + len(mark) - 1); err != nil {
			return atEOF, cut(err)
		}
		if i := bytes.Index(s.buf[s.start+at:s.end], []byte(mark)); i >= 0 {
			s.pos = s.start + at + i + len(mark)
			s.kind = k
			if k == procToken {
				return k, s.checkEncoding()
			}
			return k, nil
		}
		at = s.end - s.start - len(mark) + 1
	}
}

// checkEncoding refuses an XML declaration that names another encoding than UTF-8.
func (s *scanner) checkEncoding() error {
	raw := s.raw()
	if !bytes.HasPrefix(raw, []byte("<?xml")) || len(raw) < 7 || !isSpace(raw[5]) {
		return nil
	}
	i := bytes.Index(raw, []byte("encoding"))
	if i < 0 {
		return nil
	}
	value := bytes.Trim(raw[i+len("encoding"):len(raw)-2], " \t\r\n=")
	if len(value) < 2 {
		return nil
	}
	if j := bytes.IndexByte(value[1:], value[0]); j >= 0 {
		value = value[1 : 1+j]
	}
	if !bytes.EqualFold(value, []byte("utf-8")) && !bytes.EqualFold(value, []byte("us-ascii")) {
		return errCharset
	}
	return nil
}

func (s *scanner) scanBang() (kind, error) {
	if err := s.has(3); err != nil {
		return atEOF, cut(err)
	}
	if s.buf[s.start+2] == '-' && s.buf[s.start+3] == '-' {
		return s.scanUntil(commentToken, 4, "-->")
	}
	if s.buf[s.start+2] != '[' {
		return atEOF, errDTD
	}
	const open = "<![CDATA["
	if err := s.has(len(open) - 1); err != nil {
		return atEOF, cut(err)
	}
	if string(s.buf[s.start:s.start+len(open)]) != open || len(s.ends) == 0 {
		return atEOF, syntax("unknown declaration")
	}
	return s.scanUntil(cdataToken, len(open), "]]>")
}

var errIncomplete = errors.New("incomplete")

func (s *scanner) scanStart() (kind, error) {
	for {
		err := s.parseStart()
		if err == nil {
			break
		}
		if err != errIncomplete {
			return atEOF, err
		}
		if err := s.has(s.end - s.start); err != nil {
			return atEOF, cut(err)
		}
	}
	if !s.empty {
		if len(s.ends) >= maxDepth {
			return atEOF, errDeep
		}
		s.open = append(s.open, s.tag...)
		s.ends = append(s.ends, len(s.open))
	}
	s.kind = startTag
	return startTag, nil
}

// parseStart reads a start tag that stands whole in the buffer.
func (s *scanner) parseStart() error {
	b := s.buf[s.start:s.end]
	i := 1
	for i < len(b) && class[b[i]]&nameByte != 0 {
		i++
	}
	if i == len(b) {
		return errIncomplete
	}
	if i == 1 || class[b[1]]&nameFirst == 0 {
		return syntax("a tag without a name")
	}
	s.tag = b[1:i]
	s.name = local(s.tag)
	s.attrs = s.attrs[:0]
	for {
		for i < len(b) && class[b[i]]&space != 0 {
			i++
		}
		if i == len(b) {
			return errIncomplete
		}
		if b[i] == '>' {
			s.pos = s.start + i + 1
			s.empty = false
			return nil
		}
		if b[i] == '/' {
			if i+1 == len(b) {
				return errIncomplete
			}
			if b[i+1] != '>' {
				return syntax("a stray / in a tag")
			}
			s.pos = s.start + i + 2
			s.empty = true
			return nil
		}
		a := attr{nameAt: int32(i)}
		if class[b[i]]&nameFirst == 0 {
			return syntax("an attribute without a name")
		}
		for i < len(b) && class[b[i]]&nameByte != 0 {
			i++
		}
		a.nameEnd = int32(i)
		for i < len(b) && class[b[i]]&space != 0 {
			i++
		}
		if i == len(b) {
			return errIncomplete
		}
		if b[i] != '=' {
			return syntax("an attribute without a value")
		}
		i++
		for i < len(b) && class[b[i]]&space != 0 {
			i++
		}
		if i == len(b) {
			return errIncomplete
		}
		quote := b[i]
		if quote != '"' && quote != '\'' {
			return syntax("an attribute without quotes")
		}
		i++
		a.valueAt = int32(i)
		for i < len(b) && b[i] != quote {
			if b[i] == '<' {
				return syntax("a < in an attribute")
			}
			i++
		}
		if i == len(b) {
			return errIncomplete
		}
		a.valueEnd = int32(i)
		i++
		s.attrs = append(s.attrs, a)
	}
}

func (s *scanner) scanEnd() (kind, error) {
	if len(s.ends) > 0 { // nearly always: the end of the open element, without spaces
		b, tag := s.buf[s.start+2:s.end], s.open[s.openFrom():]
		if n := len(tag); len(b) > n && b[n] == '>' && string(b[:n]) == string(tag) {
			s.tag, s.name = b[:n], local(b[:n])
			s.pop()
			s.pos = s.start + 2 + n + 1
			s.kind = endTag
			return endTag, nil
		}
	}
	at := 2
	for {
		i := bytes.IndexByte(s.buf[s.start+at:s.end], '>')
		if i >= 0 {
			at += i
			break
		}
		at = s.end - s.start
		if err := s.has(at); err != nil {
			return atEOF, cut(err)
		}
	}
	tag := bytes.TrimRight(s.buf[s.start+2:s.start+at], " \t\r\n")
	if len(s.ends) == 0 {
		return atEOF, syntax("an end without a start")
	}
	if !bytes.Equal(tag, s.open[s.openFrom():]) {
		return atEOF, syntax("elements that do not nest")
	}
	s.pop()
	s.pos = s.start + at + 1
	s.tag, s.name = tag, local(tag)
	s.kind = endTag
	return endTag, nil
}

func (s *scanner) openFrom() int {
	if len(s.ends) > 1 {
		return s.ends[len(s.ends)-2]
	}
	return 0
}

func (s *scanner) pop() {
	s.open = s.open[:s.openFrom()]
	s.ends = s.ends[:len(s.ends)-1]
}

// skip moves past the end of the element whose start tag is the current token.
func (s *scanner) skip() error {
	if s.empty {
		return nil
	}
	for outer := s.depth() - 1; s.depth() > outer; {
		if _, err := s.next(); err != nil {
			return err
		}
	}
	return nil
}
