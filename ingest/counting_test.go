package ingest

import (
	"context"
	"fmt"
	"strings"
	"testing"
)

const withID = goodHeader + ";kilde_id\n"

// countsByDay is how many contacts count on each day of April 2012.
func countsByDay(t *testing.T, f *Folder) string {
	t.Helper()
	var list []string
	query(t, f, func(day string, n int) { list = append(list, fmt.Sprintf("%s×%d", day, n)) },
		`SELECT strftime(moment, '%d'), CAST(sum(copies) AS BIGINT) FROM contacts WHERE copies > 0 GROUP BY 1 ORDER BY 1`)
	return strings.Join(list, " ")
}

func onDay(row, day string) string { return strings.Replace(row, "23-04", day+"-04", 1) }

// TestCorrection: the same kilde_id with other content replaces the contact, is told, and comes back when the correction is undone.
func TestCorrection(t *testing.T) {
	f, ctx := newFolder(t), context.Background()
	counts := func(want string) {
		t.Helper()
		if got := countsByDay(t, f); got != want {
			t.Errorf("counts %s, must be %s", got, want)
		}
	}
	first := load(t, f, []byte(withID+goodRow+";A\n"+onDay(goodRow, "24")+";B\n"), Options{})
	second := load(t, f, []byte(withID+onDay(goodRow, "25")+";A\n"+onDay(goodRow, "24")+";B\n"), Options{})
	if r := second.Receipt; r.Accepted != 1 || r.Withheld != 1 || r.Corrections != 1 {
		t.Errorf("%+v", r)
	}
	counts("24×1 25×1")
	if r := load(t, f, []byte(withID+goodRow+";A\n"), Options{}).Receipt; r.Accepted != 1 || r.Corrections != 1 { // back to what it was
		t.Errorf("%+v", r)
	}
	counts("23×1 24×1")
	for _, step := range []struct {
		live   bool
		upload uint32
		want   string
	}{{false, 3, "24×1 25×1"}, {false, second.Receipt.Upload, "23×1 24×1"}, {false, first.Receipt.Upload, ""}, {true, second.Receipt.Upload, "24×1 25×1"}, {true, 3, "23×1 24×1"}} {
		var err error
		if step.live {
			_, err = f.Redo(ctx, step.upload, usualDecision)
		} else {
			_, err = f.Undo(ctx, step.upload, usualDecision)
		}
		must(t, err)
		counts(step.want)
	}
	// another source or municipality has ids of its own
	if r := load(t, f, []byte(withID+goodRow+";A\n"), Options{Source: "Nummersystem"}).Receipt; r.Accepted != 1 || r.Corrections != 0 {
		t.Errorf("%+v", r)
	}
	if r := load(t, f, []byte(withID+strings.Replace(goodRow, "259", "253", 1)+";A\n"), Options{}).Receipt; r.Accepted != 1 || r.Corrections != 0 {
		t.Errorf("%+v", r)
	}
	if faults := audit(t, f); len(faults) > 0 {
		t.Error(faults)
	}
}

// TestOneIDTwiceInFixFile: a fix-it file that gives one kilde_id two contents is rejected there (R13), in every line but those that a
// later row mends again; the rows stay open to be mended.
func TestOneIDTwiceInFixFile(t *testing.T) {
	f := newFolder(t)
	bad := strings.Replace(goodRow, "PRSNLG", "brevdue", 1)
	root := load(t, f, []byte(withID+bad+";A\n"+bad+";B\n"+bad+";C\n"), Options{}).Receipt.Upload
	fix := func(rows ...string) *Upload {
		t.Helper()
		text := goodHeader + ";kilde_id;ret_indmelding;ret_linje;ret_fejl;ret_forslag\n"
		for _, row := range rows {
			text += strings.Replace(row, "/", fmt.Sprintf(";%d;", root), 1) + ";;\n"
		}
		return load(t, f, []byte(text), Options{})
	}
	u := fix(onDay(goodRow, "24")+";X/2", goodRow+";X/3", onDay(goodRow, "26")+";C/4")
	if r := u.Receipt; r.Accepted != 1 || r.Rejected != 2 || rulesOf(t, u) != "R13:2 R13:3" {
		t.Errorf("%s %+v", rulesOf(t, u), r)
	}
	u = fix(onDay(goodRow, "24")+";X/2", goodRow+";X/3", onDay(goodRow, "25")+";Y/2")
	if r := u.Receipt; r.Accepted != 2 || r.Rejected != 0 || r.Withheld != 1 {
		t.Errorf("%s %+v", rulesOf(t, u), r)
	}
	if got := countsByDay(t, f); got != "23×1 25×1 26×1" {
		t.Errorf("counts %s", got)
	}
	if faults := audit(t, f); len(faults) > 0 {
		t.Error(faults)
	}
}

// TestMendedFurtherContacts: a row of a further upload that is mended counts too, although another upload holds an equal one.
func TestMendedFurtherContacts(t *testing.T) {
	f := newFolder(t)
	load(t, f, rows(goodRow), Options{})
	second := load(t, f, rows(goodRow, strings.Replace(goodRow, "PRSNLG", "brevdue", 1)), Options{}).Receipt.Upload
	u, err := f.Further(context.Background(), second, usualDecision)
	must(t, err)
	if got := countsByDay(t, f); got != "23×2" {
		t.Errorf("counts %s", got)
	}
	fix := string(fixFileOf(t, f, u.Receipt.Upload, "csv"))
	if r := load(t, f, []byte(strings.Replace(fix, ";brevdue;", ";PRSNLG;", 1)), Options{}).Receipt; r.Accepted != 1 || r.Bag != u.Receipt.Upload {
		t.Errorf("%+v", r)
	}
	if got := countsByDay(t, f); got != "23×3" {
		t.Errorf("counts %s, must be 23×3", got)
	}
	rebuildIsEqual(t, f)
}
