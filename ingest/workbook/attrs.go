package workbook

import "bytes"

// attribute gives the decoded value of an unprefixed attribute.
func (s *scanner) attribute(name string) (value string, ok bool, err error) {
	for _, a := range s.attrs {
		if string(s.attrName(a)) == name {
			b, err := appendText(nil, s.attrRaw(a), true)
			return string(b), true, err
		}
	}
	return "", false, nil
}

// prefixed gives the decoded value of an attribute that has any prefix and this local name (r:id).
func (s *scanner) prefixed(name string) (value string, ok bool, err error) {
	for _, a := range s.attrs {
		if n := s.attrName(a); len(local(n)) < len(n) && string(local(n)) == name {
			b, err := appendText(nil, s.attrRaw(a), true)
			return string(b), true, err
		}
	}
	return "", false, nil
}

func local(tag []byte) []byte {
	if i := bytes.IndexByte(tag, ':'); i > 0 && i < len(tag)-1 {
		return tag[i+1:]
	}
	return tag
}

func isSpace(c byte) bool { return class[c]&space != 0 }

// Byte classes. Bytes of other scripts are taken for name bytes: which letters XML allows in names is of no matter here.
const (
	space     = 1 << iota // XML white space
	nameFirst             // may begin a name
	nameByte              // may stand in a name
	plain                 // stands for itself in text: no entity, escape, line end or other script
	high                  // part of a character of another script
	special               // anything else
)

var class = func() (t [256]uint8) {
	for i := range t {
		c := byte(i)
		switch {
		case c == ' ', c == '\t', c == '\r', c == '\n':
			t[i] |= space
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c == '_', c == ':', c >= 0x80:
			t[i] |= nameFirst | nameByte
		case c >= '0' && c <= '9', c == '-', c == '.':
			t[i] |= nameByte
		}
		if c >= 0x20 && c < 0x7f && c != '&' && c != '<' && c != '_' && c != ']' {
			t[i] |= plain
		} else if c >= 0x80 {
			t[i] |= high
		} else {
			t[i] |= special
		}
	}
	return t
}()
