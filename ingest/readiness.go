package ingest

import (
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"komhen/model"
)

// ReadReadiness reads a file of klarmelding. With faults there is nothing to load.
//
// Two layouts are read. The workbook of seed 003: a table LEVERANDØR, SYSTEM, PILOTKOMMUNE, Version with its row below, the list of interfaces
// (SNITFLADE NUMMER, INTEGRATIONER, Leverandørens selvangivelse, Klarmeldt), and for each integration a sheet with the overall verdict, remarks
// and numbered criteria. And ours, a row a criterion, or a row an interface:
//
//	Leverandør; System; Pilotkommune; Version; Snitflade; Integration; Selvangivelse; Klarmeldt; Bemærkninger; Nr.; Kriterium; Opfyldt
func ReadReadiness(book *model.Codebook, r io.ReaderAt, size int64) ([]model.Integration, []model.TableFault, error) {
	sheets, faults, err := readSmall(book, r, size, func(row smallRow) bool { return readinessHeader(row) != noForm })
	if err != nil || len(faults) > 0 {
		return nil, faults, err
	}
	o := &readinessReader{book: book, at: map[string]int{}, lines: map[string]int64{}}
	for _, s := range sheets {
		o.sheet(s)
	}
	switch {
	case o.tables == 0:
		return nil, []model.TableFault{{Message: "Filen har ingen tabel, vi kender. En klarmelding har en overskrift med Leverandør, System, Pilotkommune og Version, eller en række for hvert kriterium; se hjælpen."}}, nil
	case len(o.faults) > 0:
		return nil, o.faults, nil
	case len(o.list) == 0:
		return nil, []model.TableFault{{Message: "Filen har overskrifter, men ingen snitflader under dem."}}, nil
	}
	for _, i := range o.list {
		slices.SortFunc(i.Criteria, func(a, b model.Criterion) int { return int(a.Number - b.Number) })
	}
	return o.list, nil, nil
}

type readinessForm int

const (
	noForm         readinessForm = iota
	flatForm                     // ours: everything in a row
	supplierForm                 // LEVERANDØR, SYSTEM, PILOTKOMMUNE[, Version]; its values stand in the row below
	interfaceForm                // SNITFLADE NUMMER, INTEGRATIONER, …
	verdictForm                  // Samlet vurdering af klarmelding; its value stands below
	integrationRow               // Integration, SF0810, name
	criterionForm                // Nr., Klarmelding, Klarmeldingskriterium
)

func readinessHeader(row smallRow) readinessForm {
	switch {
	case row.at("leverandoer") >= 0 && row.at("snitflade", "snitfladenummer") >= 0:
		return flatForm
	case row.at("leverandoer") >= 0 && row.at("system") >= 0:
		return supplierForm
	case row.at("snitfladenummer") >= 0 && row.filled() > 1:
		return interfaceForm
	case row.at("samletvurderingafklarmelding", "samletvurdering") >= 0:
		return verdictForm
	case model.Fold(row.cell(0)) == "integration" && interfaceCell.MatchString(strings.ToUpper(row.cell(1))):
		return integrationRow
	case row.at("nr") >= 0 && row.at("klarmeldingskriterium", "kriterium") >= 0:
		return criterionForm
	}
	return noForm
}

var interfaceCell = regexp.MustCompile(`^[A-ZÆØÅ]{2}\d{4}`)

// readinessReader goes through the rows of a file and knows whose they are.
type readinessReader struct {
	book   *model.Codebook
	faults []model.TableFault
	list   []model.Integration
	at     map[string]int // key to place in list
	tables int
	lines  map[string]int64

	name    string // of the sheet
	form    readinessForm
	columns map[string]int
	head    model.Integration // supplier, system, pilot, version of the rows that follow
	current int               // place in list of the integration whose criteria follow; -1 for none
	verdict *bool
	remarks string
}

func (o *readinessReader) fault(row smallRow, column, message string) {
	o.faults = append(o.faults, faultAt(o.name, row.line, column, message))
}

func (o *readinessReader) sheet(s smallSheet) {
	o.name, o.form, o.current, o.verdict, o.remarks = s.name, noForm, -1, nil, ""
	for _, row := range s.rows {
		form := readinessHeader(row)
		if form != noForm {
			o.tables++
			o.form = form
			if form == integrationRow {
				o.integration(row)
				o.form = noForm
				continue
			}
			o.columns = map[string]int{}
			for i, c := range row.cells {
				if name := model.Fold(c); name != "" {
					o.columns[name] = i
				}
			}
			continue
		}
		switch o.form {
		case supplierForm:
			o.supplier(row)
			o.form = noForm
		case verdictForm:
			o.overall(row)
			o.form = noForm
		case flatForm:
			o.flat(row)
		case interfaceForm:
			o.entry(row)
		case criterionForm:
			o.criterion(row)
		}
	}
}

func (o *readinessReader) get(row smallRow, names ...string) string {
	for _, name := range names {
		if at, there := o.columns[name]; there {
			return row.cell(at)
		}
	}
	return ""
}

// supplier takes whose form it is. A sheet of one integration repeats it, by formulas that give 0 where nothing is filled in.
func (o *readinessReader) supplier(row smallRow) {
	set := func(into *string, text string) {
		if text != "" && text != "0" {
			*into = text
		}
	}
	set(&o.head.Supplier, o.get(row, "leverandoer"))
	set(&o.head.System, o.get(row, "system"))
	set(&o.head.Version, o.get(row, "version"))
	if text := o.get(row, "pilotkommune"); text != "" && text != "0" {
		o.head.Pilot = o.pilot(row, text)
	}
}

func (o *readinessReader) pilot(row smallRow, text string) uint16 {
	if missingCell(text) {
		return 0
	}
	code := o.book.MunicipalityCode(text)
	if code == 0 {
		o.fault(row, "Pilotkommune", fmt.Sprintf("Kommunen »%s« kendes ikke. Skriv en kommunes navn eller kode.", text))
	}
	return code
}

func (o *readinessReader) answer(row smallRow, column, text string) *bool {
	answer, ok := yesNoCell(text)
	if !ok {
		o.fault(row, column, fmt.Sprintf("»%s« er hverken Ja eller Nej.", text))
	}
	return answer
}

// place is where an integration stands in the list; it is made where it is new. -1 when it cannot be.
func (o *readinessReader) place(row smallRow, head model.Integration, number, name string) int {
	head.Interface, head.Name = strings.ToUpper(strings.ReplaceAll(number, " ", "")), name
	if at, known := o.at[head.Key()]; known {
		if i := &o.list[at]; i.Name == "" {
			i.Name = name
		}
		return at
	}
	if err := head.Validate(); err != nil {
		o.fault(row, "", sentenceOf(err))
		return -1
	}
	o.list = append(o.list, head)
	o.at[head.Key()] = len(o.list) - 1
	return len(o.list) - 1
}

// entry is a row of the list of interfaces.
func (o *readinessReader) entry(row smallRow) {
	number := o.get(row, "snitfladenummer")
	if number == "" && row.filled() <= 1 {
		return
	}
	at := o.place(row, o.head, number, o.get(row, "integrationer", "integration"))
	if at < 0 {
		return
	}
	o.twice(row, at)
	i := &o.list[at]
	i.Statement = o.get(row, "leverandoerensselvangivelse", "selvangivelse")
	i.Stated = o.answer(row, "Klarmeldt", o.get(row, "klarmeldt"))
	o.sound(row, *i)
}

// twice faults an interface that stands two times in lists: one of them would be lost.
func (o *readinessReader) twice(row smallRow, at int) {
	key := o.list[at].Key()
	if line := o.lines[key]; line != 0 {
		o.fault(row, "", fmt.Sprintf("%s står også på linje %d for samme system. Slet den ene, eller ret den.", o.list[at].Interface, line))
		return
	}
	o.lines[key] = row.line
}

func (o *readinessReader) sound(row smallRow, i model.Integration) bool {
	err := i.Validate()
	if err != nil {
		o.fault(row, "", sentenceOf(err))
	}
	return err == nil
}

// overall is the verdict of the integration that the sheet is about; which one it is stands below.
func (o *readinessReader) overall(row smallRow) {
	o.verdict = o.answer(row, "Samlet vurdering", row.cell(0))
	for _, c := range row.cells[min(1, len(row.cells)):] {
		if c != "" {
			o.remarks = c
		}
	}
}

func (o *readinessReader) integration(row smallRow) {
	if o.current = o.place(row, o.head, row.cell(1), row.cell(2)); o.current < 0 {
		return
	}
	i := &o.list[o.current]
	if o.verdict != nil {
		i.Stated = o.verdict
	}
	if o.remarks != "" {
		i.Remarks = o.remarks
	}
	o.verdict, o.remarks = nil, ""
	o.sound(row, *i)
}

func (o *readinessReader) criterion(row smallRow) {
	if o.current < 0 {
		o.fault(row, "", "Kriteriet hører ikke til nogen integration. Sæt en række »Integration« med snitfladens nummer over tabellen.")
		return
	}
	o.condition(row, o.current, o.get(row, "nr"), o.get(row, "klarmeldingskriterium", "kriterium"), o.answer(row, "Klarmelding", o.get(row, "klarmelding", "opfyldt")))
}

func (o *readinessReader) condition(row smallRow, at int, number, text string, met *bool) {
	n, ok := wholeCell(number)
	if !ok {
		o.fault(row, "Nr.", fmt.Sprintf("»%s« er ikke et nummer på et kriterium.", number))
		return
	}
	i := &o.list[at]
	i.Criteria = append(i.Criteria, model.Criterion{Number: n, Text: text, Met: met})
	if !o.sound(row, *i) {
		i.Criteria = i.Criteria[:len(i.Criteria)-1]
	}
}

// flat is a row of our own layout: an interface, and one of its criteria where it has any.
func (o *readinessReader) flat(row smallRow) {
	head := model.Integration{Supplier: o.get(row, "leverandoer"), System: o.get(row, "system"), Version: o.get(row, "version"), Pilot: o.pilot(row, o.get(row, "pilotkommune"))}
	at := o.place(row, head, o.get(row, "snitflade", "snitfladenummer"), o.get(row, "integration", "integrationer"))
	if at < 0 {
		return
	}
	i := &o.list[at]
	for _, same := range []struct {
		column, text string
		into         *string
	}{{"Version", head.Version, &i.Version}, {"Selvangivelse", o.get(row, "selvangivelse", "leverandoerensselvangivelse"), &i.Statement},
		{"Bemærkninger", o.get(row, "bemaerkninger", "bemaerkning"), &i.Remarks}} {
		switch {
		case same.text == "" || same.text == *same.into:
		case *same.into == "":
			*same.into = same.text
		default:
			o.fault(row, same.column, fmt.Sprintf("Her står »%s«, men længere oppe står »%s« for samme snitflade.", same.text, *same.into))
		}
	}
	if stated := o.answer(row, "Klarmeldt", o.get(row, "klarmeldt")); stated != nil {
		if i.Stated != nil && *i.Stated != *stated {
			o.fault(row, "Klarmeldt", "Snitfladen er både Ja og Nej i filen.")
		}
		i.Stated = stated
	}
	if number := o.get(row, "nr"); !missingCell(number) {
		o.condition(row, at, number, o.get(row, "kriterium", "klarmeldingskriterium"), o.answer(row, "Opfyldt", o.get(row, "opfyldt")))
		return
	}
	o.twice(row, at)
	o.sound(row, *i)
}
