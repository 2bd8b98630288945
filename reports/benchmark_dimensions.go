package reports

import (
	"fmt"
	"slices"
	"sort"
	"strconv"

	"komhen/model"
)

// The sheets, in their order.
const (
	sheetFront     = "Forside"
	sheetKey       = "Nøgletal"
	sheetChannels  = "Kanaler"
	sheetSubjects  = "Opgaver"
	sheetTypes     = "Henvendelsestyper"
	sheetClosings  = "Afslutning"
	sheetForms     = "Blanket"
	sheetBenchmark = "Benchmark"
	sheetTrend     = "Udvikling"
	sheetCodebook  = "Kodebog"
)

// dimension is a sheet that shows one report with the group beside it.
type dimension struct {
	report, sheet, help, chart string
	largest                    bool // most contacts first; else in the report's own order
	rate                       bool // the chart shows contacts per 1,000 inhabitants; else shares
	upright                    bool // a chart of columns, for few and short names
	top                        int  // rows in the chart, 0 for all
	count                      func(m *member, code string) int64
}

func dimensions(cb *model.Codebook) []dimension {
	return []dimension{
		{report: "channels", sheet: sheetChannels, largest: true, top: 15, chart: "De mest brugte kanaler, andel af alle henvendelser",
			help:  "Sådan læser du arket: hver række er en kanal, den mest brugte øverst. De fremhævede kolonner er kommunens egne tal; resten er gruppens.",
			count: func(m *member, code string) int64 { return m.Channels[codeID(cb.ChannelID, code)] }},
		{report: "subjects", sheet: sheetSubjects, largest: true, rate: true, top: 15, chart: "De 15 største opgaver, henvendelser pr. 1.000 indbyggere",
			help: "Sådan læser du arket: hver række er en opgave efter KLE, den største øverst. Brug filteret på Pakke til at se de obligatoriske opgaver alene.",
			count: func(m *member, code string) int64 {
				kle, _ := model.ParseKLE(code)
				return m.Subjects[kle]
			}},
		{report: "types", sheet: sheetTypes, chart: "Henvendelsestyper, andel af alle henvendelser",
			help:  "Sådan læser du arket: en transaktion opretter eller ændrer en sag, information gør ikke. Gruppen følger rundens udgave af kodebogen.",
			count: func(m *member, code string) int64 { return m.Types[codeID(cb.TypeID, code)] }},
		{report: "closings", sheet: sheetClosings, upright: true, chart: "Afslutning, andel af alle henvendelser",
			help:  "Sådan læser du arket: hvor mange henvendelser blev afsluttet med det samme, og hvor mange blev lagt til senere behandling.",
			count: func(m *member, code string) int64 { return m.Closings[codeID(cb.ClosingID, code)] }},
		{report: "forms", sheet: sheetForms, upright: true, chart: "Blanket, andel af alle henvendelser",
			help:  "Sådan læser du arket: fulgte der en blanket med henvendelsen? På flere kanaler skal det ikke oplyses, og så står den som ikke oplyst.",
			count: func(m *member, code string) int64 { return m.Forms[codeID(cb.FormID, code)] }},
	}
}

// codeID reads the code column of a report: a code of the codebook, NULL, or the bare id of a code that the codebook lacks.
func codeID(find func(string) uint8, code string) uint8 {
	if id := find(code); id != 0 || code == notFilledIn {
		return id
	}
	id, _ := strconv.ParseUint(code, 10, 8)
	return uint8(id)
}

// dimensionSheet writes the report's columns as they are and the group's figures after them.
func (d *benchmark) dimensionSheet(b *book, dim dimension) {
	rep := d.reports[dim.report]
	contacts, shares := columnNamed(rep, "contacts"), columnNamed(rep, "share")
	source := append([][]any(nil), rep.Rows...)
	if dim.largest {
		sort.SliceStable(source, func(i, j int) bool { return source[i][contacts].(int64) > source[j][contacts].(int64) })
	}
	var rows [][]any
	var total int64
	used := 0
	for _, row := range source {
		code := row[0].(string)
		count := func(m *member) int64 { return dim.count(m, code) }
		rows = append(rows, append(append([]any(nil), row...), d.beside(count)...))
		n := row[contacts].(int64)
		if total += n; n > 0 {
			used++
		}
	}
	columns := append(append([]Column(nil), rep.Columns...),
		Column{Label: "Andel, gruppen", Unit: Share},
		Column{Label: "Pr. 1.000 indb., " + d.own.Name, Unit: Per1000},
		Column{Label: "Pr. 1.000 indb., gruppens median", Unit: Per1000},
		Column{Label: "Placering", Unit: Place})
	columns[shares].Label = "Andel, " + d.own.Name
	rate := len(rep.Columns) + 1
	fields := fieldsOf(columns, rows)
	fields[contacts].own, fields[shares].own, fields[rate].own = true, true, true
	p := b.page(dim.sheet, rep.Title, dim.help, widthsOf(fields)...)
	p.home()
	p.freeze(p.row)
	everything := func(m *member) int64 { return m.Total }
	a := p.table(tableName(dim.sheet), fields, rows, append(append([]any(nil), rep.Totals...), d.beside(everything)...))
	a.plainText(1)
	d.check(dim.sheet, "Summen af henvendelser på arket", total)
	limit := max(1, used)
	if dim.top > 0 {
		limit = min(limit, dim.top)
	}
	if !dim.largest {
		limit = len(rows)
	}
	own, group, format := shares, len(rep.Columns), "0.0%"
	if dim.rate {
		own, group, format = rate, rate+1, "0.0"
	}
	c := bars{title: dim.chart, upright: dim.upright, categories: a.ref(2, limit), format: format, series: []line{
		{name: a.headRef(own + 1), values: a.ref(own+1, limit)},
		{name: a.headRef(group + 1), values: a.ref(group+1, limit), group: true}}}
	if dim.largest { // a long table: the chart stands beside it
		c.width, c.height, c.text = 620, uint(120+31*limit), 11 // paper shrinks so wide a page
		p.width(len(fields)+1, 3)
		p.bars(len(fields)+2, p.head+1, c)
	} else { // a short one: below it, so that both are large on paper
		c.width, c.height = p.pixels(), 300
		if !dim.upright {
			c.height = uint(110 + 34*limit)
		}
		p.row++
		p.bars(1, p.row, c)
		p.row += p.rowsFor(c.height)
		p.fit = 1
	}
	p.notes(append([]string{d.groupNote(),
		"Andel, gruppen er det vægtede gennemsnit: gruppens henvendelser lagt sammen. Placering er efter henvendelser pr. 1.000 indbyggere, 1 er flest; kommuner med samme værdi deler placering. Hvor ingen i gruppen har henvendelser, er der ingen placering (" + model.Missing + ")."},
		append(d.notesOf(rep), populationNote)...)...)
	p.finish()
}

// beside is what stands after a report's own columns: the group's share, the rate here, the group's median and the place.
func (d *benchmark) beside(count func(*member) int64) []any {
	share := measure{unit: Share, num: count, den: total}.compare(d.now.own, d.now.members)
	rate := measure{unit: Per1000, num: count, den: population}.compare(d.now.own, d.now.members)
	place := rate.place()
	if share.weighted == 0.0 {
		place = nil // nobody has any, so nobody is first
	}
	return []any{share.weighted, rate.own, rate.median, place}
}

// notesOf is what a report says of its own figures. What all reports rest on stands once, on the front page.
func (d *benchmark) notesOf(rep *Report) []string {
	basis := d.basis.Notes(d.cb)
	return slices.DeleteFunc(slices.Clone(rep.Notes), func(n string) bool { return slices.Contains(basis, n) })
}

// place is the rank as a cell; a shared one says so.
func (c comparison) place() any {
	if c.rank == nil {
		return nil
	}
	if c.tied > 1 {
		return as{c.rank, SharedPlace}
	}
	return as{c.rank, Place}
}

const populationNote = "Folketal: Danmarks Statistik, tabel FOLK1A, kvartalet ved rundens første dag."

// groupNote says who the group is and how many of it have data.
func (d *benchmark) groupNote() string {
	text := fmt.Sprintf("Gruppen: %s. %d af %d har henvendelser i runden og indgår (n).", d.group.title, len(d.now.members), len(d.group.members))
	if len(d.now.members) < smallGroup {
		text += fmt.Sprintf(" Færre end %d kommuner har data, så kvartiler vises ikke (%s).", smallGroup, model.Missing)
	}
	return text
}

// tableName is a sheet's name as a table may be called.
func tableName(sheet string) string { return "Tabel_" + model.Fold(sheet) }
