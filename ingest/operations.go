package ingest

import (
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"komhen/model"
)

// OperationsFile is what a file of driftsstatus holds.
//
// The layout is ours and holds the wide month table of seed 003: up to three tables below each other or on sheets of their own, each told from
// its header, columns in any order:
//
//	System; Driftsområde; Måling; SLA-mål; okt-19; nov-19; …           the months; System and Måling may be left out (below)
//	System; Måned; Tilfredsstillende; Servicevinduer; Bemærkning       what is said of a month
//	Driftsområde; Måling; Hændelse; Fra; Til; Farve; Virkning; Årsag; Afhjælpning; Permanent løsning; Løsningsdato; Midlertidig foranstaltning; Opstramning
//
// Without Måling the area's name ends with it: "KO - applikation", "SP produktionsmiljø m1". A row "Antal servicekald …" holds numbers. Without
// System the line above says it, "Støttesystemer - september 2020", or a sheet's own name does. Lines that belong to no table are told.
type OperationsFile struct {
	Figures    []model.OperationFigure
	Narratives []model.OperationNarrative
	Incidents  []model.Incident
	Notes      []string
}

// ReadOperations reads a file of driftsstatus. With faults there is nothing to load.
func ReadOperations(book *model.Codebook, r io.ReaderAt, size int64) (*OperationsFile, []model.TableFault, error) {
	sheets, faults, err := readSmall(book, r, size, func(row smallRow) bool { return operationsHeader(row) != noTable })
	if err != nil || len(faults) > 0 {
		return nil, faults, err
	}
	o := &operationsReader{file: &OperationsFile{}, seen: map[string]string{}}
	for _, s := range sheets {
		o.sheet(s)
	}
	if o.tables == 0 {
		return nil, []model.TableFault{{Message: "Filen har ingen tabel, vi kender. En driftsstatus har en overskrift med Driftsområde, SLA-mål og måneder som okt-19; se hjælpen."}}, nil
	}
	if len(o.faults) == 0 && len(o.file.Figures)+len(o.file.Narratives)+len(o.file.Incidents) == 0 {
		o.fault(smallRow{}, "", "Filen har overskrifter, men ingen rækker under dem.")
	}
	if len(o.faults) > 0 {
		return nil, o.faults, nil
	}
	return o.file, nil, nil
}

type operationsTable int

const (
	noTable operationsTable = iota
	figureTable
	narrativeTable
	incidentTable
)

func operationsHeader(row smallRow) operationsTable {
	switch {
	case row.at("haendelse") >= 0 && row.at("fra") >= 0 && row.at("til") >= 0:
		return incidentTable
	case row.at("system") >= 0 && row.at("maaned") >= 0 && row.at("tilfredsstillende", "servicevinduer", "bemaerkning", "bemaerkninger") >= 0:
		return narrativeTable
	case len(monthsIn(row)) > 1 || len(monthsIn(row)) == 1 && row.at("driftsomraade", "slamaal") >= 0:
		return figureTable
	}
	return noTable
}

// monthsIn are the columns of a row whose cells are months.
func monthsIn(row smallRow) (at []int) {
	for i, c := range row.cells {
		if _, is := model.ParseMonth(c); is {
			at = append(at, i)
		}
	}
	return at
}

// operationsReader goes through the rows of a file and knows which table it is in.
type operationsReader struct {
	file    *OperationsFile
	faults  []model.TableFault
	seen    map[string]string // a record's key and where it stands
	tables  int
	ignored []int64 // lines of the sheet under way that are in no table

	// of the sheet and table under way
	name    string
	table   operationsTable
	system  string // from a title
	above   []smallRow
	columns map[string]int // folded header to column
	months  []monthColumn
}

type monthColumn struct {
	column int
	model.Month
	header string
}

func (o *operationsReader) fault(row smallRow, column, message string) {
	o.faults = append(o.faults, faultAt(o.name, row.line, column, message))
}

// saysNothing are names of sheets that a spreadsheet gives, or that we give.
var saysNothing = regexp.MustCompile(`(?i)^(ark|sheet|tabel|driftstal|driftsstatus|måneder|bemærkninger|hændelser|overblik)\s*\d*$`)

// titleOf is a line above a table, "Støttesystemer - september 2020 - 1 ud af 2".
var titleOf = regexp.MustCompile(`^(.+?)\s+[-–]\s+(\p{L}+ \d{4})(?:\s+[-–].*)?$`)

func (o *operationsReader) sheet(s smallSheet) {
	o.name, o.table, o.system, o.above = s.name, noTable, "", nil
	if s.name != "" && !saysNothing.MatchString(s.name) {
		o.system = s.name
	}
	for _, row := range s.rows {
		if table := operationsHeader(row); table != noTable {
			o.begin(table, row)
			continue
		}
		if o.outside(row) {
			continue
		}
		switch o.table {
		case figureTable:
			o.figures(row)
		case narrativeTable:
			o.narrative(row)
		case incidentTable:
			o.incident(row)
		}
	}
	if len(o.ignored) > 0 {
		where := ""
		if s.name != "" {
			where = " i arket »" + s.name + "«"
		}
		o.file.Notes = append(o.file.Notes, fmt.Sprintf("Ikke læst, fordi det ikke hører til en tabel: linje %s%s.", lineRanges(o.ignored), where))
		o.ignored = nil
	}
}

// lineRanges writes growing numbers as 1–3, 7.
func lineRanges(lines []int64) string {
	var parts []string
	for i := 0; i < len(lines); {
		end := i
		for end+1 < len(lines) && lines[end+1] == lines[end]+1 {
			end++
		}
		if part := fmt.Sprint(lines[i]); end == i {
			parts = append(parts, part)
		} else {
			parts = append(parts, fmt.Sprintf("%s–%d", part, lines[end]))
		}
		i = end + 1
	}
	return strings.Join(parts, ", ")
}

// outside takes rows that are in no table: titles, legends, sentences.
func (o *operationsReader) outside(row smallRow) bool {
	if strings.Trim(strings.Join(row.cells, ""), "-–— ") == "" { // a rule drawn with dashes
		return true
	}
	title := titleOf.FindStringSubmatch(row.cell(0))
	_, dated := model.Month(0), false
	if title != nil {
		_, dated = model.ParseMonth(title[2])
	}
	switch {
	case row.filled() == 1 && dated && len(title[1]) <= 100:
		o.system, o.table, o.above = title[1], noTable, nil
		return true
	case model.Fold(strings.TrimRight(row.cell(0), ":")) == "forklaring", o.table == noTable, o.table == figureTable && row.filled() == 1 && len(o.months) > 1:
		o.above = append(o.above[max(0, len(o.above)-3):], row) // it may be the first half of a header
		if row.at("driftsomraade", "slamaal") < 0 {
			o.ignored = append(o.ignored, row.line)
		} else {
			o.table = noTable // the next table begins
		}
		return true
	case row.at("driftsomraade", "slamaal") >= 0:
		o.above, o.table = append(o.above, row), noTable
		return true
	}
	return false
}

// begin takes a header in.
func (o *operationsReader) begin(table operationsTable, row smallRow) {
	o.table, o.columns, o.months = table, map[string]int{}, nil
	o.tables++
	above := o.above
	o.above = nil
	if table != figureTable {
		o.index(row, len(row.cells))
		return
	}
	months := monthsIn(row)
	first, shift := months[0], 0
	// Copied from a slide, a header of several lines loses its merged cells: SLA-mål then stands above the first month, not beside it.
	for _, line := range above {
		if at := line.at("slamaal"); at >= 0 && at == first && row.at("slamaal") < 0 {
			shift = 1
		}
	}
	for _, line := range above {
		o.index(line, first+shift, figureColumns...)
	}
	o.index(row, first)
	if _, named := o.columns["driftsomraade"]; !named && o.free(0) {
		o.columns["driftsomraade"] = 0
	}
	if _, named := o.columns["slamaal"]; !named && first+shift >= 2 && o.free(first+shift-1) {
		o.columns["slamaal"] = first + shift - 1
	}
	if _, named := o.columns["driftsomraade"]; !named {
		o.fault(row, "", "Kolonnen Driftsområde mangler i overskriften.")
	}
	for _, at := range months {
		m, _ := model.ParseMonth(row.cells[at])
		for _, earlier := range o.months {
			if earlier.Month == m {
				o.fault(row, row.cells[at], "Måneden står to gange i overskriften.")
			}
		}
		o.months = append(o.months, monthColumn{at + shift, m, row.cells[at]})
	}
	for i := 1; i < len(o.months); i++ {
		if d := o.months[i].Month - o.months[i-1].Month; d != 1 && d != -1 && d != 0 {
			o.fault(row, o.months[i].header, fmt.Sprintf("Månederne skal følge efter hinanden, og her springer de fra %s til %s. Er året skrevet forkert?", o.months[i-1].Short(), o.months[i].Short()))
		}
	}
	for at := first; at < len(row.cells); at++ {
		if row.cells[at] != "" && !slices.Contains(months, at) {
			o.fault(row, row.cells[at], "Overskriften kan ikke læses som en måned. Skriv den som okt-19.")
		}
	}
}

// figureColumns are the columns of the months' table that may stand in a line above its months.
var figureColumns = []string{"system", "driftsomraade", "maaling", "slamaal"}

// index remembers the named columns before end, only those with one of the names where any are given.
func (o *operationsReader) index(row smallRow, end int, names ...string) {
	for i, c := range row.cells {
		if name := model.Fold(c); name != "" && i < end && (len(names) == 0 || slices.Contains(names, name)) {
			o.columns[name] = i
		}
	}
}

func (o *operationsReader) free(column int) bool {
	for _, at := range o.columns {
		if at == column {
			return false
		}
	}
	return true
}

// get is a row's cell of a named column, "" where the table has none.
func (o *operationsReader) get(row smallRow, names ...string) string {
	for _, name := range names {
		if at, there := o.columns[name]; there {
			return row.cell(at)
		}
	}
	return ""
}

// once faults a record that stood earlier in the file.
func (o *operationsReader) once(row smallRow, column, key string) bool {
	if at, twice := o.seen[key]; twice {
		o.fault(row, column, "Det samme står også "+at+". Slet den ene, eller ret den.")
		return false
	}
	o.seen[key] = fmt.Sprintf("på linje %d", row.line)
	if o.name != "" {
		o.seen[key] += " i arket »" + o.name + "«"
	}
	return true
}

// sound faults a record that cannot be.
func (o *operationsReader) sound(row smallRow, column string, record interface{ Validate() error }) bool {
	err := record.Validate()
	if err != nil {
		o.fault(row, column, sentenceOf(err))
	}
	return err == nil
}

func sentenceOf(err error) string {
	if p, is := err.(*model.Problem); is {
		return p.Message
	}
	return err.Error()
}
