package reports

import (
	"context"
	"fmt"

	"komhen/model"
)

// today is the day on which the report is made; days before it are over.
func (j *job) today() model.Date {
	if j.q.Today != 0 {
		return j.q.Today
	}
	return j.last + 1
}

// board says for each unit of a municipality, day by day, whether there are contacts, a zero, or a silence. Nationally it counts the unit-days
// of each municipality, and names no unit.
func board(ctx context.Context, j *job) error {
	if j.Municipality == nil {
		return j.boardOfCountry(ctx)
	}
	b, err := boardOf(ctx, j.st, j.cb, j.Round, j.Municipality.Code, j.first, j.last, j.today())
	if err != nil {
		return err
	}
	j.Columns = append([]Column{{Name: "unit", Label: "Enhed", Unit: Text}, contactsColumn}, coverageColumns...)
	for _, d := range b.Days {
		j.Columns = append(j.Columns, dayColumn(d.Day))
	}
	j.Columns = append(j.Columns, Column{Name: "silent_channels", Label: "Tavse kanaldage", Unit: Number})
	silent := map[string]int64{}
	for _, c := range b.SilentChannels {
		silent[c.Unit] += int64(len(c.Days))
	}
	var total int64
	for _, u := range b.Units {
		total += u.Contacts
		name := u.Unit
		if name == "" {
			name = notFilledInLabel
		}
		row := append([]any{name, u.Contacts}, coverageCells(u.Coverage)...)
		for _, c := range u.Cells {
			row = append(row, c.State.Word())
		}
		j.Rows = append(j.Rows, append(row, silent[u.Unit]))
	}
	j.Totals = append([]any{sum, total}, coverageCells(b.Coverage)...)
	for range len(j.Columns) - len(j.Totals) {
		j.Totals = append(j.Totals, nil)
	}
	j.Notes = append(j.Notes, boardNotes...)
	for _, m := range silentChannelTexts(b.SilentChannels) {
		j.Notes = append(j.Notes, "Tavse kanaldage: "+m.Text)
	}
	for _, z := range b.Zeros {
		if z.Overruled {
			j.Notes = append(j.Notes, "Erklæret som nul, men der kom henvendelser, og de tæller: "+z.Text(j.cb)+".")
		}
	}
	j.Notes = append(j.Notes, "Enheder er kommunens egne og indgår aldrig i tal på tværs af kommuner.")
	return nil
}

var boardNotes = []string{
	"Data er henvendelser, nul er erklæret af kommunen, og lukket er en weekend eller helligdag uden henvendelser. Intet ventet er en dag, som vi ikke ved, der burde være henvendelser.",
	SilenceRule,
	"Ventede enhedsdage er de dage, der er slut, og som en enhed plejer at have henvendelser på. Dækket er de af dem, der har henvendelser eller er erklæret som nul.",
}

// coverageColumns are those of a Coverage.
var coverageColumns = []Column{{Name: "expected", Label: "Ventede enhedsdage", Unit: Number}, {Name: "covered", Label: "Dækkede enhedsdage", Unit: Number},
	{Name: "coverage", Label: "Dækket", Unit: Share}}

func coverageCells(c Coverage) []any { return []any{int64(c.Expected), int64(c.Covered), c.Share()} }

// Text is what the zero is about: "Borgerservice, Telefon ind, tirsdag 24-04-2012".
func (z StandingZero) Text(cb *model.Codebook) string {
	who := z.Unit
	if who == "" {
		who = "hele kommunen"
	}
	if ch := cb.Channel(cb.ChannelID(z.Channel)); z.Channel != "" && ch != nil {
		who += ", " + ch.Label
	}
	return who + ", " + dayText(z.Day)
}

func (j *job) boardOfCountry(ctx context.Context) error {
	counts, err := j.st.ContactsByMunicipality(ctx, j.filter)
	if err != nil {
		return err
	}
	contacts := map[uint16]int64{}
	for _, c := range counts {
		contacts[c.Municipality] += c.Contacts
	}
	found, err := coverages(ctx, j.st, j.cb, j.Round, j.first, j.last, j.today())
	if err != nil {
		return err
	}
	j.Columns = append([]Column{{Name: "code", Label: "Kode", Unit: Text}, {Name: "label", Label: "Kommune", Unit: Text}, contactsColumn}, coverageColumns...)
	j.Columns = append(j.Columns, Column{Name: "silent_units", Label: "Enheder med tavse dage", Unit: Number})
	var total int64
	var all Coverage
	line := func(code uint16, codeText, name string) {
		c := found[code]
		total += contacts[code]
		all.add(c)
		j.Rows = append(j.Rows, append(append([]any{codeText, name, contacts[code]}, coverageCells(c)...), int64(c.Silent)))
		delete(contacts, code)
	}
	for _, m := range j.cb.Municipalities {
		line(m.Code, m.CodeText(), m.Name)
	}
	for _, c := range counts { // no contact is ever left out
		if _, left := contacts[c.Municipality]; left {
			line(c.Municipality, fmt.Sprint(c.Municipality), "Ukendt kommune")
		}
	}
	j.Totals = append(append([]any{nil, sum, total}, coverageCells(all)...), int64(all.Silent))
	j.Notes = append(j.Notes, boardNotes...)
	return nil
}
