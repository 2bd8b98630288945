package workbook

import (
	"bytes"
	"slices"
	"unicode/utf8"
)

// appendText appends the decoded form of raw XML text to dst: entities, line ends and, in attributes, white space. It refuses
// what XML does not allow: other entities, control characters, bytes that are not UTF-8.
func appendText(dst, raw []byte, attribute bool) ([]byte, error) {
	i := 0
	for i < len(raw) && (class[raw[i]]&plain != 0 || raw[i] == '_') {
		i++
	}
	if i == len(raw) {
		return append(dst, raw...), nil
	}
	dst = append(dst, raw[:i]...)
	for i < len(raw) {
		c := raw[i]
		switch {
		case c == '&':
			r, n := entity(raw[i:])
			if n == 0 {
				return dst, syntax("an unknown entity")
			}
			dst = utf8.AppendRune(dst, r)
			i += n
		case c == '\r':
			dst = append(dst, '\n')
			i++
			if i < len(raw) && raw[i] == '\n' {
				i++
			}
		case c >= 0x80:
			r, n := utf8.DecodeRune(raw[i:])
			if r == utf8.RuneError && n == 1 || r == 0xfffe || r == 0xffff {
				return dst, syntax("text that is not UTF-8")
			}
			dst = append(dst, raw[i:i+n]...)
			i += n
		case c < 0x20 && c != '\t' && c != '\n':
			return dst, syntax("a control character")
		case c == ']' && !attribute && bytes.HasPrefix(raw[i:], []byte("]]>")):
			return dst, syntax("a stray ]]>")
		default:
			dst = append(dst, c)
			i++
		}
	}
	return dst, nil
}

// appendCDATA is appendText for the inside of a CDATA section, which has no entities.
func appendCDATA(dst, raw []byte) ([]byte, error) {
	for i := 0; i < len(raw); {
		c := raw[i]
		switch {
		case c == '\r':
			dst = append(dst, '\n')
			i++
			if i < len(raw) && raw[i] == '\n' {
				i++
			}
		case c >= 0x80:
			r, n := utf8.DecodeRune(raw[i:])
			if r == utf8.RuneError && n == 1 || r == 0xfffe || r == 0xffff {
				return dst, syntax("text that is not UTF-8")
			}
			dst = append(dst, raw[i:i+n]...)
			i += n
		case c < 0x20 && c != '\t' && c != '\n':
			return dst, syntax("a control character")
		default:
			dst = append(dst, c)
			i++
		}
	}
	return dst, nil
}

// appendToken decodes the current text or CDATA token.
func (s *scanner) appendToken(dst []byte) ([]byte, error) {
	if s.kind == cdataToken {
		return appendCDATA(dst, s.body())
	}
	return appendText(dst, s.body(), false)
}

// entity reads one of XML's five entities or a character reference; n is 0 for anything else.
func entity(b []byte) (r rune, n int) {
	end := bytes.IndexByte(b[:min(len(b), 16)], ';')
	if end < 2 {
		return 0, 0
	}
	switch name := string(b[1:end]); name {
	case "amp":
		return '&', end + 1
	case "lt":
		return '<', end + 1
	case "gt":
		return '>', end + 1
	case "quot":
		return '"', end + 1
	case "apos":
		return '\'', end + 1
	}
	if b[1] != '#' {
		return 0, 0
	}
	digits, base := b[2:end], rune(10)
	if len(digits) > 0 && digits[0] == 'x' {
		digits, base = digits[1:], 16
	}
	if len(digits) == 0 {
		return 0, 0
	}
	for _, c := range digits {
		d := hexDigit(c)
		if d < 0 || d >= base {
			return 0, 0
		}
		if r = r*base + d; r > utf8.MaxRune {
			return 0, 0
		}
	}
	if !inXML(r) {
		return 0, 0
	}
	return r, end + 1
}

func hexDigit(c byte) rune {
	switch {
	case c >= '0' && c <= '9':
		return rune(c - '0')
	case c >= 'a' && c <= 'f':
		return rune(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return rune(c-'A') + 10
	}
	return -1
}

// inXML tells whether XML allows a character.
func inXML(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' || r >= 0x20 && r <= 0xd7ff || r >= 0xe000 && r <= 0xfffd || r >= 0x10000 && r <= utf8.MaxRune
}

// unescape turns Excel's own _xHHHH_ into the character it stands for, in place, from position from on. Excel writes line ends
// and control characters that way, and an underscore that would otherwise look like one as _x005F_.
func unescape(b []byte, from int) []byte {
	at := bytes.Index(b[from:], []byte("_x"))
	if at < 0 {
		return b
	}
	in := from + at
	out := in
	for in < len(b) {
		r, n := escape(b[in:])
		if n == 0 {
			b[out] = b[in]
			out++
			in++
			continue
		}
		in += n
		if r >= 0xd800 && r < 0xdc00 {
			if low, m := escape(b[in:]); m > 0 && low >= 0xdc00 && low < 0xe000 {
				r, in = (r-0xd800)<<10+(low-0xdc00)+0x10000, in+m
			}
		}
		if r >= 0xd800 && r < 0xe000 {
			r = utf8.RuneError // half a pair
		}
		out += utf8.EncodeRune(b[out:out+4:out+4], r) // at most 4 bytes for at least 7
	}
	return b[:out]
}

func escape(b []byte) (r rune, n int) {
	if len(b) < 7 || b[0] != '_' || b[1] != 'x' || b[6] != '_' {
		return 0, 0
	}
	for _, c := range b[2:6] {
		d := hexDigit(c)
		if d < 0 {
			return 0, 0
		}
		r = r<<4 + d
	}
	return r, 7
}

// beginsEscape tells whether at least six bytes begin with _xHHHH.
func beginsEscape(b []byte) bool {
	_, n := escape(append(slices.Clone(b[:6]), '_'))
	return n > 0
}

// appendXML writes text so that it can stand in an element or an attribute. With excel set, characters that XML cannot hold
// and text that looks like Excel's escapes are written as _xHHHH_.
func appendXML(dst []byte, text []byte, excel bool) []byte {
	const hex = "0123456789ABCDEF"
	for i := 0; i < len(text); {
		c := text[i]
		switch {
		case c == '&':
			dst = append(dst, "&amp;"...)
		case c == '<':
			dst = append(dst, "&lt;"...)
		case c == '>':
			dst = append(dst, "&gt;"...)
		case c == '"':
			dst = append(dst, "&quot;"...)
		case c == '\t' || c == '\n' || c == '\r' && !excel:
			dst = append(dst, '&', '#', 'x', hex[c&15], ';')
		case c < 0x20:
			if excel {
				dst = append(dst, '_', 'x', '0', '0', hex[c>>4], hex[c&15], '_')
			}
		case c == '_' && excel:
			if len(text) >= i+6 && beginsEscape(text[i:]) { // its closing "_" may be that of a character behind it
				dst = append(dst, "_x005F_"...)
			} else {
				dst = append(dst, c)
			}
		case c >= 0x80:
			r, n := utf8.DecodeRune(text[i:])
			switch {
			case r == 0xfffe || r == 0xffff:
				if excel {
					dst = append(dst, '_', 'x', 'F', 'F', 'F', hex[r&15], '_')
				}
			default:
				dst = utf8.AppendRune(dst, r)
			}
			i += n
			continue
		default:
			dst = append(dst, c)
		}
		i++
	}
	return dst
}
