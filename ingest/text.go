package ingest

import (
	"bytes"
	"io"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/sync/errgroup"
	"golang.org/x/text/encoding/charmap"

	"komhen/queries"
)

// encoding is how a text file's bytes become characters.
type encoding int

const (
	utf8Plain encoding = iota
	utf8BOM
	windows1252
	latin1 // no byte in 0x80–0x9F, so Windows-1252 would read the same
	utf16LE
	utf16BE
)

func (e encoding) String() string {
	return [...]string{"UTF-8", "UTF-8 med BOM", "Windows-1252", "ISO-8859-1", "UTF-16LE", "UTF-16BE"}[e]
}

func (e encoding) bom() int {
	switch e {
	case utf8BOM:
		return 3
	case utf16LE, utf16BE:
		return 2
	}
	return 0
}

// isUTF8 tells that the file's bytes are the text's bytes.
func (e encoding) isUTF8() bool { return e == utf8Plain || e == utf8BOM }

// survey is what one quick look through a text file finds before it is decoded.
type survey struct {
	encoding encoding
	damaged  bool // UTF-8 with bytes that are not
	lonelyCR bool // a CR without LF: an old Mac line end, or a mixture
	crlf, lf bool
	quotes   bool
	firstNUL int64 // -1 when there is none
	anyText  bool  // something other than white space
}

const (
	blockSize   = 1 << 20
	segmentSize = 32 << 20 // never a matter of how many processors there are: a file must read the same everywhere
)

// look reads the whole file once. It is quick (the checks are vectorised by the standard library) and spares every later stage
// a guess: the encoding is known for the whole file, not for its first lines. Segments of a large file are read side by side.
func look(r io.ReaderAt, size int64) (survey, error) {
	head := make([]byte, 3)
	n, err := r.ReadAt(head, 0)
	if err != nil && err != io.EOF {
		return survey{firstNUL: -1}, err
	}
	switch head = head[:n]; {
	case bytes.HasPrefix(head, []byte("\xff\xfe")):
		return wideSurvey(utf16LE, size), nil
	case bytes.HasPrefix(head, []byte("\xfe\xff")):
		return wideSurvey(utf16BE, size), nil
	}
	starts, err := segments(r, size)
	if err != nil {
		return survey{firstNUL: -1}, err
	}
	parts := make([]segment, len(starts))
	var group errgroup.Group
	group.SetLimit(queries.Processors)
	for i, from := range starts {
		to := size
		if i+1 < len(starts) {
			to = starts[i+1]
		}
		group.Go(func() error { return parts[i].read(r, from, to) })
	}
	if err := group.Wait(); err != nil {
		return survey{firstNUL: -1}, err
	}
	whole := parts[0]
	for _, part := range parts[1:] {
		whole.add(part)
	}
	return whole.survey.of(bytes.HasPrefix(head, []byte("\xef\xbb\xbf")), whole.good, whole.bad, whole.controls), nil
}

// wideSurvey is that of UTF-16: all else is told from the decoded text.
func wideSurvey(e encoding, size int64) survey {
	return survey{encoding: e, firstNUL: -1, anyText: size > 2, quotes: true, crlf: true, lf: true, lonelyCR: true}
}

// of decides the encoding by what a file's bytes are.
func (s survey) of(bom bool, good, bad int64, controls bool) survey {
	switch {
	case bom:
		s.encoding, s.damaged = utf8BOM, bad > 0
	case bad > good && controls:
		s.encoding = windows1252
	case bad > good:
		s.encoding = latin1
	default:
		s.damaged = bad > 0
	}
	return s
}

// segments are where the segments of a file begin: at its start, and behind a line end about every segmentSize.
func segments(r io.ReaderAt, size int64) ([]int64, error) {
	starts := []int64{0}
	probe := make([]byte, 64<<10)
	for at := int64(segmentSize); at < size; {
		n, err := r.ReadAt(probe, at)
		if err != nil && err != io.EOF {
			return nil, err
		}
		if n == 0 {
			break
		}
		if i := bytes.IndexByte(probe[:n], '\n'); i >= 0 && at+int64(i)+1 < size {
			starts = append(starts, at+int64(i)+1)
			at += int64(i) + segmentSize
			continue
		}
		at += int64(n)
	}
	return starts, nil
}

// segment is what is found in a part of a file that begins at its start or behind a line end.
type segment struct {
	survey
	good, bad int64 // multi-byte sequences that are UTF-8, and bytes that are not
	controls  bool  // bytes 0x80–0x9F, which ISO-8859-1 does not use for text
}

// add takes in the segment that follows.
func (g *segment) add(next segment) {
	if g.firstNUL < 0 {
		g.firstNUL = next.firstNUL
	}
	g.lonelyCR, g.crlf, g.lf = g.lonelyCR || next.lonelyCR, g.crlf || next.crlf, g.lf || next.lf
	g.quotes, g.anyText = g.quotes || next.quotes, g.anyText || next.anyText
	g.good, g.bad, g.controls = g.good+next.good, g.bad+next.bad, g.controls || next.controls
}

func (g *segment) read(r io.ReaderAt, from, to int64) error {
	g.firstNUL = -1
	buf := make([]byte, min(blockSize, to-from)+utf8.UTFMax)
	carry, lastCR := 0, false
	for at := from; at < to; {
		n, err := r.ReadAt(buf[carry:carry+int(min(blockSize, to-at))], at)
		if err != nil && err != io.EOF {
			return err
		}
		if n == 0 {
			break
		}
		fresh := buf[carry : carry+n]
		if g.firstNUL < 0 {
			if i := bytes.IndexByte(fresh, 0); i >= 0 {
				g.firstNUL = at + int64(i)
			}
		}
		if !g.anyText {
			text := fresh
			if at == 0 {
				text = bytes.TrimPrefix(fresh, []byte("\xef\xbb\xbf"))
			}
			g.anyText = len(bytes.TrimSpace(text)) > 0
		}
		g.quotes = g.quotes || bytes.IndexByte(fresh, '"') >= 0
		g.surveyLineEnds(fresh, &lastCR)
		at += int64(n)
		block := buf[:carry+n]
		carry = 0
		if !utf8.Valid(block) {
			good, bad, controls, rest := countUTF8(block, at >= to)
			g.good, g.bad, g.controls = g.good+good, g.bad+bad, g.controls || controls
			carry = copy(buf, rest)
		} else if g.bad > 0 || g.good == 0 {
			g.good += int64(len(block) - utf8.RuneCount(block))
		}
	}
	g.lonelyCR = g.lonelyCR || lastCR
	return nil
}

// surveyLineEnds notes which line ends occur; lastCR carries a CR over the end of a block.
func (s *survey) surveyLineEnds(block []byte, lastCR *bool) {
	if *lastCR {
		if block[0] == '\n' {
			s.crlf = true
		} else {
			s.lonelyCR = true
		}
	}
	*lastCR = block[len(block)-1] == '\r'
	crs := bytes.Count(block, []byte{'\r'})
	if crs > 0 {
		pairs := bytes.Count(block, []byte("\r\n"))
		s.crlf = s.crlf || pairs > 0
		if *lastCR {
			crs--
		}
		s.lonelyCR = s.lonelyCR || crs > pairs
		s.lf = s.lf || bytes.Count(block, []byte{'\n'}) > pairs
	} else if !s.lf {
		s.lf = bytes.IndexByte(block, '\n') >= 0
	}
}

// countUTF8 counts what is and is not UTF-8 in a block; a sequence cut off by the end of the block is handed back as rest.
func countUTF8(b []byte, last bool) (good, bad int64, controls bool, rest []byte) {
	for len(b) > 0 {
		if b[0] < utf8.RuneSelf {
			b = b[1:]
			continue
		}
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n == 1 {
			if !last && !utf8.FullRune(b) {
				return good, bad, controls, b
			}
			bad++
			controls = controls || b[0] < 0xA0
			b = b[1:]
			continue
		}
		for _, c := range b[:n] {
			controls = controls || c >= 0x80 && c < 0xA0
		}
		good++
		b = b[n:]
	}
	return good, bad, controls, nil
}

// decode turns raw bytes into UTF-8. It returns how many raw bytes it took: a character cut off by the end stays for the next
// call unless last is set.
func (e encoding) decode(raw []byte, last bool) (text []byte, taken int) {
	switch e {
	case windows1252, latin1:
		// The single-byte tables are total here: the five unassigned bytes become C1 controls, so nothing is lost.
		text, err := charmap.Windows1252.NewDecoder().Bytes(raw)
		if err != nil {
			panic(err) // a byte table cannot fail
		}
		return text, len(raw)
	case utf16LE, utf16BE:
		return e.decodeWide(raw, last)
	}
	if last {
		return raw, len(raw)
	}
	for back := 1; back < utf8.UTFMax && back <= len(raw); back++ {
		if c := raw[len(raw)-back]; utf8.RuneStart(c) {
			if c >= utf8.RuneSelf && !utf8.FullRune(raw[len(raw)-back:]) {
				return raw[:len(raw)-back], len(raw) - back
			}
			break
		}
	}
	return raw, len(raw)
}

func (e encoding) decodeWide(raw []byte, last bool) (text []byte, taken int) {
	unit := func(i int) rune {
		if e == utf16LE {
			return rune(raw[i]) | rune(raw[i+1])<<8
		}
		return rune(raw[i])<<8 | rune(raw[i+1])
	}
	text = make([]byte, 0, len(raw))
	i := 0
	for ; i+1 < len(raw); i += 2 {
		r := unit(i)
		if utf16.IsSurrogate(r) {
			if i+3 >= len(raw) && !last {
				return text, i
			}
			if i+3 < len(raw) {
				if pair := utf16.DecodeRune(r, unit(i+2)); pair != utf8.RuneError {
					text = utf8.AppendRune(text, pair)
					i += 2
					continue
				}
			}
			r = utf8.RuneError
		}
		text = utf8.AppendRune(text, r)
	}
	if i < len(raw) && last {
		return append(text, "\uFFFD"...), len(raw) // an odd last byte
	}
	return text, i
}

// maskRaw puts into raw the stars that masked has where text had a digit. raw decodes to text.
func (e encoding) maskRaw(raw, text, masked []byte) {
	if e.isUTF8() {
		copy(raw, masked)
		return
	}
	at := 0 // position in raw
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRune(text[i:])
		wide := e == utf16LE || e == utf16BE
		if masked[i] == '*' && text[i] != '*' {
			switch e {
			case utf16BE:
				raw[at+1] = '*'
			default:
				raw[at] = '*'
			}
		}
		switch {
		case wide && r >= 0x10000:
			at += 4
		case wide:
			at += 2
		default:
			at++
		}
		i += n
	}
}

// fault is a finding that stops the whole file.
type fault struct{ rule, detail string }

func (f *fault) Error() string { return f.rule + ": " + f.detail }

// decodeRune decodes the first character; size 0 means that more bytes are needed.
func decodeRune(b []byte, last bool) (r rune, size int) {
	if !last && !utf8.FullRune(b) {
		return 0, 0
	}
	return utf8.DecodeRune(b)
}
