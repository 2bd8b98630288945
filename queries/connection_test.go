package queries

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/duckdb/duckdb-go/v2"
)

// ending is a context that ends once it has been asked a number of times whether it has.
type ending struct {
	context.Context
	left atomic.Int64
}

func (e *ending) Err() error {
	if e.left.Add(-1) < 0 {
		return context.Canceled
	}
	return nil
}

// TestCancelledLeavesNothing: at whatever moment a query is cancelled, a closed database is let go of.
func TestCancelledLeavesNothing(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("SKIPPED: only Linux tells here which files are open")
	}
	ways := map[string]func(context.Context, *Store) error{
		"exec": func(ctx context.Context, st *Store) error {
			_, err := st.db.ExecContext(ctx, "CREATE OR REPLACE TABLE x AS SELECT 1")
			return err
		},
		"query": func(ctx context.Context, st *Store) error { _, _, err := st.Applied(ctx); return err },
		"begin": func(ctx context.Context, st *Store) error {
			tx, err := st.db.BeginTx(ctx, nil)
			if err == nil {
				err = tx.Rollback()
			}
			return err
		},
		"arrow": func(ctx context.Context, st *Store) error {
			conn, err := st.db.Conn(context.Background())
			if err != nil {
				return err
			}
			defer conn.Close()
			return arrowConn(ctx, conn, func(a *duckdb.Arrow) error {
				reader, err := a.QueryContext(ctx, "SELECT 1")
				if err == nil {
					reader.Release()
				}
				return err
			})
		},
	}
	for name, way := range ways {
		t.Run(name, func(t *testing.T) {
			cancelled := 0
			for asked := int64(0); ; asked++ {
				path := filepath.Join(t.TempDir(), "x.duckdb")
				st, err := Open(t.Context(), Options{Path: path})
				if err != nil {
					t.Fatal(err)
				}
				ctx := &ending{Context: context.Background()}
				ctx.left.Store(asked)
				if err = way(ctx, st); err != nil {
					if !errors.Is(err, context.Canceled) {
						t.Fatal(err)
					}
					cancelled++
				}
				if err := st.Close(); err != nil {
					t.Fatal(err)
				}
				if open := openFiles(t, path); len(open) > 0 {
					t.Errorf("cancelled after %d looks at the context, the closed database holds %v", asked, open)
				}
				if err == nil {
					break
				}
			}
			if cancelled < 3 {
				t.Errorf("only %d moments to cancel at", cancelled)
			}
		})
	}
}

// openFiles are the files of this process whose names begin like that.
func openFiles(t *testing.T, prefix string) (list []string) {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if name, err := os.Readlink("/proc/self/fd/" + e.Name()); err == nil && strings.HasPrefix(name, prefix) {
			list = append(list, name)
		}
	}
	return list
}
