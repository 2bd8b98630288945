package ingest

import (
	"context"
	"fmt"
	"strings"
	"testing"
)

func rejectedPage(t *testing.T, f *Folder, upload uint32, offset, limit int64) (*RejectedPage, string) {
	t.Helper()
	p, err := f.RejectedRows(context.Background(), upload, offset, limit)
	must(t, err)
	var list []string
	for _, r := range p.Rows {
		list = append(list, fmt.Sprintf("%d %s", r.Line, r.Findings[0].Rule))
	}
	return p, strings.Join(list, ", ")
}

func mend(t *testing.T, f *Folder, upload uint32, rows ...MendedRow) *Upload {
	t.Helper()
	u, err := f.Mend(context.Background(), upload, rows, Options{Received: usualReceived, By: "konto-1"})
	must(t, err)
	if u.Fault != nil {
		t.Fatalf("%+v", u.Fault)
	}
	must(t, u.Commit(context.Background()))
	return u
}

// TestMendInPage: rows are listed, mended, rejected again, mended, undone; the rows left are always those that are not counted.
func TestMendInPage(t *testing.T) {
	f, ctx := newFolder(t), context.Background()
	u := load(t, f, []byte("kommune;enhed;opgave;kanal;type;afslutning;blanket;dato;note\n"+
		"259;Borgerservice;23.09.02;PRSNLG;OPRET;STRAKS;JA;23-04-2012;a\n"+
		"259;Borgerservice;23.09.02;brevdue;OPRET;STRAKS;JA;23-04-2012;b\n"+
		"259;Borgerservice;23.09.02;PRSNLG;OPRET;STRAKS;JA;31-04-2012;c\n"+
		"259;Borgerservice;23.09.02;PRSNLG;OPRET;STRAKS;JA;23-04-2012;Jens 230412-1234\n"+
		"259;Borgerservice;23.09.02;PRSNLG;OPRET;STRAKS;JA\n"), Options{Municipality: 259, Source: "Telefonsystem"}).Receipt.Upload
	p, list := rejectedPage(t, f, u, 0, 10)
	if list != "3 R05, 4 R04, 5 R11, 6 R01" || p.Total != 4 || len(p.Header) != 9 || p.Rows[2].Cells[8] != "Jens ******-****" || len(p.Rows[3].Cells) != 7 {
		t.Fatalf("%s %+v", list, p)
	}
	if p, list = rejectedPage(t, f, u, 1, 2); list != "4 R04, 5 R11" || p.Total != 4 {
		t.Errorf("%s %+v", list, p)
	}
	if p, list = rejectedPage(t, f, u, 9, 2); list != "" || p.Total != 4 {
		t.Errorf("%s %+v", list, p)
	}
	p, _ = rejectedPage(t, f, u, 0, 10)
	right := func(i, cell int, text string) MendedRow {
		cells := append([]string(nil), p.Rows[i].Cells...)
		cells[cell] = text
		return MendedRow{p.Rows[i].Line, cells}
	}
	first := mend(t, f, u, right(0, 3, "PRSNLG"), right(1, 3, "æble; \"øl\"\nå"), right(2, 8, "Jens 230412-1234")).Receipt
	if first.Accepted != 1 || first.Rejected != 2 || first.Bag != u || first.Source != "Telefonsystem" || first.File != "rettelser til indmelding 1.csv" {
		t.Errorf("%+v", first)
	}
	if strings.Contains(string(readFile(t, f.Dir, "uploads/000002.csv")), "1234") {
		t.Error("a CPR-shaped value is kept")
	}
	p, list = rejectedPage(t, f, first.Upload, 0, 10) // as they were mended
	if list != "4 R04, 5 R11, 6 R01" || p.Upload != u || p.Rows[0].Cells[3] != "æble; \"øl\"\nå" || len(p.Rows[0].Cells) != 9 || len(p.Rows[0].Findings) != 2 {
		t.Errorf("%s %+v", list, p)
	}
	cells := append([]string(nil), p.Rows[0].Cells...)
	cells[3], cells[7] = "PRSNLG", "24-04-2012"
	mend(t, f, u, MendedRow{4, cells}, MendedRow{5, strings.Split("259;Borgerservice;23.09.02;PRSNLG;OPRET;STRAKS;JA;24-04-2012", ";")})
	if _, list = rejectedPage(t, f, u, 0, 10); list != "6 R01" {
		t.Error(list)
	}
	if got := countsByDay(t, f); got != "23×2 24×2" {
		t.Errorf("counts %s", got)
	}
	must(t, undo(f)(ctx, first.Upload, usualDecision))
	if _, list = rejectedPage(t, f, u, 0, 10); list != "3 R05, 6 R01" {
		t.Error(list)
	}
	r15 := mend(t, f, u, MendedRow{2, cells}, MendedRow{99, cells}).Receipt // rows that were never rejected
	if r15.Accepted != 0 || r15.Rejected != 2 {
		t.Errorf("%+v", r15)
	}
	if _, list = rejectedPage(t, f, u, 0, 10); list != "3 R05, 6 R01" {
		t.Error(list)
	}
	for code, call := range map[string]func() error{
		"upload-unknown": func() error { _, err := f.RejectedRows(ctx, 99, 0, 1); return err },
		"nothing-to-do":  func() error { _, err := f.Mend(ctx, u, nil, Options{}); return err },
		"mend-cells":     func() error { _, err := f.Mend(ctx, u, []MendedRow{{6, make([]string, 10)}}, Options{}); return err },
	} {
		if err := call(); problem(err) != code {
			t.Errorf("%v, must be %s", err, code)
		}
	}
	if faults := audit(t, f); len(faults) > 0 {
		t.Error(faults)
	}
	rebuildIsEqual(t, f)
}

// TestMendMapped: the cells are those of the file's own columns, read with its profile.
func TestMendMapped(t *testing.T) {
	m, data := mappingOf(t, "telephone-log")
	f := newFolder(t)
	u := load(t, f, data, Options{Municipality: 259, Mapping: m}).Receipt.Upload
	p, list := rejectedPage(t, f, u, 0, 10)
	if list != "5 R05, 6 R04, 7 R11" || strings.Join(p.Header, ";") != strings.Join(m.Header, ";") {
		t.Fatalf("%s %+v", list, p)
	}
	p.Rows[0].Cells[2], p.Rows[1].Cells[0], p.Rows[2].Cells[4] = "Udgående", "4/23/2012 1:15 PM", ""
	var rows []MendedRow
	for _, r := range p.Rows {
		rows = append(rows, MendedRow{r.Line, r.Cells})
	}
	if r := mend(t, f, u, rows...).Receipt; r.Accepted != 3 || r.Kind != "system" {
		t.Errorf("%+v", r)
	}
	if p, _ := rejectedPage(t, f, u, 0, 10); p.Total != 0 {
		t.Errorf("%+v", p)
	}
}
