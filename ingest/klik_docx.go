package ingest

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strconv"
	"strings"
)

const (
	maxDocxPart  = 16 << 20 // bytes of a part, unpacked; a task's is some 100 kB
	maxDocxParts = 5000
	maxDocxDepth = 256
	docxMain     = "word/document.xml"
)

// isDocx tells a Word document from other zip files.
func isDocx(data []byte) bool {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return false
	}
	for _, f := range z.File {
		if f.Name == docxMain {
			return true
		}
	}
	return false
}

// docxText gives a Word document as plain text, as Word itself would save the template: the first line of a table's cell begins with a tab,
// an empty line ends a row, numbered paragraphs have their numbers. Deleted text, comments, headers and text boxes are left out.
func docxText(data []byte) (string, error) {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return "", notKlik("den er en beskadiget zip-fil")
	}
	if len(z.File) > maxDocxParts {
		return "", notKlik("den har for mange dele")
	}
	parts := map[string]*zip.File{}
	for _, f := range z.File {
		if f.Flags&1 != 0 {
			return "", notKlik("den er låst med en adgangskode")
		}
		parts[f.Name] = f
	}
	if parts[docxMain] == nil {
		return "", notKlik("den er ikke et Word-dokument (.docx)")
	}
	d := &docx{links: map[string]string{}, numbering: newNumbering()}
	if err := d.each(parts["word/numbering.xml"], d.numbering.element); err != nil {
		return "", err
	}
	if err := d.each(parts["word/_rels/document.xml.rels"], d.relationship); err != nil {
		return "", err
	}
	if err := d.body(parts[docxMain]); err != nil {
		return "", err
	}
	return d.out.String(), nil
}

type docx struct {
	links     map[string]string // addresses of hyperlinks
	numbering *docxNumbering
	out       strings.Builder

	line      strings.Builder // the paragraph under way
	inLine    bool
	numID     string
	level     int
	firstCell bool // the next paragraph is the first of a cell
}

// part opens a part under its limit.
func (d *docx) part(f *zip.File) (*xml.Decoder, io.Closer, error) {
	if f.UncompressedSize64 > maxDocxPart {
		return nil, nil, notKlik("den fylder for meget, når den pakkes ud")
	}
	rc, err := f.Open()
	if err != nil {
		return nil, nil, notKlik("den er en beskadiget zip-fil")
	}
	return xml.NewDecoder(io.LimitReader(rc, maxDocxPart)), rc, nil
}

// each calls do with every element of a part, and the elements above it. A part that is not there has none.
func (d *docx) each(f *zip.File, do func(e xml.StartElement, above []string)) error {
	if f == nil {
		return nil
	}
	x, c, err := d.part(f)
	if err != nil {
		return err
	}
	defer c.Close()
	var above []string
	for {
		t, err := x.Token()
		if err == io.EOF {
			return nil
		}
		if err != nil || len(above) > maxDocxDepth {
			return notKlik("dens del %s er beskadiget", f.Name)
		}
		switch t := t.(type) {
		case xml.StartElement:
			do(t, above)
			above = append(above, t.Name.Local)
		case xml.EndElement:
			above = above[:len(above)-1]
		}
	}
}

func (d *docx) relationship(e xml.StartElement, _ []string) {
	if strings.HasSuffix(attribute(e, "Type"), "/hyperlink") {
		d.links[attribute(e, "Id")] = attribute(e, "Target")
	}
}

func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// skipped are elements whose text is no part of the document as it reads.
var skipped = map[string]bool{"del": true, "moveFrom": true, "txbxContent": true, "Fallback": true, "instrText": true, "delText": true, "sectPr": true}

func (d *docx) body(f *zip.File) error {
	x, c, err := d.part(f)
	if err != nil {
		return err
	}
	defer c.Close()
	broken := notKlik("dens tekst er beskadiget")
	var open []string
	var link []int // where the text of hyperlinks begins
	var address []string
	placeholder := false // of a form field that nobody has filled in
	for {
		t, err := x.Token()
		if err == io.EOF {
			if len(open) > 0 || d.out.Len() == 0 {
				return broken
			}
			return nil
		}
		if err != nil || len(open) > maxDocxDepth {
			return broken
		}
		switch t := t.(type) {
		case xml.StartElement:
			name := t.Name.Local
			if skipped[name] || name == "sdtContent" && placeholder {
				placeholder = placeholder && name != "sdtContent"
				if err := x.Skip(); err != nil {
					return broken
				}
				continue
			}
			open = append(open, name)
			switch name {
			case "tc":
				d.firstCell = true
			case "p":
				d.line.Reset()
				d.inLine, d.numID, d.level = true, "", 0
			case "numId":
				d.numID = attribute(t, "val")
			case "ilvl":
				d.level, _ = strconv.Atoi(attribute(t, "val"))
			case "tab":
				if len(open) > 1 && open[len(open)-2] == "r" {
					d.line.WriteByte(' ')
				}
			case "br", "cr":
				d.line.WriteByte('\n')
			case "noBreakHyphen":
				d.line.WriteByte('-')
			case "sdtPr":
				placeholder = false
			case "showingPlcHdr":
				placeholder = true
			case "hyperlink":
				link, address = append(link, d.line.Len()), append(address, d.links[attribute(t, "id")])
			}
		case xml.CharData:
			if d.inLine && len(open) > 0 && open[len(open)-1] == "t" {
				d.line.Write(t)
			}
		case xml.EndElement:
			open = open[:len(open)-1]
			switch t.Name.Local {
			case "p":
				d.endParagraph()
			case "tr":
				d.out.WriteByte('\n')
			case "hyperlink":
				if n := len(link) - 1; n >= 0 {
					text := d.line.String()
					if to := address[n]; to != "" && link[n] <= len(text) && !strings.Contains(text[link[n]:], to) {
						d.line.WriteString(" (" + to + ")")
					}
					link, address = link[:n], address[:n]
				}
			}
		}
		if d.out.Len()+d.line.Len() > maxDocxPart {
			return notKlik("den fylder for meget, når den pakkes ud")
		}
	}
}

func (d *docx) endParagraph() {
	if !d.inLine {
		return
	}
	d.inLine = false
	if d.firstCell {
		d.out.WriteByte('\t')
		d.firstCell = false
	}
	if d.numID != "" && strings.TrimSpace(d.line.String()) != "" {
		d.out.WriteString(d.numbering.next(d.numID, d.level))
	}
	d.out.WriteString(d.line.String())
	d.out.WriteByte('\n')
}
