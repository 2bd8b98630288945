package reports

import (
	"io"

	"github.com/xuri/excelize/v2"
)

// WriteXLSX writes a report as a workbook of one sheet, with the look of the benchmark workbook: a real table with filters,
// numbers as numbers, totals below, notes under that. The same report gives the same bytes.
func WriteXLSX(w io.Writer, r *Report) error {
	b := newBook()
	defer b.f.Close()
	b.context = r.Heading()
	b.left, b.right, b.source = r.Title, r.Heading(), "KOMHEN 2.0"
	columns, shown, totals := r.forPeople()
	fields := fieldsOf(columns, shown)
	makeRoom(fields)
	p := b.page("Rapport", r.Title, "", widthsOf(fields)...)
	head := p.row
	p.table("Rapport", fields, shown, totals)
	p.freeze(head)
	p.notes(r.Notes...)
	p.finish()
	b.s.fail(b.f.SetDocProps(&excelize.DocProperties{Title: PlainText(r.Title), Subject: PlainText(r.Heading()), Creator: "KOMHEN 2.0",
		Language: "da-DK", Created: r.stamp(), Modified: r.stamp()}))
	if b.s.Err != nil {
		return b.s.Err
	}
	return writeStable(b.f, w)
}

// makeRoom widens the last text column of a narrow table, so that title and notes find room above and below it.
func makeRoom(fields []field) {
	const enough = 90
	total, last := 0.0, -1
	for i, f := range fields {
		total += f.width
		if f.unit == Text {
			last = i
		}
	}
	if last >= 0 && total < enough {
		fields[last].width += enough - total
	}
}

// stamp is when a workbook says it was made: a day of its own, so that the same report gives the same bytes.
func (r *Report) stamp() string {
	day := r.Round.First
	if r.Day != 0 {
		day = r.Day
	}
	return day.ISO() + "T00:00:00Z"
}
