package queries

import (
	"context"
	"fmt"
)

// Bag is what a bag of rows comes to: how many, and the sums of both halves of their keys and of their versions, as decimal numbers.
type Bag struct {
	Rows            int64
	Hi, Lo, Version string
}

// Kept is an upload and its kept file's name in the data folder.
type Kept struct {
	Upload uint32
	Kept   string
}

// SameSize lists uploads of that size in bytes whose rows all stand in contacts as their own: a repetition of one can be told from it.
func (l *Load) SameSize(ctx context.Context, size int64, source string, test bool) (list []Kept, err error) {
	rows, err := l.conn.QueryContext(ctx, text("load/same_size"), size, source, test)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var k Kept
		if err := rows.Scan(&k.Upload, &k.Kept); err != nil {
			return nil, err
		}
		list = append(list, k)
	}
	return list, rows.Err()
}

// MatchRepeated is Match for an upload of which no row was put aside, because it seems to hold the same rows as an earlier one; same
// tells whether it does. If not, the load must be rolled back.
func (l *Load) MatchRepeated(ctx context.Context, earlier uint32, bag Bag) (same bool, err error) {
	if err := l.allThreads(ctx); err != nil {
		return false, err
	}
	if err := l.exec(ctx, fmt.Sprintf(text("load/match_repeated"), earlier)); err != nil {
		return false, fmt.Errorf("load/match_repeated: %w", err)
	}
	var more bool
	err = l.conn.QueryRowContext(ctx, text("load/is_repeated"), bag.Rows, bag.Hi, bag.Lo, bag.Version).Scan(&l.rows, &l.ids, &more, &same)
	if err != nil || !same {
		return false, err
	}
	for _, name := range []string{"load/no_new_keys", "load/near_all"} {
		if err := l.run(ctx, name); err != nil {
			return false, err
		}
	}
	if !more {
		return true, nil
	}
	if err := l.run(ctx, "load/hold_matched"); err != nil {
		return false, err
	}
	return true, l.run(ctx, "load/matched")
}
