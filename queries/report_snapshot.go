package queries

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"komhen/model"
)

type snapshotKey struct{}

// snapshot is the database of one moment, and what the cube is worth there, by period.
type snapshot struct {
	tx   *sql.Tx
	cube map[string]standing
	net  string // what counts, as SQL has it in FROM; "" until it is asked for
}

// Snapshot runs f so that all report queries that are made with its context see the database of one moment, also while an
// import commits: the notes of a report must fit its figures. f must not run queries side by side.
func (s *Store) Snapshot(ctx context.Context, f func(context.Context) error) error {
	if ctx.Value(snapshotKey{}) != nil {
		return f(ctx)
	}
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return failed(err)
	}
	defer tx.Rollback()
	return f(context.WithValue(ctx, snapshotKey{}, &snapshot{tx: tx, cube: map[string]standing{}}))
}

// asDay reads a DATE, which the driver gives as midnight UTC.
func asDay(d *model.Date) sql.Scanner { return (*dayScanner)(d) }

type dayScanner model.Date

func (d *dayScanner) Scan(v any) error {
	t, ok := v.(time.Time)
	if !ok {
		return fmt.Errorf("%T is no day", v)
	}
	*d = dayScanner(model.NewDate(t.Year(), int(t.Month()), t.Day()))
	return nil
}

// asText reads a text; NULL is "".
func asText(s *string) sql.Scanner { return (*textScanner)(s) }

type textScanner string

func (s *textScanner) Scan(v any) error {
	text, ok := v.(string)
	if !ok && v != nil {
		return fmt.Errorf("%T is no text", v)
	}
	*s = textScanner(text)
	return nil
}

// counted runs a query that names relations in braces: on the cube where it has the filter's period, else on contacts themselves.
func counted[T any](ctx context.Context, s *Store, file string, f Filter, args []any, fields func(*T) []any) (out []T, err error) {
	err = s.Snapshot(ctx, func(ctx context.Context) error {
		moment, cube, err := s.moment(ctx, f)
		if err != nil {
			return err
		}
		out, err = rowsOf(ctx, moment.tx, from(s.sql(file), f, cube), args, fields)
		return err
	})
	return out, err
}

// moment is the snapshot of a context, and what the cube is worth there for a period.
func (s *Store) moment(ctx context.Context, f Filter) (*snapshot, standing, error) {
	moment := ctx.Value(snapshotKey{}).(*snapshot)
	period := fmt.Sprint(f.Municipality, f.From, f.To)
	cube, known := moment.cube[period]
	if known {
		return moment, cube, nil
	}
	cube, err := s.standing(ctx, moment.tx, f)
	if err == nil {
		cube.contacts, err = moment.contacts(ctx)
	}
	if err == nil {
		moment.cube[period] = cube
	}
	return moment, cube, err
}

// reportRows runs a report's query, in the snapshot if there is one, and gathers its rows; fields says where the columns of
// one row go.
func reportRows[T any](ctx context.Context, s *Store, file string, args []any, fields func(*T) []any) ([]T, error) {
	if moment, ok := ctx.Value(snapshotKey{}).(*snapshot); ok {
		return rowsOf(ctx, moment.tx, s.sql(file), args, fields)
	}
	return rowsOf(ctx, s.db, s.sql(file), args, fields)
}

type queryer interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

func failed(err error) error {
	return &model.Problem{Code: "database", Message: "Tallene kunne ikke hentes fra databasen.", Err: err}
}

func rowsOf[T any](ctx context.Context, db queryer, query string, args []any, fields func(*T) []any) ([]T, error) {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, failed(err)
	}
	defer rows.Close()
	var out []T
	for rows.Next() {
		var row T
		if err := rows.Scan(fields(&row)...); err != nil {
			return nil, failed(err)
		}
		out = append(out, row)
	}
	if err := rows.Err(); err != nil {
		return nil, failed(err)
	}
	return out, nil
}
