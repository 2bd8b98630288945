package queries

import (
	"context"
	"database/sql"
	"errors"
)

// KeptFilter is what the transaction that last wrote a filter file stored of it: its upload, whose keys and all earlier ones the file
// holds, and the file's hash; "" when there is none.
func (l *Load) KeptFilter(ctx context.Context) (upload uint32, sum string, err error) {
	err = l.conn.QueryRowContext(ctx, text("load/kept_filter")).Scan(&upload, &sum)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, "", nil
	}
	return upload, sum, err
}

// SetKeptFilter stores that a file with this hash holds the keys of this upload and of all earlier ones.
func (l *Load) SetKeptFilter(ctx context.Context, sum string) error {
	return l.run(ctx, "load/set_kept_filter", l.upload, sum)
}

// Keys is about how many keys the database has with this upload.
func (l *Load) Keys() int64 { return l.stored + l.loaded }
