package ingest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// TestKeptFilter: whatever becomes of the filter beside the database, what counts is the same; and one that is taken for the
// database's holds every key there is.
func TestKeptFilter(t *testing.T) {
	f, ctx := newFolder(t), context.Background()
	file := func(first, n int) []byte {
		text := withID
		for i := range n {
			text += fmt.Sprintf("%s;K%d\n", goodRow, first+i)
		}
		return []byte(text)
	}
	kept := filepath.Join(f.Dir, filterName)
	holdsAll := func(want bool) {
		t.Helper()
		load, err := f.Store.BeginLoad(ctx, 0, false)
		must(t, err)
		defer load.Rollback()
		u := &Upload{folder: f, load: load}
		known, after, err := u.keptFilter(ctx)
		if (err == nil) != want {
			t.Fatalf("the kept filter: %v", err)
		}
		if err != nil {
			return
		}
		keys := 0
		must(t, load.KnownKeys(ctx, 0, func(hi, lo []uint64) {
			for i := range hi {
				if keys++; !known.has(hi[i], lo[i]) {
					t.Errorf("a key of an upload up to %d is missing", after)
				}
			}
		}))
		if keys == 0 {
			t.Error("no keys")
		}
	}
	first, older := 0, []byte(nil)
	for _, step := range []struct {
		name  string
		do    func()
		holds bool
	}{
		{"as it was left", func() {}, true},
		{"gone", func() { must(t, os.Remove(kept)) }, false},
		{"a bit turned", func() {
			data, err := os.ReadFile(kept)
			must(t, err)
			older = append([]byte(nil), data...)
			data[len(data)/2] ^= 1
			must(t, os.WriteFile(kept, data, 0o600))
		}, false},
		{"an older one", func() { must(t, os.WriteFile(kept, older, 0o600)) }, false},
		{"cut off", func() { must(t, os.Truncate(kept, 1000)) }, false},
		{"empty", func() { must(t, os.Truncate(kept, 0)) }, false},
		{"after an upload that came past it", func() {
			u := prepare(t, f, file(first+1000, 3), Options{})
			u.filter = "" // as after a crash between the commit and the rename
			must(t, u.Commit(ctx))
		}, false},
	} {
		r := load(t, f, file(first, 40), Options{}).Receipt
		if r.Accepted != 40 {
			t.Fatalf("%s: %+v", step.name, r)
		}
		holdsAll(true)
		step.do()
		holdsAll(step.holds)
		// half of it known, half new
		if r := load(t, f, file(first+20, 40), Options{}).Receipt; r.Accepted != 20 || r.Withheld != 20 {
			t.Errorf("%s: %+v", step.name, r)
		}
		first += 100
	}
	must(t, f.Close())
	_, err := Rebuild(ctx, f.Dir, f.Book, OpenOptions{})
	must(t, err)
	f = openFolder(t, f.Dir)
	if r := load(t, f, file(0, 60), Options{}).Receipt; r.Withheld != 60 {
		t.Errorf("after a rebuild: %+v", r)
	}
	holdsAll(true)
}
