package ingest

import (
	"context"
	"slices"
	"strings"
	"testing"

	"komhen/model"
)

// TestZeros: what is declared stands until it is taken back, twice is once, a refusal changes nothing, and rebuild ends the same.
func TestZeros(t *testing.T) {
	f, ctx := newFolder(t), context.Background()
	file := "Kommune;Enhed;Opgave;Kanal;Type;Afslutning;Blanket;Dato\n259;Borgerservice;23.05.10;TLFIND;VEJL;STRAKS;NEJ;23-04-2012\n"
	u, err := f.Prepare(ctx, strings.NewReader(file), int64(len(file)), Options{Name: "a.csv", Municipality: 259, Received: usualReceived})
	if err != nil || u.Fault != nil {
		t.Fatal(err, u.Fault)
	}
	if err := u.Commit(ctx); err != nil {
		t.Fatal(err)
	}
	day := model.NewDate(2012, 4, 24)
	zero := func(d model.Date, unit, channel, why string) model.Zero {
		return model.Zero{Day: d, Unit: unit, Channel: channel, Why: why}
	}
	by := Decision{At: usualReceived, By: "konto-1"}
	declare := func(want int, code string, zeros ...model.Zero) {
		t.Helper()
		n, err := f.DeclareZeros(ctx, 259, zeros, by)
		if problem(err) != code || code == "" && n != want {
			t.Errorf("%d zeros were new, not %d; %v", n, want, err)
		}
	}
	declare(2, "", zero(day, "Borgerservice", "", "kursus"), zero(day+1, "Borgerservice", "", "kursus"))
	declare(0, "nothing-to-do", zero(day, "Borgerservice", "", "kursus"))
	declare(2, "", zero(day, "Borgerservice", "", "sygdom"), zero(day, "", "", ""), zero(day, "", "", ""))
	declare(1, "", zero(day, "Borgerservice", "PRSNLG", ""))
	declare(0, "zero-invalid", zero(day+2, "Borgerservice", "", ""), zero(day+2, "Findes ikke", "", ""))
	declare(0, "zero-invalid", zero(day+2, "", "PRSNLG", ""))
	declare(0, "zero-invalid", zero(day+2, "Borgerservice", "RØGSIGNAL", ""))
	declare(0, "zero-invalid", zero(day+2, "Borgerservice", "", "det var 010180-1234"))
	declare(0, "zero-invalid", zero(day+2, "Borgerservice", "", strings.Repeat("æ", 201)))
	if _, err := f.TakeBackZeros(ctx, 187, []string{zero(day, "", "", "").Key()}, by); err == nil {
		t.Error("another municipality took it back")
	}
	if n, err := f.TakeBackZeros(ctx, 259, []string{zero(day+1, "Borgerservice", "", "").Key(), "forkert"}, by); n != 1 || err != nil {
		t.Error(n, err)
	}
	if _, err = f.TakeBackZeros(ctx, 259, []string{zero(day+1, "Borgerservice", "", "").Key()}, by); problem(err) != "nothing-to-do" {
		t.Error(err)
	}
	check := func(f *Folder) {
		t.Helper()
		standing, err := f.zeros(ctx, 259)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for key, why := range standing {
			got = append(got, key+"="+why)
		}
		slices.Sort(got)
		if want := []string{"2012-04-24|PRSNLG|Borgerservice=", "2012-04-24||=", "2012-04-24||Borgerservice=sygdom"}; !slices.Equal(got, want) {
			t.Errorf("%q stand", got)
		}
	}
	check(f)
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Rebuild(ctx, f.Dir, f.Book, OpenOptions{}); err != nil {
		t.Fatal(err)
	}
	again, err := Open(ctx, f.Dir, f.Book, OpenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	check(again)
}
