package queries

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"komhen/model"
)

// The cube is contacts summed by week or day, in a few narrow tables (schema.sql), so that a report need not count millions of rows.
// Every change of contacts marks the weeks it touched in the table stale, in its own transaction; RefreshCube makes the marked weeks
// anew. A report whose period holds a mark reads contacts instead, so its figures are always exact.

// relations are what reports count from. grain is the days that a row of the cube stands for.
var relations = []struct {
	name     string
	grain    model.Date
	national bool // also summed for the whole country
	types    bool // can be limited to some types of contact
}{
	{"codes", 7, true, true}, {"tasks", 7, true, true}, {"days", 1, false, true}, {"units", 1, false, true},
	{"incomplete", 7, false, false}, {"uploads", 7, false, false}, {"further", 7, false, false},
}

// from puts the relations into a query: {codes} is the cube's or the raw one; {codes by municipality} never the national sums.
func from(query string, f Filter, fresh bool) string {
	var pairs []string
	for _, r := range relations {
		table, national := "counted_"+r.name, "counted_"+r.name
		if fresh && wholeWeeks(f, r.grain) {
			table, national = "cube_"+r.name, "cube_"+r.name
			if r.national && f.Municipality == 0 {
				national = "national_" + r.name
			}
		}
		if r.types && f.Types != nil {
			table, national = ofTypes(table, f.Types), ofTypes(national, f.Types)
		}
		pairs = append(pairs, "{"+r.name+"}", national, "{"+r.name+" by municipality}", table)
	}
	return strings.NewReplacer(pairs...).Replace(query)
}

// wholeWeeks tells whether a period begins and ends where rows of a grain do. 1970-01-05, day 4, was a Monday.
func wholeWeeks(f Filter, grain model.Date) bool {
	return grain == 1 || f.From == monday(f.From) && f.To+1 == monday(f.To+1)
}

// monday is the first day of a day's week.
func monday(d model.Date) model.Date { return d - ((d-4)%7+7)%7 }

func ofTypes(relation string, types []uint8) string {
	list := []string{"NULL"} // so that no types at all is a list too
	for _, t := range types {
		list = append(list, strconv.Itoa(int(t)))
	}
	return strings.NewReplacer("{relation}", relation, "{types}", strings.Join(list, ", ")).Replace(text("cube/of_types"))
}

type withoutCube struct{}

// WithoutCube is a context whose reports read contacts themselves; the figures must be the same. For tests and measurements.
func WithoutCube(ctx context.Context) context.Context {
	return context.WithValue(ctx, withoutCube{}, true)
}

// isFresh tells whether the cube has everything of a period.
func (s *Store) isFresh(ctx context.Context, tx *sql.Tx, f Filter) (bool, error) {
	if ctx.Value(withoutCube{}) != nil {
		return false, nil
	}
	var stale bool
	args := append(period("from", "until", monday(f.From), f.To), sql.Named("municipality", f.Municipality))
	err := tx.QueryRowContext(ctx, s.sql("cube/is_stale"), args...).Scan(&stale)
	return !stale, err
}

// RefreshCube brings the cube in step with contacts, a week at a time, and does nothing when it is. It may be called beside
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
		var week sql.NullTime
		if err := conn.QueryRowContext(ctx, s.sql("cube/oldest_stale")).Scan(&week); err != nil {
			return err
		}
		if !week.Valid {
			return nil
		}
		if err := s.refreshWeek(ctx, conn, week.Time); err != nil {
			return fmt.Errorf("cube of %s: %w", week.Time.Format(time.DateOnly), err)
		}
	}
}

// StaleWeeks is how many weeks of municipalities RefreshCube would make anew.
func (s *Store) StaleWeeks(ctx context.Context) (n int64, err error) {
	err = s.db.QueryRowContext(ctx, s.sql("cube/count_stale")).Scan(&n)
	return n, err
}

func (s *Store) refreshWeek(ctx context.Context, conn *sql.Conn, week time.Time) (err error) {
	first, after := week.Format(time.DateOnly), week.AddDate(0, 0, 7).Format(time.DateOnly)
	if _, err := conn.ExecContext(ctx, "BEGIN TRANSACTION"); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_, rolled := conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK")
			err = errors.Join(err, rolled)
		}
	}()
	if _, err := conn.ExecContext(ctx, s.sql("cube/take_marks"), first); err != nil {
		return err
	}
	for _, name := range []string{"cube/refresh_codes", "cube/refresh_tasks", "cube/refresh_days", "cube/refresh_units",
		"cube/refresh_incomplete", "cube/refresh_uploads", "cube/refresh_further"} {
		if _, err := conn.ExecContext(ctx, fmt.Sprintf(s.sql(name), first, after)); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	if _, err := conn.ExecContext(ctx, s.sql("cube/drop_marks"), first); err != nil {
		return err
	}
	_, err = conn.ExecContext(ctx, "COMMIT")
	return err
}
