package workbook

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"testing"
)

// events lists what a piece of XML holds as the scanner sees it: elements by local name, attributes, joined texts.
func events(r io.Reader, first int) (list []string, err error) {
	s := newScanner(r, 1<<20)
	s.buf = make([]byte, first)
	text := ""
	flush := func() {
		if text != "" {
			list = append(list, "text "+text)
			text = ""
		}
	}
	for {
		k, err := s.next()
		if err != nil {
			return nil, err
		}
		switch k {
		case atEOF:
			flush()
			return list, nil
		case startTag:
			flush()
			e := "start " + string(s.name)
			for _, a := range s.attrs {
				v, err := appendText(nil, s.attrRaw(a), true)
				if err != nil {
					return nil, err
				}
				e += fmt.Sprintf(" %s=%q", local(s.attrName(a)), v)
			}
			list = append(list, e)
			if s.empty {
				list = append(list, "end "+string(s.name))
			}
		case endTag:
			flush()
			list = append(list, "end "+string(s.name))
		case textToken, cdataToken:
			b, err := s.appendToken(nil)
			if err != nil {
				return nil, err
			}
			if s.depth() > 0 {
				text += string(b)
			}
		default:
			flush()
		}
	}
}

// stdEvents is the same by encoding/xml.
func stdEvents(data string) (list []string, err error) {
	d := xml.NewDecoder(strings.NewReader(data))
	text, depth := "", 0
	flush := func() {
		if text != "" {
			list = append(list, "text "+text)
			text = ""
		}
	}
	for {
		tok, err := d.Token()
		if err == io.EOF {
			flush()
			return list, nil
		}
		if err != nil {
			return nil, err
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			flush()
			depth++
			e := "start " + tok.Name.Local
			for _, a := range tok.Attr {
				e += fmt.Sprintf(" %s=%q", a.Name.Local, a.Value)
			}
			list = append(list, e)
		case xml.EndElement:
			flush()
			depth--
			list = append(list, "end "+tok.Name.Local)
		case xml.CharData:
			if depth > 0 {
				text += string(tok)
			} else if len(bytes.TrimSpace(tok)) > 0 {
				return nil, fmt.Errorf("text outside the root")
			}
		case xml.Directive:
			return nil, fmt.Errorf("directive")
		default:
			flush()
		}
	}
}

var scanSeeds = []string{
	`<a b="c" d='e"'>text &amp; &#x41;&#66; <![CDATA[<x>&]]> more<b/><c></c ></a>`,
	"<?xml version=\"1.0\" encoding='UTF-8'?>\n<x:a xmlns:x=\"u\"><!-- c - d --><x:b y:z=\"1>2\"/>\r\nlinje\rskift</x:a>\n",
	"\xef\xbb\xbf<a>æøå 😀</a>", `<a><b></a></b>`, `<a`, `<a b=c/>`, `<a>]]></a>`, `<a>&x;</a>`, `<!DOCTYPE a><a/>`, "<a>\x00</a>", `<a/>text`, `<a></a>`, `<a: :b="c" d:="e"/>`,
	`<a>` + strings.Repeat("x", 300) + `<b c="` + strings.Repeat("y", 300) + `"/></a>`,
}

func TestScannerLikeEncodingXML(t *testing.T) {
	for _, seed := range scanSeeds {
		compareScanners(t, seed)
	}
}

// TestScannerInPieces cuts the input at every place and starts with a buffer that is far too small.
func TestScannerInPieces(t *testing.T) {
	for _, seed := range scanSeeds {
		want, wantErr := events(strings.NewReader(seed), firstBytes)
		for step := 1; step < 9; step++ {
			for _, first := range []int{1, 7, 64} {
				got, err := events(&slowReader{seed, step}, first)
				if (err == nil) != (wantErr == nil) || fmt.Sprint(got) != fmt.Sprint(want) {
					t.Fatalf("%q by %d: got %v %v, want %v %v", seed, step, got, err, want, wantErr)
				}
			}
		}
	}
}

func compareScanners(t *testing.T, data string) {
	t.Helper()
	got, err := events(strings.NewReader(data), firstBytes)
	want, stdErr := stdEvents(strings.TrimPrefix(data, "\xef\xbb\xbf"))
	if err != nil || stdErr != nil {
		// Either may be the stricter: we refuse DTDs, other encodings and depth; encoding/xml some names and comments. What must
		// not be is that we fail on XML it takes, for a reason of grammar.
		if err != nil && stdErr == nil && strings.Contains(err.Error(), "xml: ") && !tolerated(err) {
			t.Fatalf("%q: %v, but encoding/xml reads %v", data, err, want)
		}
		return
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Fatalf("%q:\ngot  %q\nwant %q", data, got, want)
	}
}

// tolerated are the refusals that are ours by choice.
func tolerated(err error) bool {
	for _, own := range []string{"DOCTYPE", "not UTF-8", "nested too deeply", "endless", "outside the root", "unknown declaration", "without a name"} {
		if strings.Contains(err.Error(), own) {
			return true
		}
	}
	return false
}

func FuzzScanner(f *testing.F) {
	for _, s := range scanSeeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, data string) {
		compareScanners(t, data)
		want, wantErr := events(strings.NewReader(data), firstBytes)
		got, err := events(&slowReader{data, 3}, 5)
		if (err == nil) != (wantErr == nil) || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("%q in pieces: got %v %v, want %v %v", data, got, err, want, wantErr)
		}
	})
}

// FuzzQuick reads a row with the quick way and with the scanner alone; the two must agree.
func FuzzQuick(f *testing.F) {
	for _, s := range []string{
		`<c r="A1" s="1" t="s"><v>0</v></c><c r="B1" t="inlineStr"><is><t>x</t></is></c><c r="C1"/>`,
		`<c><v>1</v></c><c t="b"><v>1</v></c><c t="str"><v>æ_x000D_</v></c>`, `<c r="A1" t="inlineStr"><is><t xml:space="preserve"> a</t></is></c>`,
		`<c r="A1" t="n"><f>1</f><v>1</v></c>`, `<c r="XFD1" x="y"><v/></c>`, `<c t="e"><v>]]></v></c>`,
	} {
		f.Add(s)
	}
	book := &Book{shared: []string{"nul", "en"}, styles: styles{formats: []format{{}, {date: true}}}}
	f.Fuzz(func(t *testing.T, cells string) {
		row := func(slow bool) (list string, err error) {
			xml := "<worksheet><sheetData><row>" + cells + "</row></sheetData></worksheet>"
			r := &sheetReader{cellReader: cellReader{s: newScanner(strings.NewReader(xml), sheetToken), b: book, slow: slow}, hits: &sheetHits{}}
			for {
				n, cells, err := r.next()
				if err == io.EOF {
					return list, nil
				}
				if err != nil {
					return "", err
				}
				list += fmt.Sprintf("%d %q\n", n, cells)
			}
		}
		quick, err1 := row(false)
		slow, err2 := row(true)
		if quick != slow || (err1 == nil) != (err2 == nil) {
			t.Fatalf("%q: quick %s %v, slow %s %v", cells, quick, err1, slow, err2)
		}
	})
}
