package queries

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"komhen/model"
)

// defaultSliceRows is how many rows of contacts are put aside and summed in one transaction; more cost memory. Putting a week aside
// piece by piece reads contacts once for each piece; from wholeWeek pieces on it is cheaper to read it once for each relation.
const (
	defaultSliceRows = 2_000_000
	wholeWeek        = 6
)

// staleWeek is a week of a municipality that is to be made anew, and how many rows of contacts that is.
type staleWeek struct {
	municipality uint16
	week         model.Date
	rows         int64
}

// RefreshCube brings the cube in step with contacts, slice by slice, and does nothing when it is. It may be called beside
// everything else; a second caller waits for the first, as long as its context lets it. Without it reports are slower, never wrong.
func (s *Store) RefreshCube(ctx context.Context) error {
	if s.ReadOnly {
		return nil
	}
	select {
	case s.refreshing <- struct{}{}:
		defer func() { <-s.refreshing }()
	case <-ctx.Done():
		return ctx.Err()
	}
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	for {
		stale, err := s.staleWeeks(ctx, conn)
		if err != nil || len(stale) == 0 {
			return err
		}
		for len(stale) > 0 {
			n := nextSlice(stale, s.sliceRows)
			if err := s.refreshSlice(ctx, conn, stale[:n]); err != nil {
				return fmt.Errorf("cube from %s: %w", stale[0].week, err)
			}
			stale = stale[n:]
		}
	}
}

// nextSlice is how many of the stale weeks are made anew next: as many as the rows allow, or all of one very large week.
func nextSlice(stale []staleWeek, most int64) int {
	n, rows := 0, int64(0)
	for ; n < len(stale) && stale[n].week == stale[0].week; n++ {
		rows += stale[n].rows
	}
	if rows >= wholeWeek*most {
		return n
	}
	n, rows = 1, stale[0].rows
	for ; n < len(stale) && rows+stale[n].rows <= most; n++ {
		rows += stale[n].rows
	}
	return n
}

// staleWeeks lists what is stale by week and municipality.
func (s *Store) staleWeeks(ctx context.Context, conn *sql.Conn) (list []staleWeek, err error) {
	var first, last sql.NullTime
	if err := conn.QueryRowContext(ctx, s.sql("cube/stale_span")).Scan(&first, &last); err != nil || !first.Valid {
		return nil, err
	}
	return rowsOf(ctx, conn, s.sql("cube/stale_sizes"), []any{dateOf(first.Time).ISO(), (dateOf(last.Time) + 7).ISO()}, func(w *staleWeek) []any {
		return []any{&w.municipality, asDay(&w.week), &w.rows}
	})
}

// refreshSlice makes some weeks of municipalities anew in one transaction. The marks it dealt with go with it.
func (s *Store) refreshSlice(ctx context.Context, conn *sql.Conn, slice []staleWeek) (err error) {
	if _, err := conn.ExecContext(ctx, "BEGIN TRANSACTION"); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_, rolled := conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK")
			err = errors.Join(err, rolled)
		}
	}()
	run := func(name string, pairs ...string) error {
		if _, err := conn.ExecContext(ctx, replace(name, pairs...)); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		return nil
	}
	first, last := slice[0].week, slice[len(slice)-1].week // they are in order
	exactly, where := inSlice(slice)
	if first != last {
		where += " AND (" + exactly + ")"
	}
	if err := run("cube/take_marks", "{slice}", strings.ReplaceAll(where, "moment", "week")); err != nil {
		return err
	}
	rows := int64(0)
	for _, w := range slice {
		rows += w.rows
	}
	contacts, err := net(ctx, conn)
	if err != nil {
		return err
	}
	inside := "(\n" + replace("cube/slice", "{slice}", where, "{contacts}", contacts) + ")"
	part := inside
	if rows < wholeWeek*s.sliceRows {
		part = "part"
		if err := run("cube/take_part", "{slice}", where, "{contacts}", contacts); err != nil {
			return err
		}
	}
	for _, name := range []string{"cube/refresh_codes", "cube/refresh_tasks", "cube/refresh_days", "cube/refresh_units", "cube/refresh_unit_channels", "cube/refresh_incomplete", "cube/refresh_uploads"} {
		counted := strings.TrimPrefix(name, "cube/refresh_")
		if err := run(name, "{slice}", where, "{week}", weekOf(first, last), "{"+counted+"}", relation("cube/"+counted, part)); err != nil {
			return err
		}
	}
	if err := run("cube/clear_further", "{slice}", where); err != nil {
		return err
	}
	open, err := s.openUploads(ctx, conn, first, last+6)
	if err != nil {
		return err
	}
	if len(open) > 0 {
		if err := run("cube/refresh_further", "{week}", weekOf(first, last), "{further}", relation("cube/further", inside), "{open}", numbers(open)); err != nil {
			return err
		}
	}
	for _, name := range []string{"cube/refresh_national", "cube/drop_marks"} {
		if err := run(name); err != nil {
			return err
		}
	}
	_, err = conn.ExecContext(ctx, "COMMIT")
	return err
}

// openUploads are the uploads that may hold rows of some days.
func (s *Store) openUploads(ctx context.Context, conn *sql.Conn, first, last model.Date) ([]uint32, error) {
	return rowsOf(ctx, conn, s.sql("cube/open_uploads"), []any{first.ISO(), (last + 1).ISO()}, func(u *uint32) []any { return []any{u} })
}

// inSlice tells weeks of municipalities, by week, in SQL: exactly, and a condition that holds them all but is simple enough for
// DuckDB to skip row groups by.
func inSlice(slice []staleWeek) (exactly, near string) {
	var weeks []string
	var all []uint16
	known := map[uint16]bool{}
	for i := 0; i < len(slice); {
		var codes []uint16
		week := slice[i].week
		for ; i < len(slice) && slice[i].week == week; i++ {
			codes = append(codes, slice[i].municipality)
			if !known[slice[i].municipality] {
				known[slice[i].municipality] = true
				all = append(all, slice[i].municipality)
			}
		}
		weeks = append(weeks, inWeeks(week, week, codes))
	}
	return strings.Join(weeks, " OR "), inWeeks(slice[0].week, slice[len(slice)-1].week, all)
}

func inWeeks(first, last model.Date, municipalities []uint16) string {
	return fmt.Sprintf("(moment >= %s AND moment < %s AND municipality IN (%s))", isoMoment(first), isoMoment(last+7), numbers(municipalities))
}

// weekOf is the week of a moment between two weeks.
func weekOf(first, last model.Date) string {
	if first == last {
		return isoMoment(first)
	}
	return "CAST(date_trunc('week', moment) AS TIMESTAMP_S)"
}
