package queries

import (
	"context"
	"fmt"
)

// When the process is killed while it commits, DuckDB 1.5 finds a log that ends in the middle of a transaction. It takes back what
// the transaction did, but not rows that came in whole row groups (122,880 at a time): those stay, without their upload. The
// journal line is always written before, so the upload is loaded again; before that, its leftovers must go.

// Leftovers tells whether there are rows of an upload that the database does not have.
func (s *Store) Leftovers(ctx context.Context) (found bool, err error) {
	next, err := s.NextUpload(ctx)
	if err != nil {
		return false, err
	}
	err = s.db.QueryRowContext(ctx, s.sql("load/leftovers"), next).Scan(&found)
	return found, err
}

// RemoveLeftovers deletes them.
func (s *Store) RemoveLeftovers(ctx context.Context) error {
	next, err := s.NextUpload(ctx)
	if err != nil {
		return err
	}
	_, err = s.db.ExecContext(ctx, fmt.Sprintf(s.sql("load/remove_leftovers"), next))
	return err
}
