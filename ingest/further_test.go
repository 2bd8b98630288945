package ingest

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// furtherFolder holds two uploads of the same rows; the second, number 2, has a fix-it file, number 3.
func furtherFolder(t *testing.T) *Folder {
	t.Helper()
	f := newFolder(t)
	data := rows(goodRow, onDay(goodRow, "24"), strings.Replace(goodRow, "PRSNLG", "brevdue", 1))
	load(t, f, data, Options{Name: "a.csv"})
	second := load(t, f, data, Options{Name: "b.csv"}).Receipt.Upload
	fix := string(fixFileOf(t, f, second, "csv"))
	load(t, f, []byte(strings.Replace(fix, ";brevdue;", ";TLFIND;", 1)), Options{Name: "ret.csv"})
	return f
}

const wantFurther = "23×3 24×2"

// TestFurtherIsOneDecision: one line of the journal, one transaction, no second copy of the files; a crash in between gives all of it or
// nothing.
func TestFurtherIsOneDecision(t *testing.T) {
	f, ctx := furtherFolder(t), context.Background()
	must(t, f.Close())
	before := copyFolder(t, f.Dir) // the database of now ...
	g := openFolder(t, f.Dir)
	u, err := g.Further(ctx, 2, Decision{At: usualReceived, By: "konto-7"})
	must(t, err)
	if u.Receipt.Upload != 4 || u.Receipt.Accepted != 2 || len(findingsOf(t, u)) == 0 {
		t.Errorf("%+v", u.Receipt)
	}
	if got := countsByDay(t, g); got != wantFurther {
		t.Errorf("counts %s", got)
	}
	var last Entry
	must(t, g.Decisions(ctx, func(e Entry) error { last = e; return nil }))
	if last.Seq != 4 || last.Op != "further" || last.Upload != 4 || last.Replaces != 2 || last.By != "konto-7" {
		t.Errorf("%+v", last)
	}
	if list, err := os.ReadDir(g.path(uploadsName)); err != nil || len(list) != 3 {
		t.Errorf("%d kept files, %v", len(list), err)
	}
	want, uploads, findings := countedBag(t, g, ""), storedUploads(t, g), storedFindings(t, g)
	must(t, g.Close())

	untouched := openFolder(t, copyFolder(t, before)) // killed before the line was written
	if got := countsByDay(t, untouched); got != "23×2 24×1" {
		t.Errorf("counts %s", got)
	}
	must(t, os.WriteFile(filepath.Join(before, journalName), readFile(t, g.Dir, journalName), 0o600)) // ... with the journal of later
	h := openFolder(t, before)
	if d := differences(countedBag(t, h, ""), want); d != "" {
		t.Error(d)
	}
	if got := storedUploads(t, h); strings.Join(got, "\n") != strings.Join(uploads, "\n") {
		t.Errorf("receipts differ:\n%s\nnot\n%s", strings.Join(got, "\n"), strings.Join(uploads, "\n"))
	}
	if d := differences(storedFindings(t, h), findings); d != "" {
		t.Error(d)
	}
	for _, step := range []struct {
		do   func(context.Context, uint32, Decision) error
		n    uint32
		want string
	}{{undo(h), 4, "23×1 24×1"}, {redo(h), 2, "23×2 24×1"}} {
		must(t, step.do(ctx, step.n, usualDecision))
		if got := countsByDay(t, h); got != step.want {
			t.Errorf("counts %s, must be %s", got, step.want)
		}
	}
	if faults := audit(t, h); len(faults) > 0 {
		t.Error(faults)
	}
	rebuildIsEqual(t, h)
}

func undo(f *Folder) func(context.Context, uint32, Decision) error {
	return func(ctx context.Context, n uint32, d Decision) error { _, err := f.Undo(ctx, n, d); return err }
}

func redo(f *Folder) func(context.Context, uint32, Decision) error {
	return func(ctx context.Context, n uint32, d Decision) error { _, err := f.Redo(ctx, n, d); return err }
}

// TestFurtherOfOlderJournals: before, the decision was an undo and an upload of a second copy of each file. Those journals still
// give what they gave.
func TestFurtherOfOlderJournals(t *testing.T) {
	f, ctx := furtherFolder(t), context.Background()
	must(t, undo(f)(ctx, 2, usualDecision))
	bag := uint32(0)
	for _, name := range []string{"uploads/000002.csv", "uploads/000003.csv"} {
		u := load(t, f, readFile(t, f.Dir, name), Options{Name: name, further: true, replaces: 2, bag: bag})
		bag = u.Receipt.Bag
	}
	if got := countsByDay(t, f); got != wantFurther {
		t.Errorf("counts %s", got)
	}
	rebuildIsEqual(t, f)
}

// TestFurtherThatCannotBe: a kept file that is gone or changed leaves everything as it was.
func TestFurtherThatCannotBe(t *testing.T) {
	f, ctx := furtherFolder(t), context.Background()
	want, uploads, journal := countedBag(t, f, ""), storedUploads(t, f), readFile(t, f.Dir, journalName)
	kept := readFile(t, f.Dir, "uploads/000003.csv")
	for code, spoil := range map[string]func() error{
		"kept-file-missing": func() error { return os.Remove(f.path("uploads/000003.csv")) },
		"kept-file-changed": func() error {
			return os.WriteFile(f.path("uploads/000003.csv"), append(bytes.Clone(kept), '\n'), 0o600)
		},
	} {
		must(t, spoil())
		if _, err := f.Further(ctx, 2, usualDecision); problem(err) != code {
			t.Errorf("%v, must be %s", err, code)
		}
		if d := differences(countedBag(t, f, ""), want); d != "" {
			t.Error(d)
		}
		if got := storedUploads(t, f); strings.Join(got, "\n") != strings.Join(uploads, "\n") || !bytes.Equal(readFile(t, f.Dir, journalName), journal) {
			t.Errorf("%s left traces", code)
		}
		must(t, os.WriteFile(f.path("uploads/000003.csv"), kept, 0o600))
	}
	if _, err := f.Further(ctx, 2, usualDecision); err != nil {
		t.Error(err)
	}
}
