package workbook

import (
	"fmt"
	"strings"
)

const (
	maxCell   = 32767 * 4 // bytes of one cell's text: Excel's limit, in the longest UTF-8
	perShared = 16 + 1    // bytes that each shared string takes besides its text
	arenaSize = 256 << 10 // shared strings are cut from pieces of this size
	maxRows   = 1048576   // Excel's last row
	maxCols   = 16384     // and its last column, XFD
)

// maxShared is how many bytes the shared strings may take in memory; a variable so that a test can lower it.
var maxShared = 256 << 20

// readShared loads the shared strings: the one part of a workbook that must be in memory to read the rest.
func (b *Book) readShared() error {
	f := b.parts.find(b.sharedPart)
	s, c, err := b.parts.scan(f)
	if err != nil {
		return err
	}
	defer c.Close()
	var (
		arena strings.Builder
		text  []byte
		used  int
	)
	add := func() error {
		if used += len(text) + perShared; used > maxShared {
			return notTable(expandsTail, fmt.Errorf("shared strings take more than %d bytes", maxShared))
		}
		if arena.Cap()-arena.Len() < len(text) {
			arena = strings.Builder{}
			arena.Grow(max(arenaSize, len(text)))
		}
		from := arena.Len()
		arena.Write(text)
		value := arena.String()[from:]
		if h := shape(value); h != 0 || b.sharedHits != nil {
			for len(b.sharedHits) < len(b.shared) {
				b.sharedHits = append(b.sharedHits, 0)
			}
			b.sharedHits = append(b.sharedHits, h)
		}
		b.shared = append(b.shared, value)
		return nil
	}
	for {
		k, err := s.next()
		switch {
		case err != nil:
		case k == atEOF:
			b.sharedOdd = b.sharedOdd || s.odd
			return nil
		case k == startTag && s.depthOf() == 2 && string(s.name) == "si":
			if text, err = s.appendRich(text[:0]); err == nil {
				err = add()
			}
		default:
			s.odd = s.odd || suspicious(s.raw())
		}
		if err != nil {
			return asFault(f.Name, err)
		}
	}
}

// appendRich appends the text of a string element (si, is) whose start tag is the current token, and moves past its end: the
// runs joined, the phonetic hints left out, Excel's escapes undone. It notes in odd when something else there may be CPR-shaped.
func (s *scanner) appendRich(dst []byte) ([]byte, error) {
	if s.empty {
		return dst, nil
	}
	from, outer := len(dst), s.depth()
	inText := 0 // depth of the t element that is open
	for s.depth() >= outer {
		k, err := s.next()
		if err != nil {
			return dst, err
		}
		switch k {
		case startTag:
			switch {
			case string(s.name) == "rPh":
				s.odd = true
				if err := s.skip(); err != nil {
					return dst, err
				}
			case string(s.name) == "t" && !s.empty && inText == 0:
				inText = s.depth()
			}
			s.odd = s.odd || suspicious(s.raw())
		case endTag:
			if s.depth() < inText {
				inText = 0
			}
		case textToken, cdataToken:
			if inText == 0 {
				s.odd = s.odd || suspicious(s.raw())
				continue
			}
			if dst, err = s.appendToken(dst); err != nil {
				return dst, err
			}
			if len(dst)-from > maxCell*2 {
				return dst, errLong
			}
		default:
			s.odd = s.odd || suspicious(s.raw())
		}
	}
	dst = unescape(dst, from)
	if len(dst)-from > maxCell {
		return dst, errLong
	}
	return dst, nil
}
