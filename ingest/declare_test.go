package ingest

import (
	"context"
	"errors"
	"testing"

	"komhen/model"
	"komhen/queries"
)

// TestDeclare: the latest record of a key stands, one that is taken back does not, the history holds all, a refusal changes nothing,
// and rebuild ends the same.
func TestDeclare(t *testing.T) {
	f, ctx := newFolder(t), context.Background()
	by := Decision{At: usualReceived, By: "konto-1"}
	type zero struct{ Why string }
	declare := func(key string, body any) {
		t.Helper()
		err := f.Declare(ctx, by, func(context.Context) ([]model.Record, error) {
			r, err := model.NewRecord(model.RecordZero, 259, "2012F", key, body)
			return []model.Record{r}, err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	declare("a", zero{"lukket"})
	declare("b", zero{"<ferie> & fest"})
	declare("a", zero{"ingen kom"})
	declare("c", zero{"en fejl"})
	declare("c", nil)
	refused := errors.New("refused")
	if err := f.Declare(ctx, by, func(context.Context) ([]model.Record, error) { return nil, refused }); !errors.Is(err, refused) {
		t.Fatalf("got %v", err)
	}
	if err := f.Declare(ctx, by, func(context.Context) ([]model.Record, error) { return []model.Record{{Kind: "unheard-of"}}, nil }); err == nil {
		t.Fatal("a kind that nobody knows was stored")
	}
	check := func(f *Folder) {
		t.Helper()
		filter := queries.RecordFilter{Kind: model.RecordZero, Municipality: 259, Round: "2012F"}
		standing, err := queries.Standing[zero](ctx, f.Store, filter)
		if err != nil {
			t.Fatal(err)
		}
		if len(standing) != 2 || standing[0].Key != "a" || standing[0].Value.Why != "ingen kom" || standing[1].Value.Why != "<ferie> & fest" || standing[0].By != "konto-1" || !standing[0].At.Equal(usualReceived) {
			t.Fatalf("got %+v", standing)
		}
		history, err := f.Store.RecordHistory(ctx, filter)
		if err != nil || len(history) != 5 || !history[4].Withdrawn() {
			t.Fatalf("got %+v, %v", history, err)
		}
	}
	check(f)
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if n, err := Rebuild(ctx, f.Dir, f.Book, OpenOptions{}); err != nil || n != 5 {
		t.Fatalf("rebuilt %d entries: %v", n, err)
	}
	again, err := Open(ctx, f.Dir, f.Book, OpenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	check(again)
}
