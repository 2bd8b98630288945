package ingest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"

	"komhen/model"
)

// TestSharedFolder: imports, dry runs, undo, redo and reading side by side. Nothing is lost, and every count is right. Run it with
// -race.
func TestSharedFolder(t *testing.T) {
	f, ctx := newFolder(t), context.Background()
	first := load(t, f, rows(goodRow, goodRow, strings.Replace(goodRow, "PRSNLG", "brevdue", 1)), Options{}).Receipt.Upload
	const writers, files = 6, 4
	var group errgroup.Group
	for w := range writers {
		group.Go(func() error {
			for n := range files {
				row := strings.Replace(goodRow, "Borgerservice", fmt.Sprintf("Enhed %d-%d", w, n), 1)
				data := rows(row, row, goodRow)
				for _, take := range []func(context.Context, io.ReaderAt, int64, Options) (*Upload, error){f.Check, f.Prepare} {
					u, err := take(ctx, bytes.NewReader(data), int64(len(data)), Options{Name: fmt.Sprint(w, n), Received: usualReceived, By: fmt.Sprint("konto-", w)})
					if err != nil {
						return err
					}
					found := 0
					err = u.Findings(ctx, func(model.Finding) error { found++; return nil })
					if err == nil && found == 0 {
						err = errors.New("no findings")
					}
					if !u.opts.dryRun {
						err = errors.Join(err, u.Commit(ctx))
					}
					if err := errors.Join(err, u.Discard()); err != nil {
						return err
					}
				}
			}
			return nil
		})
	}
	group.Go(func() error {
		for range files {
			if _, err := f.Undo(ctx, first, usualDecision); err != nil {
				return err
			}
			if _, err := f.Redo(ctx, first, usualDecision); err != nil {
				return err
			}
		}
		return nil
	})
	for range 3 {
		group.Go(func() error {
			seen := 0
			for seen < 1+writers*files {
				list, err := f.Store.Uploads(ctx)
				if err != nil {
					return err
				}
				if len(list) < seen {
					return fmt.Errorf("%d uploads after %d", len(list), seen)
				}
				seen = len(list)
				decisions := 0
				err = errors.Join(f.Store.Findings(ctx, first, func(model.Finding) error { return nil }), f.WriteFixFile(ctx, first, io.Discard, "csv"),
					f.Decisions(ctx, func(Entry) error { decisions++; return nil }))
				if err != nil {
					return err
				}
				if decisions < seen {
					return fmt.Errorf("%d decisions of %d uploads", decisions, seen)
				}
				if seen%5 == 0 {
					if err := f.Audit(ctx, func(fault string) { t.Error(fault) }); err != nil {
						return err
					}
				}
			}
			return nil
		})
	}
	must(t, group.Wait())
	if n := sum(countedBag(t, f, "")); n != 2+2*writers*files {
		t.Errorf("%d contacts count", n)
	}
	by := map[string]int{}
	must(t, f.Decisions(ctx, func(e Entry) error { by[e.Op+" "+e.By]++; return nil }))
	if by["upload konto-3"] != files || by["undo "] != files {
		t.Errorf("%v", by)
	}
	rebuildIsEqual(t, f)
}

// TestTurn: whoever waits can give up, and Close waits for the one whose turn it is and turns the others away.
func TestTurn(t *testing.T) {
	f, ctx := newFolder(t), context.Background()
	u := prepare(t, f, rows(goodRow), Options{})
	impatient, give := context.WithCancel(ctx)
	give()
	if _, err := f.Undo(impatient, 1, usualDecision); problem(err) != "busy" || !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if _, err := f.Store.Uploads(ctx); err != nil { // readers go on
		t.Error(err)
	}
	waiting, closed := make(chan error, 1), make(chan error, 1)
	go func() { _, err := f.Redo(ctx, 1, usualDecision); waiting <- err }()
	go func() { closed <- f.Close() }()
	if err := <-waiting; problem(err) != "closing" {
		t.Error(err)
	}
	if _, err := f.Further(ctx, 1, usualDecision); problem(err) != "closing" {
		t.Error(err)
	}
	select {
	case err := <-closed:
		t.Errorf("closed in the middle of an upload, %v", err)
	default:
	}
	must(t, u.Commit(ctx))
	must(t, <-closed)
	must(t, f.Close())
	g := openFolder(t, f.Dir)
	if n := sum(countedBag(t, g, "")); n != 1 {
		t.Errorf("%d contacts", n)
	}
}

// TestFaultGivesTurnOn: a file that is no table leaves the folder free without Discard.
func TestFaultGivesTurnOn(t *testing.T) {
	f := newFolder(t)
	for _, data := range []string{"", "%PDF-1.4", "a;b\n1;2\n", goodHeader + ";ret_indmelding;ret_linje\n" + goodRow + ";77;2\n"} {
		if u := prepare(t, f, []byte(data), Options{}); u.Fault == nil {
			t.Errorf("%q has no fault", data)
		}
	}
	load(t, f, rows(goodRow), Options{})
}
