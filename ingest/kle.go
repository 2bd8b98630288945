package ingest

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"komhen/model"
	"komhen/queries"
)

// maxKLESize is far above KL's whole file (3.4 MB in 2015), and bounds what a wrong file can cost.
const maxKLESize = 32 << 20

// maxKLETitle is in bytes; KL's longest title is about 250.
const maxKLETitle = 2000

// kleParts are the elements of KL's file that make a node, outermost first. Each holds its number, its title and the elements
// of the next level; withdrawn nodes stand in it too and count, because contacts were once registered on them.
var kleParts = []struct{ element, number, title string }{
	{"Hovedgruppe", "HovedgruppeNr", "HovedgruppeTitel"},
	{"Gruppe", "GruppeNr", "GruppeTitel"},
	{"Emne", "EmneNr", "EmneTitel"},
}

const kleRoot = "KLE-Emneplan"

// DecodeKLE reads KL's own KLE file (XML) as a stream. The nodes come in the file's order. Errors are *model.Problem.
func DecodeKLE(r io.Reader) (nodes []queries.KLENode, published model.Date, err error) {
	limited := &io.LimitedReader{R: r, N: maxKLESize + 1}
	d := &kleDecoder{xml: xml.NewDecoder(limited), seen: map[int]bool{}}
	d.xml.CharsetReader = kleCharset
	err = d.decode()
	switch {
	case limited.N <= 0:
		return nil, 0, kleProblem("kle-too-large", nil, "KLE-filen er større end %d MB. Det er ikke KL’s KLE-fil.", maxKLESize>>20)
	case err != nil:
		return nil, 0, err
	}
	return d.nodes, d.published, nil
}

func kleProblem(code string, err error, format string, args ...any) *model.Problem {
	return &model.Problem{Code: code, Message: fmt.Sprintf(format, args...), Err: err}
}

func kleCharset(charset string, in io.Reader) (io.Reader, error) {
	switch strings.ToLower(charset) {
	case "iso-8859-1", "latin1", "windows-1252":
		return charmap.Windows1252.NewDecoder().Reader(in), nil
	}
	return nil, fmt.Errorf("unknown character set %q", charset)
}

type kleDecoder struct {
	xml       *xml.Decoder
	nodes     []queries.KLENode
	published model.Date
	dated     bool
	seen      map[int]bool // number and level
}

func (d *kleDecoder) line() int {
	line, _ := d.xml.InputPos()
	return line
}

// broken is the problem of a file that is no XML, or is cut off.
func (d *kleDecoder) broken(err error) error {
	var p *model.Problem
	if errors.As(err, &p) {
		return err
	}
	var syntax *xml.SyntaxError
	if errors.As(err, &syntax) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return kleProblem("kle-xml", err, "KLE-filen kan ikke læses: den går i stykker i linje %d. Hent den igen hos KL.", d.line())
	}
	return kleProblem("kle-read", err, "KLE-filen kan ikke læses i linje %d. Tjek filen, eller hent den igen hos KL.", d.line())
}

func (d *kleDecoder) decode() error {
	root, err := d.next()
	if err != nil {
		return d.broken(err)
	}
	if root == nil || root.Name.Local != kleRoot {
		return kleProblem("kle-not-kle", nil, "Filen er ikke KL’s KLE-fil: den begynder ikke med <%s>. Hent KLE-emneplanen som XML hos KL.", kleRoot)
	}
	for {
		start, err := d.next()
		if err != nil {
			return d.broken(err)
		}
		if start == nil {
			break
		}
		switch start.Name.Local {
		case "UdgivelsesDato":
			err = d.readPublished()
		case kleParts[0].element:
			err = d.readNode(1, nil)
		default:
			err = d.xml.Skip()
		}
		if err != nil {
			return d.broken(err)
		}
	}
	if !d.dated {
		return kleProblem("kle-date", nil, "KLE-filen har ingen <UdgivelsesDato>, så vi kan ikke se, hvilken udgave den er. Hent den igen hos KL.")
	}
	if len(d.nodes) == 0 {
		return kleProblem("kle-empty", nil, "KLE-filen har ingen hovedgrupper. Hent den igen hos KL.")
	}
	for { // nothing but white space and comments may follow the root
		t, err := d.xml.Token()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return d.broken(err)
		}
		text, isText := t.(xml.CharData)
		_, isStart := t.(xml.StartElement)
		if isStart || isText && strings.TrimSpace(string(text)) != "" {
			return kleProblem("kle-xml", nil, "KLE-filen har mere tekst efter emneplanen, i linje %d. Hent den igen hos KL.", d.line())
		}
	}
}

// next is the next start element inside the current element, or nil at its end. Text in between is no part of the tree.
func (d *kleDecoder) next() (*xml.StartElement, error) {
	for {
		t, err := d.xml.Token()
		if err != nil {
			return nil, err
		}
		switch t := t.(type) {
		case xml.StartElement:
			return &t, nil
		case xml.EndElement:
			return nil, nil
		}
	}
}

// text is the text of the element that has just begun, up to its end.
func (d *kleDecoder) text(name string) (string, error) {
	var b strings.Builder
	for {
		t, err := d.xml.Token()
		if err != nil {
			return "", err
		}
		switch t := t.(type) {
		case xml.CharData:
			if b.Len()+len(t) > maxKLETitle {
				return "", kleProblem("kle-title", nil, "KLE-filen har en urimeligt lang tekst i <%s>, linje %d.", name, d.line())
			}
			b.Write(t)
		case xml.StartElement:
			if err := d.xml.Skip(); err != nil {
				return "", err
			}
		case xml.EndElement:
			return strings.Join(strings.Fields(b.String()), " "), nil
		}
	}
}

func (d *kleDecoder) readPublished() error {
	text, err := d.text("UdgivelsesDato")
	if err != nil {
		return err
	}
	var year, month, day int
	if n, err := fmt.Sscanf(text, "%4d-%2d-%2d", &year, &month, &day); n != 3 || err != nil || year < 1900 ||
		!model.ValidDay(year, month, day) || model.NewDate(year, month, day).ISO() != text {
		return kleProblem("kle-date", err, "KLE-filens udgivelsesdato »%s« i linje %d er ikke en dato som 2015-08-01.", text, d.line())
	}
	if d.dated {
		return kleProblem("kle-date", nil, "KLE-filen har to udgivelsesdatoer; den anden står i linje %d.", d.line())
	}
	d.published, d.dated = model.NewDate(year, month, day), true
	return nil
}

// readNode reads the element of a node that has just begun, and those below it. parent is nil for a main group.
func (d *kleDecoder) readNode(level int, parent *queries.KLENode) error {
	part := kleParts[level-1]
	first := d.line()
	var number, title string
	var node *queries.KLENode // set once number and title are known, since they stand before the children
	for {
		start, err := d.next()
		if err != nil {
			return err
		}
		if start == nil {
			break
		}
		switch name := start.Name.Local; {
		case name == part.number && number == "":
			number, err = d.text(name)
		case name == part.title && title == "":
			title, err = d.text(name)
		case level < len(kleParts) && name == kleParts[level].element:
			if node == nil {
				if node, err = d.add(level, number, title, first, parent); err != nil {
					return err
				}
			}
			err = d.readNode(level+1, node)
		default:
			err = d.xml.Skip()
		}
		if err != nil {
			return err
		}
	}
	if node == nil {
		if _, err := d.add(level, number, title, first, parent); err != nil {
			return err
		}
	}
	return nil
}

// add checks a node and keeps it.
func (d *kleDecoder) add(level int, number, title string, line int, parent *queries.KLENode) (*queries.KLENode, error) {
	part := kleParts[level-1]
	// A number of level 1 is NN, of 2 NN.NN, of 3 NN.NN.NN.
	k, ok := model.ParseKLE(number + strings.Repeat(".00", len(kleParts)-level))
	if !ok || len(number) != 3*level-1 {
		return nil, kleProblem("kle-number", nil, "KLE-filen har et ukendt nummer »%s« i <%s>, linje %d. Vi venter %s.",
			number, part.number, line, [...]string{"NN", "NN.NN", "NN.NN.NN"}[level-1])
	}
	if parent != nil {
		size := model.KLE(10000) // what a number of the parent's level spans
		if level == 3 {
			size = 100
		}
		if k/size != parent.KLE/size {
			return nil, kleProblem("kle-number", nil, "KLE-nummeret %s i linje %d står under %s, hvor det ikke hører til.",
				number, line, parent.KLE.String()[:3*(level-1)-1])
		}
	}
	if title == "" || !utf8.ValidString(title) {
		return nil, kleProblem("kle-title", nil, "KLE-nummeret %s i linje %d har ingen titel.", number, line)
	}
	if key := int(k)*10 + level; d.seen[key] {
		return nil, kleProblem("kle-number", nil, "KLE-nummeret %s står to gange i filen; den anden gang i linje %d.", number, line)
	} else {
		d.seen[key] = true
	}
	d.nodes = append(d.nodes, queries.KLENode{KLE: k, Level: level, Title: title})
	node := d.nodes[len(d.nodes)-1]
	return &node, nil
}
