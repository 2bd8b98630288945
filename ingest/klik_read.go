package ingest

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"komhen/ingest/workbook"
	"komhen/model"
)

// MaxKlikSize is in bytes; it is far above any task document or list of 98 municipalities' tasks, and bounds what a wrong file can cost.
const MaxKlikSize = 32 << 20

// KlikRow is a task document, or a row of a list: the cells by the name of their field (model.KlikField). A field that the file does not
// have is not among them; an empty cell is.
type KlikRow struct {
	Sheet string
	Line  int64
	Cells map[string]string
	lines map[string]int64 // of a document: where each field stands
}

func (r *KlikRow) lineOf(field string) int64 {
	if line, ok := r.lines[field]; ok {
		return line
	}
	return r.Line
}

// has tells whether the file has the field at all.
func (r *KlikRow) has(field string) bool { _, ok := r.Cells[field]; return ok }

// KlikFile is a KLIK file that has been read. Form is "document" or "list". A file with a fault has no rows and is not kept.
type KlikFile struct {
	Name     string
	Form     string
	Rows     []KlikRow
	Findings []KlikFinding // of its header, or its one fault
	Fault    bool

	kept   []byte // what is kept of it
	format string // the ending of that
}

// KlikFinding is a finding with the sheet that it stands on; "" but for workbooks.
type KlikFinding struct {
	Sheet string
	model.Finding
}

// ReadKlik reads a file: a task document (.docx, or text in the form of seeds 000 and 001) or a list (csv or xlsx). What cannot be read, and
// what holds a CPR-shaped value, is a file with a fault. Of a document only its text is kept: no names of authors, no comments, no pictures.
func ReadKlik(book *model.Codebook, name string, data []byte) *KlikFile {
	r := &klikReader{book: book, file: &KlikFile{Name: name}}
	if err := r.read(data); err != nil {
		r.fault(err)
	}
	return r.file
}

// readKeptKlik reads a file as it was kept; format is the kept copy's ending.
func readKeptKlik(book *model.Codebook, name, format string, data []byte) *KlikFile {
	r := &klikReader{book: book, file: &KlikFile{Name: name}}
	var err error
	if format == "txt" {
		err = r.document(string(data))
	} else {
		err = r.read(data)
	}
	if err != nil {
		r.fault(err)
	}
	return r.file
}

type klikReader struct {
	book *model.Codebook
	file *KlikFile
}

// klikFault is why a file cannot be read, after "Filen kan ikke læses: ".
type klikFault struct{ rule, detail string }

func (f *klikFault) Error() string { return f.rule + ": " + f.detail }

func notKlik(format string, args ...any) error {
	return &klikFault{"KL15", fmt.Sprintf(format, args...)}
}

func (r *klikReader) fault(err error) {
	f := &klikFault{rule: "KL15", detail: "den er beskadiget"}
	var table *workbook.Fault
	if errors.As(err, &table) {
		f.detail = "den er " + table.Detail
	}
	errors.As(err, &f)
	r.file.Rows, r.file.kept, r.file.Fault = nil, nil, true
	r.file.Findings = []KlikFinding{{Finding: model.Finding{Rule: f.rule, Severity: model.File, Detail: f.detail}}}
}

func (r *klikReader) read(data []byte) error {
	switch {
	case len(data) == 0:
		return notKlik("den er tom")
	case len(data) > MaxKlikSize:
		return notKlik("den er større end %d MB", MaxKlikSize>>20)
	}
	switch kind := workbook.Sniff(data[:min(len(data), 64<<10)]); kind {
	case "text", "xml", "html": // a task may begin with an angle bracket
		return r.text(data)
	case "zip":
		if strings.EqualFold(filepath.Ext(r.file.Name), ".docx") || isDocx(data) {
			text, err := docxText(data)
			if err != nil {
				return err
			}
			r.file.kept, r.file.format = []byte(text), "txt"
			return r.document(text)
		}
		return r.workbook(data)
	default:
		return notKlik("den er %s", workbook.Describe(kind))
	}
}

// text reads a text file, which is a list when its first line names several fields.
func (r *klikReader) text(data []byte) error {
	text, err := klikText(data)
	if err != nil {
		return err
	}
	if comma := r.delimiter(text); comma != 0 {
		r.file.kept, r.file.format = data, "csv"
		if _, hit := model.MaskCPR(text, false); hit {
			return &klikFault{rule: "KL18"}
		}
		return r.list(text, comma)
	}
	r.file.kept, r.file.format = []byte(text), "txt"
	return r.document(text)
}

// klikText decodes a text file: line ends become \n, letters are composed.
func klikText(data []byte) (string, error) {
	s, err := look(bytes.NewReader(data), int64(len(data)))
	switch {
	case err != nil:
		return "", err
	case s.firstNUL >= 0 && s.encoding != utf16LE && s.encoding != utf16BE:
		return "", notKlik("den har NUL-tegn og er ikke tekst")
	case !s.anyText:
		return "", notKlik("den er tom")
	}
	text := data[s.encoding.bom():]
	if !s.encoding.isUTF8() {
		text, _ = s.encoding.decode(text, true)
	}
	clean := strings.ToValidUTF8(string(text), "\uFFFD")
	return norm.NFC.String(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(clean)), nil
}

// delimiter is that of a list's header, the one that names most fields; 0 when the first line is no header.
func (r *klikReader) delimiter(text string) (comma rune) {
	first, _, _ := strings.Cut(strings.TrimLeft(text, "\n "), "\n")
	most := 1
	for _, c := range []rune{';', '\t', ','} {
		cells, err := newCSV(strings.NewReader(first), c).Read()
		if err != nil {
			continue
		}
		if n := len(r.fieldsOf(cells)); n > most {
			comma, most = c, n
		}
	}
	return comma
}

// fieldsOf are the fields that a header names.
func (r *klikReader) fieldsOf(cells []string) (fields []string) {
	for _, c := range cells {
		if f := r.book.Klik.Field(c); f != nil {
			fields = append(fields, f.Field)
		}
	}
	return fields
}

func (r *klikReader) list(text string, comma rune) error {
	in := newCSV(strings.NewReader(text), comma)
	in.ReuseRecord = false
	l := klikList{reader: r}
	for {
		cells, err := in.Read()
		if err == io.EOF {
			return l.end()
		}
		var broken *csv.ParseError
		if errors.As(err, &broken) {
			return notKlik("linje %d går i stykker ved et anførselstegn", broken.StartLine)
		}
		if err != nil {
			return err
		}
		line, _ := in.FieldPos(0)
		if last := len(cells) - 1; strings.Count(cells[last], "\n") > maxKlikLines {
			return notKlik("anførselstegnet i linje %d lukkes aldrig", line)
		}
		if err := l.row(int64(line), cells); err != nil {
			return err
		}
	}
}

// maxKlikLines is how many lines a cell may have: a lone quotation mark swallows the rest of the file.
const maxKlikLines = 2000

func (r *klikReader) workbook(data []byte) error {
	book, err := workbook.Open(bytes.NewReader(data), int64(len(data)), 8*MaxKlikSize)
	if err != nil {
		return err
	}
	r.file.kept, r.file.format = data, "xlsx"
	for _, s := range book.Sheets() {
		if !s.HasData || model.Fold(s.Name) == "vejledning" {
			continue
		}
		l := klikList{reader: r, sheet: s.Safe}
		if err := book.Rows(s.Name, func(row int, cells []string) error { return l.row(int64(row), slices.Clone(cells)) }); err != nil {
			return err
		}
		if err := l.end(); err != nil {
			return err
		}
	}
	for _, s := range book.Sheets() {
		hit, err := book.NeedsMasking(s.Name, nil)
		if err != nil {
			return err
		}
		if hit {
			return &klikFault{rule: "KL18"}
		}
	}
	if r.file.Form == "" {
		return notKlik("intet ark har skabelonens feltnavne i første række")
	}
	return nil
}

// klikList turns the rows of a list into rows by field.
type klikList struct {
	reader *klikReader
	sheet  string
	header []string // fields; "" for a column that is not known
	rows   []KlikRow
}

func (l *klikList) row(line int64, cells []string) error {
	if emptyRow(cells) {
		return nil
	}
	if l.header == nil {
		return l.head(line, cells)
	}
	if len(l.header) == 0 {
		return nil // of a sheet that explains
	}
	row := KlikRow{Sheet: l.sheet, Line: line, Cells: map[string]string{}}
	for i, field := range l.header {
		if field == "" {
			continue
		}
		text := ""
		if i < len(cells) {
			text = norm.NFC.String(strings.TrimSpace(strings.ReplaceAll(cells[i], "\r\n", "\n")))
		}
		row.Cells[field] = text
	}
	for _, text := range cells[min(len(l.header), len(cells)):] {
		if strings.TrimSpace(text) != "" {
			return notKlik("række %d har flere celler end overskriften", line)
		}
	}
	l.rows = append(l.rows, row)
	return nil
}

// head reads the header. What a column without the municipality's name means in a list of master tasks is what the template calls so.
func (l *klikList) head(line int64, cells []string) error {
	known := l.reader.fieldsOf(cells)
	if len(known) < 2 {
		if l.sheet != "" {
			l.header = []string{} // a sheet that explains
			return nil
		}
		return notKlik("første linje har ikke skabelonens feltnavne")
	}
	list := !slices.Contains(known, "municipality")
	for i, c := range cells {
		field := ""
		if f := l.reader.book.Klik.Field(c); f != nil {
			field = f.Field
			if as, master := map[string]string{"start_day": "start", "end_day": "end", "owner": "responsible", "doer": "performer"}[field]; master && list {
				field = as
			}
		} else if strings.TrimSpace(c) != "" {
			l.reader.file.Findings = append(l.reader.file.Findings, KlikFinding{l.sheet, model.Finding{Rule: "KL17", Severity: model.Warning, Line: line, Record: line,
				Column: "Overskriften", Value: shown(c), Detail: "den kolonne kendes ikke og bliver ikke brugt"}})
		}
		if field != "" && slices.Contains(l.header, field) {
			return notKlik("kolonne %d og %d er begge »%s«", slices.Index(l.header, field)+1, i+1, l.reader.book.Klik.Named(field).Label)
		}
		l.header = append(l.header, field)
	}
	return nil
}

func (l *klikList) end() error {
	if len(l.header) > 0 {
		l.reader.file.Form = "list"
		l.reader.file.Rows = append(l.reader.file.Rows, l.rows...)
	} else if l.sheet == "" {
		return notKlik("den har ingen rækker")
	}
	return nil
}
