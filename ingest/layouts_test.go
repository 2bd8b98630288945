package ingest

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"komhen/model"
)

// layoutFiles are the files of testdata/layouts that hold the same 1,000 contacts.
func layoutFiles(t *testing.T) (paths []string) {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(testdata, "layouts", "*.*"))
	must(t, err)
	for _, path := range all {
		if name := filepath.Base(path); name != "README.md" && name[0] != '.' && !strings.HasPrefix(name, "system-") {
			paths = append(paths, path)
		}
	}
	if len(paths) < 15 {
		t.Fatalf("only %d layout files", len(paths))
	}
	return paths
}

func channelCounts(t *testing.T, f *Folder) map[string]int {
	t.Helper()
	bag := map[string]int{}
	query(t, f, func(channel string, n int) { bag[channel] = n },
		`SELECT CAST(channel AS VARCHAR), CAST(sum(copies * amount) AS BIGINT) FROM contacts WHERE copies > 0 GROUP BY channel`)
	return bag
}

// keyBag is the contacts by their identity alone.
func keyBag(t *testing.T, f *Folder) map[string]int {
	t.Helper()
	bag := map[string]int{}
	query(t, f, func(key string, n int) { bag[key] += n }, `SELECT concat_ws('-', key_hi, key_lo, version), copies FROM contacts WHERE copies > 0`)
	return bag
}

// TestLayouts: every layout, encoding, delimiter and file type gives the same contacts, down to their keys, so that any of them
// after the first adds nothing.
func TestLayouts(t *testing.T) {
	shared := newFolder(t)
	var keys, channels map[string]int
	for i, path := range layoutFiles(t) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			data := readFile(t, path)
			f := newFolder(t)
			u := load(t, f, data, Options{Name: filepath.Base(path)})
			if r := u.Receipt; r.Accepted != 1000 || r.Rejected != 0 || r.Withheld != 0 || r.Contacts != 1000 || !r.Balanced() || r.Source != "Tracetool" || r.Round != "2012F" {
				t.Fatalf("%+v %s", r, rulesOf(t, u))
			}
			if i == 0 {
				keys, channels = keyBag(t, f), channelCounts(t, f)
				if sum(keys) != 1000 || len(keys) == 1000 {
					t.Errorf("%d contacts of %d kinds", sum(keys), len(keys))
				}
			}
			if d := differences(keyBag(t, f), keys); d != "" {
				t.Errorf("other keys:\n%.1000s", d)
			}
			again := load(t, shared, data, Options{Name: filepath.Base(path)})
			want := [2]int64{0, 1000}
			if i == 0 {
				want = [2]int64{1000, 0}
			}
			if r := again.Receipt; [2]int64{r.Accepted, r.Withheld} != want {
				t.Errorf("accepted and withheld are %d and %d, must be %v", r.Accepted, r.Withheld, want)
			}
			if d := differences(channelCounts(t, shared), channels); d != "" {
				t.Errorf("the channels change:\n%s", d)
			}
		})
	}
	if faults := audit(t, shared); len(faults) > 0 {
		t.Error(faults)
	}
}

// TestManyEqualRows: 2,000 date-only rows of which 90 are distinct are 2,000 contacts, however often and in whatever order they come.
func TestManyEqualRows(t *testing.T) {
	f := newFolder(t)
	ctx := context.Background()
	small, large := readFile(t, testdata, "layouts", "system-2000-rows.csv"), readFile(t, testdata, "layouts", "system-2005-rows.csv")
	import_ := func(data []byte, accepted, withheld int64) uint32 {
		t.Helper()
		r := load(t, f, data, Options{Kind: model.System}).Receipt
		if r.Accepted != accepted || r.Withheld != withheld || r.Rejected != 0 {
			t.Errorf("accepted %d withheld %d rejected %d, must be %d and %d", r.Accepted, r.Withheld, r.Rejected, accepted, withheld)
		}
		return r.Upload
	}
	counts := func(want int) {
		t.Helper()
		bag := countedBag(t, f, "")
		if sum(bag) != want {
			t.Errorf("%d contacts count, must be %d", sum(bag), want)
		}
	}
	flip := func(what func(context.Context, uint32) error, upload uint32, want int) {
		t.Helper()
		must(t, what(ctx, upload))
		counts(want)
	}
	undo := func(ctx context.Context, n uint32) error { _, err := f.Undo(ctx, n, usualDecision); return err }
	redo := func(ctx context.Context, n uint32) error { _, err := f.Redo(ctx, n, usualDecision); return err }
	first := import_(small, 2000, 0)
	if n := len(countedBag(t, f, "")); n != 90 {
		t.Errorf("%d distinct rows, must be 90", n)
	}
	second := import_(small, 0, 2000)
	counts(2000)
	third := import_(large, 5, 2000)
	counts(2005)
	flip(undo, first, 2005)
	flip(undo, third, 2000)
	flip(undo, second, 0)
	flip(redo, third, 2005)
	flip(undo, third, 0)
	flip(redo, first, 2000)
	flip(redo, second, 2000)
	flip(redo, third, 2005)
	if faults := audit(t, f); len(faults) > 0 {
		t.Error(faults)
	}
	rebuildIsEqual(t, f)
}

// TestFurtherIsReversible: "these are further contacts" doubles the contacts, and undo and redo take it back.
func TestFurtherIsReversible(t *testing.T) {
	f := newFolder(t)
	ctx := context.Background()
	data := readFile(t, testdata, "layouts", "c-utf8.csv")
	load(t, f, data, Options{})
	second := load(t, f, data, Options{}).Receipt.Upload
	u, err := f.Further(ctx, second, usualDecision)
	must(t, err)
	if n := sum(countedBag(t, f, "")); n != 2000 || u.Receipt.Accepted != 1000 {
		t.Errorf("%d contacts count and %d are accepted", n, u.Receipt.Accepted)
	}
	_, err = f.Undo(ctx, u.Receipt.Upload, usualDecision)
	must(t, err)
	_, err = f.Redo(ctx, second, usualDecision)
	must(t, err)
	if n := sum(countedBag(t, f, "")); n != 1000 {
		t.Errorf("%d contacts count, must be 1,000", n)
	}
	for _, wrong := range []uint32{99, u.Receipt.Upload} {
		if _, err := f.Further(ctx, wrong, usualDecision); err == nil {
			t.Errorf("upload %d became further contacts", wrong)
		}
	}
}
