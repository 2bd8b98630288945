package ingest

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"komhen/ingest/workbook"
	"komhen/model"
)

// Small files are tables that people fill in by hand, driftsstatus and klarmelding: read whole, several tables below each other or on sheets
// of their own. Nothing of the file itself is kept.

const (
	maxSmallBytes = 8 << 20
	maxSmallRows  = 20_000
	maxSmallCells = 200
	maxSmallText  = 10_000 // characters of a cell
)

// smallSheet is a csv file, or a sheet of a workbook that holds anything.
type smallSheet struct {
	name string // "" for a csv file
	rows []smallRow
}

// smallRow is a row with anything in it. Its cells are tidied: single blanks, nothing around them.
type smallRow struct {
	line  int64
	cells []string
}

// cell is a cell, "" beyond the last.
func (r smallRow) cell(i int) string {
	if i < 0 || i >= len(r.cells) {
		return ""
	}
	return r.cells[i]
}

// at is where a row's cell that folds to one of the words stands, -1 for nowhere.
func (r smallRow) at(words ...string) int {
	for i, c := range r.cells {
		for _, w := range words {
			if model.Fold(c) == w {
				return i
			}
		}
	}
	return -1
}

// filled is how many cells hold something.
func (r smallRow) filled() (n int) {
	for _, c := range r.cells {
		if c != "" {
			n++
		}
	}
	return n
}

// readSmall reads a small file. What is wrong with it as a whole, and every CPR-shaped cell, comes as faults; the error is ours. known tells a
// header, so that the delimiter of a csv file is the one that gives headers: with decimal commas, counting is no guide.
func readSmall(book *model.Codebook, r io.ReaderAt, size int64, known func(smallRow) bool) (sheets []smallSheet, faults []model.TableFault, err error) {
	if size > maxSmallBytes {
		return nil, []model.TableFault{{Message: fmt.Sprintf("Filen er på %s, og her kan den højst være på %s. Er det den rigtige fil?", megabytes(size), megabytes(maxSmallBytes))}}, nil
	}
	head := make([]byte, min(size, 64<<10))
	if _, err := r.ReadAt(head, 0); err != nil && err != io.EOF {
		return nil, nil, err
	}
	switch kind := workbook.Sniff(head); kind {
	case "text":
		sheets, err = readSmallText(r, size, known)
	case "empty":
		err = &fault{"F01", "tom"}
	case "xml", "html":
		err = &fault{"F02", workbook.Describe(kind)}
	default:
		sheets, err = readSmallBook(r, size)
	}
	if stop := fileFault(err); stop != nil {
		detail, _ := model.MaskCPR(stop.detail, false)
		return nil, []model.TableFault{{Message: book.MessageOf(model.Finding{Rule: stop.rule, Detail: detail})}}, nil
	}
	for _, s := range sheets {
		faults = append(faults, s.faults()...)
	}
	return sheets, faults, err
}

// faults are cells that may not be there: persons' numbers, and texts that no table has.
func (s smallSheet) faults() (faults []model.TableFault) {
	for _, row := range s.rows {
		for _, c := range row.cells {
			if _, hit := model.MaskCPR(c, false); hit {
				faults = append(faults, model.TableFault{Sheet: s.name, Line: row.line, Message: "Her står noget, der ligner et CPR-nummer. Fjern det, og send filen igen; der er ikke gemt noget."})
			}
			if utf8.RuneCountInString(c) > maxSmallText {
				faults = append(faults, model.TableFault{Sheet: s.name, Line: row.line, Message: fmt.Sprintf("En celle har over %s tegn. Måske mangler der et anførselstegn.", model.FormatInt(maxSmallText))})
			}
		}
	}
	return faults
}

func readSmallText(r io.ReaderAt, size int64, known func(smallRow) bool) ([]smallSheet, error) {
	s, err := look(r, size)
	if err != nil {
		return nil, err
	}
	if s.firstNUL >= 0 && s.encoding != utf16LE && s.encoding != utf16BE {
		return nil, &fault{"F02", "en fil med NUL-tegn, som ikke er tekst"}
	}
	if !s.anyText {
		return nil, &fault{"F01", "tom"}
	}
	raw := make([]byte, size)
	if n, err := r.ReadAt(raw, 0); err != nil && err != io.EOF || n != len(raw) {
		return nil, fmt.Errorf("the file shrank while it was read: %w", err)
	}
	text, _ := s.encoding.decode(raw[s.encoding.bom():], true)
	text = bytes.ToValidUTF8((&cutter{survey: s}).mendLineEnds(text, true), []byte("\uFFFD"))
	var best []smallRow
	var failed error
	for _, comma := range []rune{';', '\t', ','} {
		rows, recognised, err := splitSmall(text, comma, known)
		switch {
		case err != nil:
			failed = err
		case recognised:
			return []smallSheet{{rows: rows}}, nil
		case best == nil:
			best = rows
		}
	}
	if best == nil {
		return nil, failed
	}
	return []smallSheet{{rows: best}}, nil
}

// splitSmall splits a text at a delimiter, and tells whether it then has a header.
func splitSmall(text []byte, comma rune, known func(smallRow) bool) (rows []smallRow, recognised bool, err error) {
	k := &chunk{text: text, line: 1, record: 1, quoted: bytes.IndexByte(text, '"') >= 0}
	err = k.each(comma, func(rec *record) error {
		row := tidyRow(rec.line, rec.cells)
		if row.filled() == 0 {
			return nil
		}
		recognised = recognised || known(row)
		rows = append(rows, row)
		return tooMuch(len(rows), len(row.cells))
	})
	return rows, recognised, err
}

func tooMuch(rows, cells int) error {
	switch {
	case rows > maxSmallRows:
		return &fault{"F02", fmt.Sprintf("en tabel med over %s rækker", model.FormatInt(maxSmallRows))}
	case cells > maxSmallCells:
		return &fault{"F02", fmt.Sprintf("en tabel med over %d kolonner", maxSmallCells)}
	}
	return nil
}

// maxSmallExpanded bounds what a small workbook may hold when unpacked.
const maxSmallExpanded = 128 << 20

func readSmallBook(r io.ReaderAt, size int64) (sheets []smallSheet, err error) {
	book, err := workbook.Open(r, size, maxSmallExpanded)
	if err != nil {
		return nil, err
	}
	all := 0
	for _, sheet := range book.Sheets() {
		if !sheet.HasData || model.Fold(sheet.Name) == "vejledning" {
			continue
		}
		s := smallSheet{name: sheet.Safe}
		err := book.Rows(sheet.Name, func(line int, cells []string) error {
			row := tidyRow(int64(line), cells)
			if row.filled() == 0 {
				return nil
			}
			s.rows = append(s.rows, row)
			all++
			return tooMuch(all, len(row.cells))
		})
		if err != nil {
			return nil, err
		}
		sheets = append(sheets, s)
	}
	if len(sheets) == 0 {
		return nil, &fault{"F01", "en projektmappe uden data"}
	}
	return sheets, nil
}

// tidyRow copies a row with tidy cells; empty ones at its end are left out.
func tidyRow(line int64, cells []string) smallRow {
	row := smallRow{line: line, cells: make([]string, len(cells))}
	last := 0
	for i, c := range cells {
		if row.cells[i] = tidyCell(c); row.cells[i] != "" {
			last = i + 1
		}
	}
	row.cells = row.cells[:last]
	return row
}

// tidyCell takes away what SafeText put in front, and all blanks but single ones. Marks that nobody sees become U+FFFD.
func tidyCell(s string) string {
	s = strings.Map(func(r rune) rune {
		turns := r >= 0x200e && r <= 0x200f || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 // the direction of reading
		if unicode.IsControl(r) && !unicode.IsSpace(r) || turns {
			return unicode.ReplacementChar
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	return strings.Join(strings.Fields(strings.TrimPrefix(model.UnsafeText(strings.TrimSpace(s)), "\ufeff")), " ")
}

// longQuote is a cell that a message quotes at length.
var longQuote = regexp.MustCompile(`»([^«]{80})[^«]+«`)

// faultAt is a fault with what it quotes cut to what can be read.
func faultAt(sheet string, line int64, column, message string) model.TableFault {
	return model.TableFault{Sheet: sheet, Line: line, Column: clipped(column), Message: longQuote.ReplaceAllString(message, "»$1…«")}
}

func clipped(s string) string {
	if r := []rune(s); len(r) > 80 {
		return string(r[:80]) + "…"
	}
	return s
}

// yesNoCell reads Ja and Nej; nil for an empty cell.
func yesNoCell(s string) (answer *bool, ok bool) {
	yes := false
	switch model.Fold(s) {
	case "", "–", "na":
		return nil, true
	case "ja", "j":
		yes = true
	case "nej", "n":
	default:
		return nil, false
	}
	return &yes, true
}

// SmallReceipt is what became of a small file: nothing when there is a fault, else every record that is new or changed.
type SmallReceipt struct {
	Records int64              `json:"records"` // what the file holds
	Changed int64              `json:"changed"` // what of it is new or different
	Notes   []string           `json:"notes"`   // what the sender should know, Danish
	Faults  []model.TableFault `json:"faults"`
}
