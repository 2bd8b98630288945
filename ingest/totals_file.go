package ingest

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/gocarina/gocsv"

	"komhen/model"
)

// TotalColumns are the columns of a file with totals, in the template's order.
var TotalColumns = []string{"kommune", "kanal", "fra", "til", "antal", "erklæring", "kilde"}

// totalColumnNames are the names that a column may have, folded. Kommune and kilde may be left out.
var totalColumnNames = map[string]string{
	"kommune": "kommune", "kommuneid": "kommune", "kommunekode": "kommune", "kommunenr": "kommune",
	"kanal": "kanal", "henvendelseskanal": "kanal", "fra": "fra", "fradato": "fra", "til": "til", "tildato": "til",
	"antal": "antal", "total": "antal", "totaltal": "antal", "erklaering": "erklæring", "kilde": "kilde", "datakilde": "kilde", "system": "kilde",
}

// Limits of a file with totals.
const (
	MaxTotalsBytes = 1 << 20
	maxTotalRows   = 10_000
)

// line is a row of a small table with the line it stands on.
type line struct {
	number int
	cells  []string
}

// ReadTotals reads a csv or xlsx file with totals. What is wrong with the file or its header are faults; what the rows say is for
// DeclareTotals.
func (f *Folder) ReadTotals(r io.ReaderAt, size int64) (rows []TotalRow, faults []TotalFault, err error) {
	lines, err := readLines(r, size)
	if stop := fileFault(err); stop != nil {
		return nil, []TotalFault{{Message: f.Book.MessageOf(*f.faultFinding(stop))}}, nil
	}
	if err != nil {
		return nil, nil, err
	}
	table, faults := totalTable(lines)
	if len(faults) > 0 || len(table) < 2 {
		return nil, faults, nil
	}
	if err := gocsv.UnmarshalCSV(&lineReader{rest: table}, &rows); err != nil {
		return nil, nil, err
	}
	for i := range rows {
		rows[i].Line = table[i+1].number
	}
	return rows, nil, nil
}

// readLines reads a small file: a header and rows, without the empty ones. Its errors are those of open.
func readLines(r io.ReaderAt, size int64) (lines []line, err error) {
	in, err := open(r, size, Options{MaxBytes: MaxTotalsBytes})
	if err != nil {
		return nil, err
	}
	add := func(number int, cells []string) error {
		if emptyRow(cells) {
			return nil
		}
		if len(lines) > maxTotalRows {
			return &fault{"F05", fmt.Sprintf("over %s rækker", model.FormatInt(maxTotalRows))}
		}
		own := make([]string, len(cells))
		for i, c := range cells {
			own[i] = strings.Clone(c) // a cell of a text is only valid until the next row
		}
		lines = append(lines, line{number, own})
		return nil
	}
	if in.book != nil {
		err = in.book.Rows(in.sheet.Name, add)
	} else {
		err = eachRecord(in, func(rec *record) error { return add(int(rec.line), rec.cells) })
	}
	return lines, err
}

// eachRecord gives every record of a text, the header too.
func eachRecord(in *opened, row func(*record) error) error {
	for {
		k, err := in.source.next()
		if err != nil || k == nil {
			return err
		}
		if k.text == nil {
			k.text, _ = in.encoding.decode(k.raw, true)
		}
		if err := k.each(in.comma, row); err != nil {
			return err
		}
	}
}

// totalTable puts the cells in the order of TotalColumns, with their names as the first row.
func totalTable(lines []line) (table []line, faults []TotalFault) {
	if len(lines) == 0 {
		return nil, []TotalFault{{Message: "Filen er tom. Hent skabelonen, og udfyld den."}}
	}
	header := lines[0]
	fault := func(column, format string, args ...any) {
		masked, _ := model.MaskCPR(show(column), false)
		faults = append(faults, TotalFault{header.number, masked, "", fmt.Sprintf(format, args...)})
	}
	at := map[string]int{}
	for i, name := range header.cells {
		name = plain(strings.ToValidUTF8(name, "\uFFFD"))
		column, known := totalColumnNames[model.Fold(name)]
		switch _, twice := at[column]; {
		case name == "":
		case !known:
			fault(name, "Kolonnen kendes ikke. Kolonnerne er %s.", strings.Join(TotalColumns, ", "))
		case twice:
			fault(name, "Kolonnen %s står to gange.", column)
		default:
			at[column] = i
		}
	}
	for _, column := range TotalColumns {
		if _, there := at[column]; !there && column != "kommune" && column != "kilde" {
			fault(column, "Kolonnen mangler. Hent skabelonen, så er de der alle.")
		}
	}
	table = []line{{header.number, TotalColumns}}
	for _, l := range lines[1:] {
		cells := make([]string, len(TotalColumns))
		for name, from := range at {
			if from < len(l.cells) {
				cells[slices.Index(TotalColumns, name)] = l.cells[from]
			}
		}
		if len(l.cells) > len(header.cells) && !emptyRow(l.cells[len(header.cells):]) {
			faults = append(faults, TotalFault{Line: l.number, Message: "Rækken har flere celler end overskriften. Se efter, om der er et skilletegn for meget."})
		}
		table = append(table, line{l.number, cells})
	}
	return table, faults
}

// lineReader gives lines to gocsv.
type lineReader struct{ rest []line }

func (r *lineReader) Read() ([]string, error) {
	if len(r.rest) == 0 {
		return nil, io.EOF
	}
	next := r.rest[0].cells
	r.rest = r.rest[1:]
	return next, nil
}

func (r *lineReader) ReadAll() (all [][]string, err error) {
	for _, l := range r.rest {
		all = append(all, l.cells)
	}
	return all, nil
}
