package ingest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"komhen/model"
	"komhen/queries"
)

// overlapSite has 30 letters that Borgerservice registered, five telephone calls, and 100 letters in the statistics of Digital Post, of
// which 30 are of the same days and tasks (inventory §18 no. 18).
func overlapSite(t *testing.T) (f *Folder, tool, post uint32) {
	t.Helper()
	f = newFolder(t)
	const head = "kommune;enhed;opgave;kanal;type;afslutning;blanket;dato;antal\n"
	var a, b strings.Builder
	a.WriteString(head)
	for i := range 30 {
		fmt.Fprintf(&a, "259;Borgerservice;23.05.10;PPRUD;INFO;HOLD;NEJ;23-04-2012 10:%02d;\n", i)
	}
	a.WriteString(strings.Repeat("259;Borgerservice;23.05.10;TLFIND;INFO;STRAKS;;23-04-2012;\n", 5))
	b.WriteString(head + "259;NULL;23.05.10;DOKUD;INFO;HOLD;NEJ;23-04-2012;20\n" + strings.Repeat("259;NULL;23.05.10;DOKUD;INFO;HOLD;NEJ;23-04-2012;\n", 30) +
		"259;NULL;23.05.10;DOKUD;INFO;HOLD;NEJ;24-04-2012;25\n259;NULL;01.11.00;DOKUD;INFO;HOLD;NEJ;23-04-2012;25\n")
	tool = load(t, f, []byte(a.String()), Options{Name: "tool.csv", Municipality: 259}).Receipt.Upload
	post = load(t, f, []byte(b.String()), Options{Name: "post.csv", Municipality: 259, Source: "Digital Post", Kind: model.System}).Receipt.Upload
	return f, tool, post
}

// channelSums is what reports count in Køge in 2012F, from the cube and from contacts: they must agree, stale and fresh.
func channelSums(t fataler, f *Folder) string {
	t.Helper()
	r, err := f.Book.Round("2012F")
	must(t, err)
	ask := func(ctx context.Context) string {
		var list []string
		counts, err := f.Store.ContactsByChannel(ctx, queries.RoundFilter(r, 259))
		must(t, err)
		for _, c := range counts {
			list = append(list, fmt.Sprintf("%s %d", f.Book.Channel(c.Code).Code, c.Contacts))
		}
		return strings.Join(list, ", ")
	}
	stale, direct := ask(context.Background()), ask(queries.WithoutCube(context.Background()))
	must(t, f.Store.RefreshCube(context.Background()))
	if fresh := ask(context.Background()); stale != direct || fresh != direct {
		t.Fatalf("stale %s, fresh %s, contacts %s", stale, fresh, direct)
	}
	if n, err := f.Store.CubeFaults(context.Background()); n != 0 || err != nil {
		t.Fatalf("%d faults in the cube, %v", n, err)
	}
	return direct
}

// TestOverlap: double registrations are proposed with numbers, kept until a person decides, left out exactly, and come back.
func TestOverlap(t *testing.T) {
	f, tool, _ := overlapSite(t)
	ctx, by := context.Background(), Decision{At: usualReceived, By: "tove"}
	r, err := f.Book.Round("2012F")
	must(t, err)
	families, _ := f.Book.Families()
	rows, err := f.Store.Overlaps(ctx, queries.RoundFilter(r, 259), families)
	must(t, err)
	if len(rows) != 1 || rows[0].A != "Digital Post" || rows[0].B != "Tracetool" || rows[0].InA != 50 || rows[0].InB != 30 || rows[0].Both != 30 || rows[0].Subject.String() != "23.05.10" {
		t.Fatalf("%+v", rows)
	}
	wants := func(want string) {
		t.Helper()
		if got := channelSums(t, f); got != want {
			t.Fatalf("got %s, want %s", got, want)
		}
	}
	const all, without = "TLFIND 5, PPRUD 30, DOKUD 100", "TLFIND 5, PPRUD 30, DOKUD 70"
	wants(all)
	must(t, f.Approve(ctx, 259, "2012F", by))
	decide := func(drop, code string) {
		t.Helper()
		err := f.DecideOverlap(ctx, 259, "2012F", "Tracetool", "Digital Post", drop, by)
		var p *model.Problem
		if code == "" && err != nil || code != "" && (!errors.As(err, &p) || p.Code != code) {
			t.Fatalf("drop %q: %v", drop, err)
		}
	}
	stands := func() bool {
		t.Helper()
		is, err := f.approved(ctx, r, 259)
		must(t, err)
		return is
	}
	decide("", "")
	wants(all)
	if !stands() {
		t.Error("a decision that changes nothing made the round provisional")
	}
	decide("", "nothing-to-do")
	decide("Fax", "overlap-source")
	decide("Digital Post", "")
	wants(without)
	if stands() {
		t.Error("the figures changed, and the approval stands")
	}
	left, err := f.Store.LeftOut(ctx, queries.RoundFilter(r, 259))
	must(t, err)
	if len(left) != 1 || left[0].Source != "Digital Post" || left[0].Contacts != 30 {
		t.Errorf("%+v", left)
	}
	if other, err := f.Store.LeftOut(ctx, queries.RoundFilter(r, 461)); err != nil || len(other) != 0 {
		t.Errorf("%+v, %v", other, err)
	}
	f = sameAfterRebuild(t, f)
	wants(without)
	if miscounted(t, f) != 0 {
		t.Error("keys are counted otherwise")
	}
	_, err = f.Undo(ctx, tool, by) // whose letters those of Digital Post made way for: they come back
	must(t, err)
	wants("DOKUD 100")
	_, err = f.Redo(ctx, tool, by)
	must(t, err)
	wants(without)
	decide("Tracetool", "")
	wants("TLFIND 5, DOKUD 100")
	decide("Digital Post", "")
	wants(without)
	extract := map[string]int64{}
	x, err := f.Store.Extract(ctx, queries.RoundFilter(r, 259))
	must(t, err)
	parts, err := x.ExtractParts(ctx)
	must(t, err)
	must(t, x.ExtractRows(ctx, parts, func(row *queries.ExtractRow) error {
		extract[f.Book.Channel(row.Channel).Code] += int64(row.Amount) * int64(row.Copies)
		return nil
	}))
	must(t, x.Close())
	if extract["DOKUD"] != 70 || extract["PPRUD"] != 30 {
		t.Errorf("the extract has %v", extract)
	}

	// A third source with some of the same letters: it may make way too, but nobody's letters may make way in a ring.
	load(t, f, []byte("kommune;enhed;opgave;kanal;type;afslutning;blanket;dato;antal\n259;NULL;23.05.10;FPRNT;INFO;HOLD;;23-04-2012;40\n"), Options{Name: "print.csv", Municipality: 259, Source: "Fjernprint", Kind: model.System})
	err = f.DecideOverlap(ctx, 259, "2012F", "Fjernprint", "Digital Post", "Fjernprint", by)
	var p *model.Problem
	if !errors.As(err, &p) || p.Code != "overlap-circle" {
		t.Errorf("got %v", err)
	}
	must(t, f.DecideOverlap(ctx, 259, "2012F", "Fjernprint", "Digital Post", "Digital Post", by)) // 50 of that day and task, 30 + 40 held by others
	wants("TLFIND 5, PPRUD 30, DOKUD 50, FPRNT 40")
	decide("", "")
	wants("TLFIND 5, PPRUD 30, DOKUD 60, FPRNT 40")
	must(t, f.DecideOverlap(ctx, 259, "2012F", "Digital Post", "Fjernprint", "", by))
	wants("TLFIND 5, PPRUD 30, DOKUD 100, FPRNT 40")
	history, err := f.Store.RecordHistory(ctx, queries.RecordFilter{Kind: model.RecordOverlap, Municipality: 259})
	if err != nil || len(history) != 7 || history[0].By != "tove" {
		t.Errorf("%+v, %v", history, err)
	}
	sameAfterRebuild(t, f)
}
