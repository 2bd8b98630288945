package reports

import (
	"context"
	"fmt"

	"komhen/model"
	"komhen/queries"
)

// What stands for a parameter that is not filled in: NULL as code (codebook §4), and in words.
const (
	notFilledIn      = "NULL"
	notFilledInLabel = "Ikke oplyst"
	sum              = "I alt"
)

// The two columns that most reports end with.
var (
	contactsColumn = Column{Name: "contacts", Label: "Henvendelser", Unit: Count}
	shareColumn    = Column{Name: "share", Label: "Andel", Unit: Share, Whole: true}
)

// entry is one code of the codebook with the cells that come before its figures.
type entry struct {
	id    uint8
	cells []any
}

// byCode makes the table of one code list: a row for each code, also those without contacts, then what is not filled in
// and codes that the codebook does not know, if there are any. No contact is ever left out.
func (j *job) byCode(counts []queries.Count, entries []entry, unknown func(code, label string) []any) {
	contacts := map[uint8]int64{}
	var total int64
	for _, c := range counts {
		contacts[c.Code] = c.Contacts
		total += c.Contacts
	}
	row := func(cells []any, n int64) {
		j.Rows = append(j.Rows, append(cells, n, share(n, total)))
	}
	for _, e := range entries {
		row(e.cells, contacts[e.id])
		delete(contacts, e.id)
	}
	for _, c := range counts { // in the order of ids, so that the table is the same every time
		if n, left := contacts[c.Code]; left && n > 0 {
			if c.Code == 0 {
				row(unknown(notFilledIn, notFilledInLabel), n)
			} else {
				row(unknown(fmt.Sprint(c.Code), "Ukendt kode"), n)
			}
		}
	}
	j.total(total)
}

// total fills in the totals of a table whose last two columns are contacts and share, and whose label is the second column.
func (j *job) total(n int64) {
	j.Totals = make([]any, len(j.Columns))
	for i := range j.Columns {
		j.Totals[i] = ""
	}
	label := 0
	if len(j.Columns) > 3 {
		label = 1
	}
	j.Totals[label] = sum
	j.Totals[len(j.Totals)-2], j.Totals[len(j.Totals)-1] = n, share(n, n)
}

// share is a part of a whole; of nothing there is no share.
func share(part, whole int64) any {
	if whole == 0 {
		return nil
	}
	return float64(part) / float64(whole)
}

func channels(ctx context.Context, j *job) error {
	counts, err := j.st.ContactsByChannel(ctx, j.filter)
	if err != nil {
		return err
	}
	j.Columns = []Column{{Name: "code", Label: "Kode", Unit: Text}, {Name: "label", Label: "Kanal", Unit: Text},
		{Name: "direction", Label: "Retning", Unit: Text}, contactsColumn, shareColumn}
	var entries []entry
	for _, c := range j.cb.Channels {
		entries = append(entries, entry{c.ID, []any{c.Code, c.Label, string(c.Direction)}})
	}
	j.byCode(counts, entries, func(code, label string) []any { return []any{code, label, ""} })
	return nil
}

func types(ctx context.Context, j *job) error {
	counts, err := j.st.ContactsByType(ctx, j.filter)
	if err != nil {
		return err
	}
	j.Columns = []Column{{Name: "code", Label: "Kode", Unit: Text}, {Name: "label", Label: "Henvendelsestype", Unit: Text},
		{Name: "group", Label: "Gruppe", Unit: Text}, contactsColumn, shareColumn}
	var entries []entry
	for _, t := range j.cb.Types {
		entries = append(entries, entry{t.ID, []any{t.Code, t.Label, string(t.Groups[j.Round.Edition])}})
	}
	j.byCode(counts, entries, func(code, label string) []any { return []any{code, label, ""} })
	if id := j.cb.TypeID(caseInformation); id != 0 {
		t := j.cb.Type(id)
		j.Notes = append(j.Notes, fmt.Sprintf("%s (%s) hører til gruppen %s i kodebogens udgave %s.", t.Label, t.Code, t.Groups[j.Round.Edition], j.Round.Edition))
	}
	return nil
}

func closings(ctx context.Context, j *job) error {
	counts, err := j.st.ContactsByClosing(ctx, j.filter)
	if err != nil {
		return err
	}
	var entries []entry
	for _, c := range j.cb.Closings {
		entries = append(entries, entry{c.ID, []any{c.Code, c.Label}})
	}
	j.plainCodes("Afslutning", counts, entries)
	return nil
}

func forms(ctx context.Context, j *job) error {
	counts, err := j.st.ContactsByForm(ctx, j.filter)
	if err != nil {
		return err
	}
	var entries []entry
	for _, f := range j.cb.Forms {
		entries = append(entries, entry{f.ID, []any{f.Code, f.Label}})
	}
	j.plainCodes("Blanket", counts, entries)
	var without []string
	for _, c := range j.cb.Channels {
		if c.Form == model.FormOptional {
			without = append(without, c.Code)
		}
	}
	if len(without) > 0 {
		j.Notes = append(j.Notes, fmt.Sprintf("Blanket skal ikke udfyldes på kanalerne %s; hvor den mangler, står henvendelsen som %q.", listText(without), notFilledInLabel))
	}
	return nil
}

func (j *job) plainCodes(header string, counts []queries.Count, entries []entry) {
	j.Columns = []Column{{Name: "code", Label: "Kode", Unit: Text}, {Name: "label", Label: header, Unit: Text}, contactsColumn, shareColumn}
	j.byCode(counts, entries, func(code, label string) []any { return []any{code, label} })
}
