package queries

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"

	"komhen/model"
)

// The cube is contacts summed by week or day, in a few narrow tables (schema.sql), so that a report need not count millions of rows.
// Every change of contacts marks the weeks it touched in the table stale, in its own transaction; RefreshCube makes the marked weeks
// anew. A report whose period holds a mark reads contacts instead, so its figures are always exact.

// relations are what reports count from, each defined once, in its file. grain is the days that a row of its table in the cube
// stands for.
var relations = []struct {
	name, file string
	grain      model.Date
	national   bool // also summed for the whole country
	types      bool // can be limited to some types of contact
}{
	{"codes", "cube/codes", 7, true, true},
	{"tasks", "cube/tasks", 7, true, true},
	{"days", "cube/days", 1, false, true},
	{"units", "cube/units", 1, false, true},
	{"incomplete", "cube/incomplete", 7, false, false},
	{"uploads", "cube/uploads", 7, false, false},
	{"further", "cube/further", 7, false, false},
}

// from puts the relations into a query: {codes} is the cube's or the one of contacts; {codes by municipality} never the national sums.
func from(query string, f Filter, fresh bool) string {
	var pairs []string
	for _, r := range relations {
		table := relation(r.file, "contacts")
		national := table
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

// relation is one of the relations as counted from contacts, a table or a query in brackets.
func relation(file, contacts string) string {
	return "(\n" + strings.ReplaceAll(text(file), "{contacts}", contacts) + ")"
}

// wholeWeeks tells whether a period begins and ends where rows of a grain do.
func wholeWeeks(f Filter, grain model.Date) bool {
	return grain == 1 || f.From == monday(f.From) && f.To+1 == monday(f.To+1)
}

// monday is the first day of a day's week. 1970-01-05, day 4, was one.
func monday(d model.Date) model.Date { return d - ((d-4)%7+7)%7 }

func ofTypes(relation string, types []uint8) string {
	return strings.NewReplacer("{relation}", relation, "{types}", numbers(types)).Replace(text("cube/of_types"))
}

// numbers is a list as SQL has it in IN (…). NULL makes the empty one a list too.
func numbers[T uint8 | uint16 | uint32](list []T) string {
	var b strings.Builder
	b.WriteString("NULL")
	for _, n := range list {
		b.WriteString(", " + strconv.FormatUint(uint64(n), 10))
	}
	return b.String()
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

// StaleWeeks is how many weeks of municipalities RefreshCube would make anew.
func (s *Store) StaleWeeks(ctx context.Context) (n int64, err error) {
	err = s.db.QueryRowContext(ctx, s.sql("cube/count_stale")).Scan(&n)
	return n, err
}

// CubeFaults is in how many weeks of municipalities the cube, where it is not stale, says something else than contacts do.
func (s *Store) CubeFaults(ctx context.Context) (n int64, err error) {
	err = s.db.QueryRowContext(ctx, replace("cube/differing", "{codes}", relation("cube/codes", "contacts"))).Scan(&n)
	return n, err
}

// replace puts texts of the program's own making into a query file.
func replace(name string, pairs ...string) string {
	return strings.NewReplacer(pairs...).Replace(text(name))
}

// isoWeek is a moment as SQL writes it.
func isoWeek(d model.Date) string { return fmt.Sprintf("TIMESTAMP_S '%s'", d.ISO()) }
