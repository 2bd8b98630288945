package reports

import (
	"fmt"

	"komhen/model"
)

// keySheet is the page for a mayor: four large figures, then the key figures with the group and the round before.
func (d *benchmark) keySheet(b *book) {
	measures := keyMeasures(d.cb, d.round.Edition)
	before := d.previous()
	earlier := "Forrige runde"
	if before != nil {
		earlier = before.round.Title()
	}
	columns := []Column{{Label: "Nøgletal", Unit: Text}, {Label: d.own.Name, Unit: Number}, {Label: "Gruppens median", Unit: Number},
		{Label: "Forskel til median", Unit: Number}, {Label: "Placering", Unit: Number}, {Label: "n", Unit: Number},
		{Label: earlier, Unit: Number}, {Label: "Udvikling", Unit: Number}}
	var rows [][]any
	var shares int
	comparisons := map[string]comparison{}
	for _, m := range measures {
		c := m.compare(d.now.own, d.now.members)
		comparisons[m.label] = c
		var then any
		if before != nil {
			x := m
			for _, y := range keyMeasures(d.cb, before.round.Edition) { // what a transaction is follows the round's edition
				if y.label == m.label {
					x = y
				}
			}
			then = x.compare(before.own, nil).own
		}
		rows = append(rows, []any{m.label, as{c.own, m.unit}, as{c.median, m.unit}, difference(c.own, c.median, m.unit), c.place(), as{int64(c.n), Number},
			as{then, m.unit}, difference(c.own, then, m.unit)})
		if m.unit == Share {
			shares++
		}
	}
	fields := fieldsOf(columns, rows)
	fields[1].own = true
	for i, w := range []float64{44, 13, 13, 18, 13, 9, 15, 18} {
		fields[i].width = max(fields[i].width, w)
	}
	p := b.page(sheetKey, "Nøgletal", "Sådan læser du arket: de fremhævede tal er kommunens egne. Forskellen viser, om kommunen ligger over (+) eller under (-) gruppens median. En høj placering er ingen karakter.", widthsOf(fields)...)
	p.home()
	p.fit = 1

	tile := func(from, to int, label string, v any, unit Unit, note string) {
		p.span(p.row, from, to, label, RoleTileLabel, Text)
		p.span(p.row+1, from, to, v, RoleTileValue, unit)
		p.span(p.row+2, from, to, note, RoleTileNote, Text)
	}
	against := func(label string, unit Unit) string {
		return "Gruppens median: " + shown(comparisons[label].median, unit)
	}
	share := func(label string) any { return comparisons[label].own }
	p.height(p.row, 20)
	p.height(p.row+1, 30)
	p.height(p.row+2, 18)
	tile(1, 1, "Henvendelser i runden", d.now.own.Total, Count, shown(comparisons[measures[0].label].own, Per1000)+" pr. 1.000 indbyggere")
	tile(2, 3, "Digital andel", share("Digital andel"), Share, against("Digital andel", Share))
	tile(4, 5, "Transaktioners andel", share("Transaktioners andel"), Share, against("Transaktioners andel", Share))
	tile(6, 8, "Afsluttet straks", share("Afsluttet straks, andel"), Share, against("Afsluttet straks, andel", Share))
	p.row += 3
	p.height(p.row, 10)
	p.row++
	p.freeze(p.row)
	a := p.table(tableName(sheetKey), fields, rows, nil)
	d.check(sheetKey, "Henvendelser i runden", d.now.own.Total)
	p.row++
	chartAt := p.row
	p.bars(1, chartAt, bars{title: "Andele, " + d.own.Name + " og gruppens median", upright: true,
		categories: a.from(len(rows)-shares).ref(1, 0), format: "0%", width: p.pixels(), height: 300, series: []line{
			{name: a.headRef(2), values: a.from(len(rows)-shares).ref(2, 0)},
			{name: a.headRef(3), values: a.from(len(rows)-shares).ref(3, 0), group: true}}})
	p.row = chartAt + p.rowsFor(300)
	notes := []string{d.groupNote(), "Hvert nøgletal er defineret på arket Benchmark. Forskelle mellem andele er i procentpoint."}
	if before != nil && before.round.Edition != d.round.Edition {
		notes = append(notes, fmt.Sprintf("Kodebogen er skiftet fra udgave %s til %s siden %s, så transaktioners og informations andel kan ikke sammenlignes direkte.",
			before.round.Edition, d.round.Edition, before.round.Title()))
	}
	if before == nil {
		notes = append(notes, "Kommunen har ingen henvendelser i en tidligere runde, så udviklingen kan ikke vises ("+model.Missing+").")
	}
	p.notes(append(notes, populationNote)...)
	p.finish()
}

// difference of two values in the measure's own terms: percentage points for shares.
func difference(a, b any, unit Unit) any {
	x, okx := a.(float64)
	y, oky := b.(float64)
	kind, scale := Change, 1.0
	if unit == Share {
		kind, scale = Points, 100
	}
	if !okx || !oky {
		return as{nil, kind}
	}
	return as{(x - y) * scale, kind}
}

// shown writes a figure inside a sentence.
func shown(v any, unit Unit) string {
	x, ok := v.(float64)
	switch {
	case !ok:
		return model.Missing
	case unit == Share:
		return model.FormatDecimal(x*100, 1) + "%" // as the cells beside it
	}
	return model.FormatDecimal(x, 2)
}

// benchmarkSheet compares every measure.
func (d *benchmark) benchmarkSheet(b *book) {
	measures := append(keyMeasures(d.cb, d.round.Edition), codeMeasures(d.cb, d.now.members)...)
	columns := []Column{{Label: "Område", Unit: Text}, {Label: "Mål", Unit: Text}, {Label: d.own.Name, Unit: Number}, {Label: "Placering", Unit: Number}, {Label: "n", Unit: Number},
		{Label: "Median", Unit: Number}, {Label: "Nedre kvartil", Unit: Number}, {Label: "Øvre kvartil", Unit: Number},
		{Label: "Vægtet gennemsnit", Unit: Number}, {Label: "Uvægtet gennemsnit", Unit: Number}, {Label: "Definition", Unit: Text}}
	var rows [][]any
	var sum int64
	for _, m := range measures {
		c := m.compare(d.now.own, d.now.members)
		cell := func(v any) any { return as{v, m.unit} }
		rows = append(rows, []any{m.area, m.label, cell(c.own), c.place(), as{int64(c.n), Number},
			cell(c.median), cell(c.lower), cell(c.upper), cell(c.weighted), cell(c.mean), m.how})
		if m.area == areaChannels && m.unit == Share {
			sum += m.num(d.now.own)
		}
	}
	d.check(sheetBenchmark, "Tællerne i kanalernes andele lagt sammen", sum)
	fields := fieldsOf(columns, rows)
	fields[2].own = true
	fields[len(fields)-1].width = 62
	p := b.page(sheetBenchmark, "Benchmark", "Sådan læser du arket: hver række er et mål. Halvdelen af gruppen ligger mellem nedre og øvre kvartil. Brug filteret på Område for at se ét emne ad gangen.", widthsOf(fields)...)
	p.home()
	p.freeze(p.row)
	p.table(tableName(sheetBenchmark), fields, rows, nil)
	p.notes(d.groupNote(),
		"Placering: 1 er den højeste værdi. Kommuner med samme værdi deler placering, og de næste pladser springes over (1, 2, 2, 4). Placeringen siger ikke, hvad der er godt eller dårligt.",
		"n: antal kommuner i gruppen, der har en værdi. En kommune uden henvendelser i runden er ikke med; en kommune, der har talt, men ikke har brugt en kode, er med som 0.",
		"Median og kvartiler er beregnet inklusive yderpunkterne, som Excels KVARTIL.MEDTAG: værdierne sorteres, og der interpoleres lineært. Kvartiler vises fra 3 kommuner.",
		"Vægtet gennemsnit: gruppens tal lagt sammen og divideret, så store kommuner vejer mest. Uvægtet gennemsnit: gennemsnittet af kommunernes værdier, hvor alle vejer lige meget.",
		"En kode, som ingen kommune i gruppen har brugt, er udeladt.",
		populationNote)
	p.finish()
}

// trendSheet shows the rounds: the report as it is, and the comparison for the rounds that the municipality counted in.
func (d *benchmark) trendSheet(b *book) {
	rep := d.reports["trend"]
	fields := fieldsOf(rep.Columns, rep.Rows)
	var rows [][]any
	for _, r := range d.rounds {
		if r.own == nil {
			continue
		}
		measures := keyMeasures(d.cb, r.round.Edition)
		rate, share := measures[0].compare(r.own, r.members), measures[2].compare(r.own, r.members)
		rows = append(rows, []any{r.round.Name, r.round.Title(), rate.own, rate.median, share.own, share.median, int64(len(r.members))})
	}
	name := d.own.Name
	beside := fieldsOf([]Column{{Label: "Runde", Unit: Text}, {Label: "Periode", Unit: Text},
		{Label: "Pr. 1.000 indb., " + name, Unit: Per1000}, {Label: "Pr. 1.000 indb., gruppens median", Unit: Per1000},
		{Label: "Digital andel, " + name, Unit: Share}, {Label: "Digital andel, gruppens median", Unit: Share}, {Label: "n", Unit: Number}}, rows)
	beside[2].own, beside[4].own = true, true
	for i := range fields {
		fields[i].width = max(fields[i].width, 16)
		if i < len(beside) {
			fields[i].width = max(fields[i].width, beside[i].width)
		}
	}
	contacts := columnNamed(rep, "contacts")
	fields[contacts].own = true
	p := b.page(sheetTrend, rep.Title, "Sådan læser du arket: hver række er en tællerunde, den ældste øverst. Den nederste tabel og figurerne viser de runder, kommunen har talt i, med gruppens median ved siden af.", widthsOf(fields)...)
	p.home()
	if p.freeze(p.row); len(rep.Rows) <= 12 {
		p.fit = 1
	}
	at := columnNamed(rep, "round")
	p.table(tableName(sheetTrend), fields, rep.Rows, rep.Totals)
	for _, row := range rep.Rows {
		if n, ok := row[contacts].(int64); ok && row[at] == d.round.Name {
			d.check(sheetTrend, "Henvendelser i "+d.round.Name, n)
		}
	}
	p.row++
	p.section("Sammenlignet med gruppen")
	a := p.table(tableName(sheetTrend)+"_gruppe", beside, rows, nil)
	p.row++
	if len(rows) > 1 {
		half := p.pixels()/2 - 10
		p.trend(1, p.row, bars{title: "Henvendelser pr. 1.000 indbyggere", categories: a.ref(2, 0), format: "#,##0", width: half, height: 280,
			series: []line{{name: a.headRef(3), values: a.ref(3, 0)}, {name: a.headRef(4), values: a.ref(4, 0), group: true}}})
		p.trend(p.columnAt(half+20), p.row, bars{title: "Digital andel af indgående henvendelser", categories: a.ref(2, 0), format: "0%", width: half, height: 280,
			series: []line{{name: a.headRef(5), values: a.ref(5, 0)}, {name: a.headRef(6), values: a.ref(6, 0), group: true}}})
		p.row += p.rowsFor(280)
	}
	notes := []string{"Gruppen er den samme i alle runder: " + d.group.title + ". n er, hvor mange af dem der har henvendelser i runden."}
	if len(rows) == 1 {
		notes = append(notes, "Kommunen har kun talt i én runde, så der er endnu ingen udvikling at tegne.")
	}
	p.notes(append(append(notes, d.notesOf(rep)...), populationNote)...)
	p.finish()
}

// codebookSheet explains the codes that the workbook uses.
func (d *benchmark) codebookSheet(b *book) {
	edition := d.round.Edition
	var rows [][]any
	used := func(count func(*member) int64) bool {
		for _, m := range d.now.members {
			if count(m) > 0 {
				return true
			}
		}
		return false
	}
	add := func(part, code, label, how string) { rows = append(rows, []any{part, code, label, how}) }
	for _, c := range d.cb.Channels {
		if used(func(m *member) int64 { return m.Channels[c.ID] }) {
			add("Kanal", c.Code, c.Label, channelText(c))
		}
	}
	for _, t := range d.cb.Types {
		add("Henvendelsestype", t.Code, t.Label, fmt.Sprintf("Hører til gruppen %s i udgave %s.", t.Groups[edition], edition))
	}
	for _, c := range d.cb.Closings {
		add("Afslutning", c.Code, c.Label, "Hvordan henvendelsen endte hos den, der tog imod den.")
	}
	for _, f := range d.cb.Forms {
		add("Blanket", f.Code, f.Label, "Om der fulgte en blanket med henvendelsen.")
	}
	add("Alle", notFilledIn, notFilledInLabel, "Parameteren er ikke udfyldt. Det er kun tilladt i systemudtræk og på kanaler, hvor den ikke skal oplyses.")
	for _, row := range d.reports["subjects"].Rows {
		add("Opgave", row[0].(string), row[1].(string), fmt.Sprintf("%s opgave i udgave %s.", upperFirst(row[2].(string)), edition))
	}
	fields := fieldsOf([]Column{{Label: "Del", Unit: Text}, {Label: "Kode", Unit: Text}, {Label: "Betegnelse", Unit: Text}, {Label: "Forklaring", Unit: Text}}, rows)
	fields[0].width, fields[2].width, fields[3].width = 20, 48, 66
	p := b.page(sheetCodebook, "Kodebog", "Sådan læser du arket: her står koderne bag tallene, hvad de betyder, og hvilken udgave af kodebogen der gælder for runden.", widthsOf(fields)...)
	p.home()
	p.freeze(p.row)
	p.table(tableName(sheetCodebook), fields, rows, nil).plainText(2)
	note := fmt.Sprintf("Kodebog: udgave %s, version %s.", edition, d.cb.Version)
	for _, e := range d.cb.Editions {
		if e.Name == edition && e.Note != "" {
			note += " " + e.Note
		}
	}
	p.notes(note, "Vist er de kanaler, som gruppen har brugt i runden, og opgaverne på arket Opgaver. Hvilke kanaler der er digitale, er vores afgrænsning.")
	p.finish()
}

func channelText(c model.Channel) string {
	text := "Indgående"
	if c.Direction == model.Outbound {
		text = "Udgående"
	}
	if c.Digital {
		text += ", digital"
	} else {
		text += ", ikke digital"
	}
	switch c.Form {
	case model.FormRequired:
		text += ". Blanket skal oplyses."
	case model.FormFixedNo:
		text += ". Blanket er altid NEJ."
	default:
		text += ". Blanket skal ikke oplyses."
	}
	return text
}
