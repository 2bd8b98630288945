package reports

import (
	"context"
	"fmt"

	"komhen/model"
	"komhen/queries"
)

// completeness says for each day of the period whether there are contacts: of every municipality, or of one municipality's units.
// It says what the data has, not what was to be expected: a closed office and a forgotten file look the same.
func completeness(ctx context.Context, j *job) error {
	if j.Municipality != nil {
		return j.completeUnits(ctx)
	}
	counts, err := j.st.ContactsByMunicipalityDay(ctx, j.filter)
	if err != nil {
		return err
	}
	found := map[uint16]map[model.Date]int64{}
	for _, c := range counts {
		mark(found, c.Municipality, c.DayCount)
	}
	j.dayColumns(Column{Name: "code", Label: "Kode", Unit: Text}, Column{Name: "label", Label: "Kommune", Unit: Text})
	for _, m := range j.cb.Municipalities {
		j.Rows = append(j.Rows, j.dayRow(found[m.Code], m.CodeText(), m.Name))
		delete(found, m.Code)
	}
	for _, c := range counts { // no contact is ever left out
		if days := found[c.Municipality]; days != nil {
			j.Rows = append(j.Rows, j.dayRow(days, fmt.Sprint(c.Municipality), "Ukendt kommune"))
			delete(found, c.Municipality)
		}
	}
	j.Notes = append(j.Notes, "En kommune uden henvendelser har ikke indmeldt for runden.", dayNote)
	return nil
}

const dayNote = "Ja betyder, at der er henvendelser den dag; nej, at der ingen er. Om det er en fejl, kan rapporten ikke se: en lukket dag og en glemt fil ser ens ud."

func (j *job) completeUnits(ctx context.Context) error {
	counts, err := j.st.ContactsByUnitDay(ctx, j.filter)
	if err != nil {
		return err
	}
	registered, err := j.st.Units(ctx, j.Municipality.Code)
	if err != nil {
		return err
	}
	found := map[string]map[model.Date]int64{}
	all := map[model.Date]int64{}
	for _, c := range counts {
		mark(found, c.Unit, c.DayCount)
		all[c.Day] += c.Contacts
	}
	j.dayColumns(Column{Name: "unit", Label: "Enhed", Unit: Text})
	j.Totals = j.dayRow(all, sum)
	for _, unit := range registered {
		j.Rows = append(j.Rows, j.dayRow(found[unit], unit))
		delete(found, unit)
	}
	for _, c := range counts { // in order; a unit that the register does not know, and "" for not filled in, last
		if days := found[c.Unit]; days != nil && c.Unit != "" {
			j.Rows = append(j.Rows, j.dayRow(days, c.Unit))
			delete(found, c.Unit)
		}
	}
	if days := found[""]; days != nil {
		j.Rows = append(j.Rows, j.dayRow(days, notFilledInLabel))
	}
	j.Notes = append(j.Notes, "Enhederne er dem, kommunens indmeldinger har bragt, også fra andre runder.",
		"Enheder er kommunens egne og indgår aldrig i tal på tværs af kommuner.", dayNote)
	return nil
}

var shortDays = [7]string{"sø", "ma", "ti", "on", "to", "fr", "lø"}

func mark[K comparable](found map[K]map[model.Date]int64, who K, c queries.DayCount) {
	if found[who] == nil {
		found[who] = map[model.Date]int64{}
	}
	found[who][c.Day] += c.Contacts
}

// dayColumns are who it is about, how many days have contacts and how many have none, and every day of the period.
func (j *job) dayColumns(who ...Column) {
	j.Columns = append(who, Column{Name: "days_with", Label: "Dage med", Unit: Number}, Column{Name: "days_without", Label: "Dage uden", Unit: Number})
	for d := j.first; d <= j.last; d++ {
		j.Columns = append(j.Columns, dayColumn(d))
	}
}

func dayColumn(d model.Date) Column {
	return Column{Name: d.ISO(), Label: fmt.Sprintf("%s %02d-%02d", shortDays[d.Weekday()], d.Day(), d.Month()), Unit: Text}
}

func (j *job) dayRow(contacts map[model.Date]int64, who ...any) []any {
	var with, without int64
	var cells []any
	for d := j.first; d <= j.last; d++ {
		if contacts[d] > 0 {
			with++
			cells = append(cells, "ja")
		} else {
			without++
			cells = append(cells, "nej")
		}
	}
	return append(append(who, with, without), cells...)
}
