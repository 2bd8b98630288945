package demo

import (
	"encoding/csv"
	"io"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// field is a parameter of a contact, whatever a layout calls its column.
type field int

const (
	fCode field = iota // municipality code
	fName              // municipality name
	fUnit
	fSubject
	fChannel
	fType
	fClosing
	fForm
	fDate
	fStart
	fEnd
	fSource
	fID
	fAmount
	fGender
	fAge
	fPostcode
	fRemark // a local parameter in free text
	fTried  // a local parameter with fixed answers
	fields
)

// cells is one row before a layout puts it in order.
type cells [fields]string

// layout is one of the three column sets of codebook §1.
type layout struct {
	headers  []string
	fields   []field
	trailing bool   // an empty cell closes every line
	null     string // how a parameter that is not filled in is written
	stamp    string // how dates are written: "day", "minute" or "second"
}

var (
	layoutA = layout{
		headers: []string{"KommuneID", "Enhed", "KLE Opgave kode", "Henvendelses Kanal", "Henvendelses type", "Afslutning", "Blanket", "Dato"},
		fields:  []field{fCode, fUnit, fSubject, fChannel, fType, fClosing, fForm, fDate},
		null:    "NULL", stamp: "minute",
	}
	layoutB = layout{
		headers: []string{"Kommune", "ID", "Enhed", "Opgave", "Kanal", "Type", "Afslutning", "Blanket", "Dato", "StartTidspunkt",
			"SlutTidspunkt", "Datakilde", "Bemærkning"},
		fields:   []field{fName, fCode, fUnit, fSubject, fChannel, fType, fClosing, fForm, fDate, fStart, fEnd, fSource, fRemark},
		trailing: true, null: "NULL", stamp: "second",
	}
	layoutC = layout{
		headers: []string{"kommune", "enhed", "opgave", "kanal", "type", "afslutning", "blanket", "dato"},
		fields:  []field{fCode, fUnit, fSubject, fChannel, fType, fClosing, fForm, fDate},
		stamp:   "second",
	}
	layoutTool = layoutC.with([]string{"start", "slut", "datakilde", "kilde_id"}, fStart, fEnd, fSource, fID)
	// layoutPeople also holds the voluntary parameters and a local one.
	layoutPeople = layoutTool.with([]string{"køn", "alder", "postnummer", "prøvet_hjemmesiden"}, fGender, fAge, fPostcode, fTried)
	layoutWeb    = layoutC.with([]string{"antal"}, fAmount).day()
)

func (l layout) with(headers []string, more ...field) layout {
	l.headers = append(l.headers[:len(l.headers):len(l.headers)], headers...)
	l.fields = append(l.fields[:len(l.fields):len(l.fields)], more...)
	return l
}

func (l layout) day() layout { l.stamp = "day"; return l }

// nulls makes empty cells of the mandatory parameters say NULL, as system extracts do.
func (l layout) nulls() layout { l.null = "NULL"; return l }

// row puts cells in the layout's order, into the given slice.
func (l layout) row(c *cells, into []string) []string {
	into = into[:0]
	for _, f := range l.fields {
		v := c[f]
		if v == "" && f <= fForm {
			v = l.null
		}
		into = append(into, v)
	}
	if l.trailing {
		into = append(into, "")
	}
	return into
}

func (l layout) header() []string {
	h := l.headers
	if l.trailing {
		h = append(h[:len(h):len(h)], "")
	}
	return h
}

// dialect is how a table is put on disk.
type dialect struct {
	comma    rune
	crlf     bool
	encoding string // "utf-8", "utf-8-bom", "cp1252", "latin1", "utf-16le", "utf-16be"; the last two with a byte order mark
	sepLine  bool   // Excel's "sep=;" comes first
	xlsx     bool
}

func (d dialect) ext() string {
	if d.xlsx {
		return ".xlsx"
	}
	return ".csv"
}

// encoded wraps w so that what is written to it comes out in the dialect's encoding. finish must be called.
func (d dialect) encoded(w io.Writer) (out io.Writer, finish func() error) {
	var t transform.Transformer
	switch d.encoding {
	case "utf-8-bom":
		t = unicode.UTF8BOM.NewEncoder()
	case "cp1252":
		t = charmap.Windows1252.NewEncoder()
	case "latin1":
		t = charmap.ISO8859_1.NewEncoder()
	case "utf-16le":
		t = unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder()
	case "utf-16be":
		t = unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewEncoder()
	default:
		return w, func() error { return nil }
	}
	tw := transform.NewWriter(w, t)
	return tw, tw.Close
}

// table writes a header and rows in a layout and a dialect; each is called with a function that takes one row at a time.
func table(w io.Writer, l layout, d dialect, each func(row func(*cells) error) error) error {
	buffer := make([]string, 0, len(l.fields)+1)
	if d.xlsx {
		return workbook(w, l.headers, func(row func([]string) error) error {
			return each(func(c *cells) error { buffer = l.row(c, buffer); return row(buffer[:len(l.fields)]) })
		})
	}
	out, finish := d.encoded(w)
	if d.sepLine {
		end := "\n"
		if d.crlf {
			end = "\r\n"
		}
		if _, err := io.WriteString(out, "sep="+string(d.comma)+end); err != nil {
			return err
		}
	}
	cw := csv.NewWriter(out)
	cw.Comma, cw.UseCRLF = d.comma, d.crlf
	if err := cw.Write(l.header()); err != nil {
		return err
	}
	if err := each(func(c *cells) error { buffer = l.row(c, buffer); return cw.Write(buffer) }); err != nil {
		return err
	}
	cw.Flush()
	if err := cw.Error(); err != nil {
		return err
	}
	return finish()
}

// workbook writes a table of text cells as one sheet, streaming.
func workbook(w io.Writer, headers []string, each func(row func([]string) error) error) error {
	f := excelize.NewFile()
	defer f.Close()
	const sheet = "Henvendelser"
	if err := f.SetSheetName("Sheet1", sheet); err != nil {
		return err
	}
	sw, err := f.NewStreamWriter(sheet)
	if err != nil {
		return err
	}
	n := 0
	values := make([]any, len(headers))
	row := func(cells []string) error {
		n++
		for i, v := range cells {
			values[i] = v
		}
		return sw.SetRow("A"+itoa(n), values[:len(cells)])
	}
	if err := row(headers); err != nil {
		return err
	}
	if err := each(row); err != nil {
		return err
	}
	if err := sw.Flush(); err != nil {
		return err
	}
	return f.Write(w)
}
