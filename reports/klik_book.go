package reports

import (
	"context"
	"io"

	"github.com/xuri/excelize/v2"

	"komhen/model"
	"komhen/queries"
)

// The colours of deadlines in charts; each also has its word beside it.
const (
	redColour    = "B5202A"
	yellowColour = "D9A400"
	greenColour  = "3C8C50"
)

// klikSheets are the views of the workbook, with the names of their sheets.
var klikSheets = []struct{ view, sheet string }{
	{"projects", "Projekter"}, {"waves", "Bølger"}, {"timeline", "Tidslinje"}, {"phases", "Faser"}, {"themes", "Temaer"}, {"priorities", "Prioriteter"}, {"municipalities", "Kommuner"},
	{"responsibles", "Ansvarlige"}, {"progress", "Udvikling"}, {"follow-up", "Opfølgning"}, {"behind", "Bagud"}, {"blocking", "Spærringer"},
}

// WriteKlikXLSX writes the workbook of KLIK: every view on a sheet of its own, all of one moment, with charts. The name of q is not used. The same figures
// give the same bytes.
func WriteKlikXLSX(ctx context.Context, st *queries.Store, cb *model.Codebook, q KlikQuery, w io.Writer) error {
	var list []*Report
	err := st.Snapshot(ctx, func(ctx context.Context) error {
		boards := map[string]*klikBoard{} // of what may be seen: the country's sums, and single tasks
		for _, s := range klikSheets {
			def, err := klikDefinition(s.view)
			if err != nil {
				return err
			}
			own, err := q.allowed(def)
			if err != nil {
				return err
			}
			scope := own.Filter.Values(cb).Encode()
			if boards[scope] == nil {
				if boards[scope], err = newKlikBoard(ctx, st, cb, own); err != nil {
					return err
				}
			}
			r, err := boards[scope].report(ctx, def)
			if err != nil {
				return err
			}
			list = append(list, r)
		}
		return nil
	})
	if err != nil {
		return err
	}
	b := newBook()
	defer b.f.Close()
	for i, r := range list {
		b.context, b.left, b.right, b.source = r.Heading(), r.Title, r.Heading(), "KLIK"
		b.klikSheet(klikSheets[i].sheet, r)
	}
	b.s.fail(b.f.SetDocProps(&excelize.DocProperties{Title: "KLIK-status", Subject: PlainText(list[0].Heading()), Creator: "KOMHEN 2.0", Language: "da-DK", Created: list[0].stamp(), Modified: list[0].stamp()}))
	if b.s.Err != nil {
		return b.s.Err
	}
	return writeStable(b.f, w)
}

// klikSheet is a view as a sheet; a view of sums has its chart to the right of the table.
func (b *book) klikSheet(sheet string, r *Report) {
	columns, rows, totals := r.forPeople()
	fields := fieldsOf(columns, rows)
	makeRoom(fields)
	widths := widthsOf(fields)
	p := b.page(sheet, r.Title, "", widths...)
	if len(rows) == 0 {
		p.notes(append([]string{"Der er ingen opgaver at vise."}, r.Notes...)...)
		p.finish()
		return
	}
	head := p.row
	a := p.table(sheet, fields, rows, totals)
	p.freeze(head)
	p.notes(r.Notes...)
	at := func(name string) int {
		for i, c := range columns {
			if c.Name == name {
				return i + 1
			}
		}
		return 0
	}
	series := func(names ...string) (list []line) {
		for _, name := range names {
			colour := map[string]string{"red": redColour, "yellow": yellowColour, "green": greenColour}[name]
			list = append(list, line{name: a.headRef(at(name)), values: a.ref(at(name), 0), fill: colour})
		}
		return list
	}
	right := len(fields) + 2
	switch {
	case r.Name == "klik-progress":
		p.trend(right, head, bars{title: "Røde og gule opgaver dag for dag", categories: a.ref(1, 0), series: series("red", "yellow"), format: "#,##0", width: 900, height: 420, plain: true})
		p.trend(right, head+24, bars{title: "Fuldført andel dag for dag", categories: a.ref(1, 0), series: series("completed_share"), format: "0%", width: 900, height: 420, plain: true})
	case at("red") > 0 && at("yellow") > 0 && at("label") > 0 && len(rows) > 1 && len(rows) <= 100:
		height := uint(120 + 22*len(rows))
		column, row := right, head
		if len(rows) <= 20 { // there is room below, where it prints larger
			column, row = 1, p.row+1
		}
		p.bars(column, row, bars{title: "Røde og gule opgaver", categories: a.ref(at("label"), 0), series: series("red", "yellow"), format: "#,##0;;", width: 760, height: max(320, height), stacked: true})
	}
	p.finish()
}

// forPeople is the report as Shown, without its columns of codes.
func (r *Report) forPeople() (columns []Column, rows [][]any, totals []any) {
	keep := []int{}
	for i, c := range r.Columns {
		if !c.Code {
			keep = append(keep, i)
			columns = append(columns, c)
		}
	}
	pick := func(row []any) (out []any) {
		for _, i := range keep {
			out = append(out, row[i])
		}
		return out
	}
	for _, row := range r.Shown() {
		rows = append(rows, pick(row))
	}
	if len(r.Totals) > 0 {
		totals = pick(r.Totals)
	}
	return columns, rows, totals
}
