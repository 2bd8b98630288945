package ingest

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"regexp"
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

// klikRemark is a comment of Word's as it comes out in plain text; it holds a person's name and is no part of the task.
var klikRemark = regexp.MustCompile(`(?m)[ \t]+Comment by [^:\n]{1,200}:.*$`)

// document reads a task in the template's form: a label on a line of its own, which begins with a tab where the text comes from the
// template's table, and below it the field's text up to the next label.
func (r *klikReader) document(text string) error {
	text = klikRemark.ReplaceAllString(text, "")
	r.file.kept = []byte(text)
	if _, hit := model.MaskCPR(text, false); hit {
		return &klikFault{rule: "KL18"}
	}
	lines := strings.Split(text, "\n")
	tabbed := slices.ContainsFunc(lines, func(line string) bool {
		field, _ := r.label(line, false)
		return field != "" && strings.HasPrefix(line, "\t")
	})
	row := KlikRow{Line: 1, Cells: map[string]string{}, lines: map[string]int64{}}
	field := ""
	content := map[string][]string{}
	for i, line := range lines {
		next, inline := r.label(line, tabbed)
		if next == "" {
			if field != "" {
				content[field] = append(content[field], strings.TrimRight(strings.TrimLeft(line, "\t"), " \t\u00a0"))
			}
			continue
		}
		if at, twice := row.lines[next]; twice {
			r.file.Findings = append(r.file.Findings, KlikFinding{Finding: model.Finding{Rule: "KL16", Severity: model.Error, Line: int64(i + 1),
				Column: r.book.Klik.Named(next).Label, Value: r.book.Klik.Named(next).Label, Detail: fmt.Sprint(at)}})
		} else {
			row.lines[next] = int64(i + 1)
		}
		field = next
		content[field] = append(content[field], inline)
	}
	if len(row.lines) < 2 {
		return notKlik("den har ikke skabelonens felter, hvert på en linje for sig")
	}
	for field, text := range content {
		row.Cells[field] = strings.Trim(strings.Join(text, "\n"), "\n \t\u00a0")
	}
	row.Line = row.lineOf("title")
	r.file.Form, r.file.Rows = "document", []KlikRow{row}
	return nil
}

// label tells which field begins on a line, and what stands behind the label's colon. "Prioritet: Obligatorisk på kritisk vej, …" is how the
// template itself writes that label.
func (r *klikReader) label(line string, tabbed bool) (field, inline string) {
	text := strings.TrimSpace(line)
	star := strings.HasPrefix(text, "*")
	if text == "" || len(text) > 200 || tabbed && !star && !strings.HasPrefix(line, "\t") {
		return "", ""
	}
	if f := r.book.Klik.Field(text); f != nil && f.Document {
		return f.Field, ""
	}
	before, after, colon := strings.Cut(text, ":")
	if !star || !colon {
		return "", ""
	}
	f := r.book.Klik.Field(before)
	if f == nil || !f.Document {
		return "", ""
	}
	after = strings.TrimSpace(after)
	if f.Field == "priority" && model.FindKlikCode(r.book.Klik.Priorities, after) == nil {
		after = ""
	}
	return f.Field, after
}
