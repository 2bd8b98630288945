package reports

import (
	"fmt"
	"strings"

	"komhen/model"
)

var frontWidths = []float64{24, 46, 18, 19, 11, 12, 11, 12, 37}

// frontSheet says what the workbook is, what it rests on and whether its sheets agree.
func (d *benchmark) frontSheet(b *book, p *page) {
	fact := func(key, value string) {
		p.put(1, p.row, key, RoleKey, "")
		p.span(p.row, 2, p.cols, value, RoleValue, "")
		p.height(p.row, 15*float64(p.lines(value, 2, p.cols))+1)
		p.row++
	}
	p.height(p.row, 8)
	p.row++
	p.section("Grundlag")
	people, quarter := d.own.PopulationOn(d.round.First)
	fact("Kommune", fmt.Sprintf("%s (kode %s), Region %s, %s indbyggere", d.own.Name, d.own.CodeText(), d.own.Region, model.FormatInt(int64(people))))
	fact("Runde", fmt.Sprintf("%s (%s), %s, %s – %s", d.round.Title(), d.round.Name, weeksText(d.round.Weeks), d.round.First, d.round.Last))
	fact("Sammenligningsgruppe", fmt.Sprintf("%s. %s", d.group.title, d.group.how))
	n := fmt.Sprintf("n = %d af %d kommuner har henvendelser i runden", len(d.now.members), len(d.group.members))
	if len(d.group.members) <= 40 {
		var names []string
		for _, m := range d.now.members {
			names = append(names, m.municipality.Name)
		}
		n += ": " + listText(names)
	}
	fact("Kommuner med data", n+".")
	fact("Filtre", fmt.Sprintf("Alle rundens uger, kanaler og opgaver er med. Holdt ude: testrækker i runden (%s) og lokale tællinger uden for tællerunderne i %d (%s).",
		contactsText(d.basis.Test), d.round.Year, contactsText(d.basis.Local)))
	fact("Ufuldstændige rækker", fmt.Sprintf("%s er fra systemudtræk, hvor mindst én parameter ikke er oplyst; de tæller med og står som %q.",
		contactsText(d.basis.Incomplete), notFilledInLabel))
	fact("Kodebog", fmt.Sprintf("Udgave %s, version %s", d.round.Edition, d.cb.Version))
	fact("Folketal", fmt.Sprintf("Danmarks Statistik, tabel FOLK1A, %s", quarterText(quarter)))
	p.row++

	p.section("Ark")
	for _, s := range []struct{ sheet, what string }{
		{sheetKey, "De vigtigste tal på én side, med gruppens median og forrige runde"},
		{sheetChannels, "Hvilke kanaler henvendelserne kommer ad"},
		{sheetSubjects, "Hvad henvendelserne handler om"},
		{sheetTypes, "Transaktioner og information"},
		{sheetClosings, "Afsluttet straks eller lagt til senere"},
		{sheetForms, "Om der fulgte en blanket med"},
		{sheetBenchmark, "Hvert mål med placering, median, kvartiler og gennemsnit, og målenes definitioner"},
		{sheetTrend, "Runderne ved siden af hinanden"},
		{sheetCodebook, "Koderne og deres betydning"},
	} {
		p.put(1, p.row, s.sheet, RoleLink, "")
		b.s.fail(b.f.SetCellHyperLink(p.name, p.cell(1, p.row), quoted(s.sheet)+"!A1", "Location"))
		p.span(p.row, 2, p.cols, s.what, RoleValue, "")
		p.height(p.row, 16)
		p.row++
	}
	p.row++

	p.section("Kontroltotaler")
	var controls [][]any
	for _, c := range d.checks {
		agrees := "ja"
		if c.sum != d.now.own.Total {
			agrees = "nej"
		}
		controls = append(controls, []any{c.sheet, c.what, c.sum, agrees})
	}
	p.table("Tabel_kontrol", []field{{label: "Ark", unit: Text}, {label: "Hvad er lagt sammen", unit: Text}, {label: "Henvendelser", unit: Count}, {label: "Stemmer", unit: Text}}, controls, nil)
	p.line(p.row, "Summerne skal være ens. En projektmappe, hvor de ikke er det, bliver ikke dannet.", RoleNote, 0)
	p.row += 2

	p.section("Indmeldinger bag tallene")
	var files [][]any
	for _, u := range d.uploads {
		files = append(files, []any{int64(u.Upload), u.File, u.Source, u.Received, u.Rows, u.Accepted, u.Rejected, u.Withheld, strings.ToLower(u.SHA256)})
	}
	if len(files) > 0 {
		p.table("Tabel_indmeldinger", []field{{label: "Nr.", unit: Number}, {label: "Filnavn", unit: Text}, {label: "Kilde", unit: Text}, {label: "Modtaget", unit: Clock},
			{label: "Rækker", unit: Number}, {label: "Godkendt", unit: Number}, {label: "Afvist", unit: Number}, {label: "Allerede indlæst", unit: Number}, {label: "SHA-256", unit: Text}}, files, nil)
	}
	p.line(p.row, "Rækker er hele filens, også dem uden for runden. SHA-256 er filens fingeraftryk, som den blev modtaget.", RoleNote, 0)
	p.row++
	p.line(p.row, "Projektmappen indeholder ingen oplysninger om kommunernes egne afdelinger. Kør komhen verify på filen for at se, om den er ændret, siden den blev dannet; kontrollen fanger fejl og er ikke en underskrift.", RoleNote, 0)
	p.row++
	p.finish()
}
