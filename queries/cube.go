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
// anew. A report reads the marked weeks from contacts and the others from the cube, so its figures are always exact.

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
	{"unit_channels", "cube/unit_channels", 1, false, false},
	{"incomplete", "cube/incomplete", 7, false, false},
	{"uploads", "cube/uploads", 7, false, false},
	{"further", "cube/further", 7, false, false},
}

// standing is what the cube is worth for a period: nothing (a context WithoutCube, or very much is stale), or all but some weeks.
type standing struct {
	worthless bool
	stale     []staleWeek // by week and municipality
	contacts  string      // what counts, as SQL has it in FROM (net)
}

// from puts the relations into a query: {codes} is the cube's or the one of contacts; {codes by municipality} never the national sums.
func from(query string, f Filter, is standing) string {
	var pairs []string
	for _, r := range relations {
		table := relation(r.file, is.contacts)
		national := table
		if kept := "cube_" + r.name; !is.worthless && wholeWeeks(f, r.grain) {
			switch {
			case len(is.stale) > 0:
				stale, near := inSlice(is.stale)
				table = replace("cube/mixed", "{kept}", kept, "{counted}", table, "{stale}", stale, "{near}", near)
				national = table
			case r.national && f.Municipality == 0:
				table, national = kept, "national_"+r.name
			default:
				table, national = kept, kept
			}
		}
		if r.types && f.Types != nil {
			table, national = ofTypes(table, f.Types), ofTypes(national, f.Types)
		}
		pairs = append(pairs, "{"+r.name+"}", national, "{"+r.name+" by municipality}", table)
	}
	return strings.NewReplacer(pairs...).Replace(query)
}

// relation is one of the relations as counted from contacts, a table or a query in brackets. Danger: a comment in its file must not
// name what is put in, which may be more than a line.
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

// numbers is a list as SQL has it in IN (…). An empty one is NULL, which nothing is in. (Beside numbers NULL would be wrong: NOT IN
// would not hold for anything.)
func numbers[T uint8 | uint16 | uint32](list []T) string {
	if len(list) == 0 {
		return "NULL"
	}
	var texts []string
	for _, n := range list {
		texts = append(texts, strconv.FormatUint(uint64(n), 10))
	}
	return strings.Join(texts, ", ")
}

type withoutCube struct{}

// WithoutCube is a context whose reports read contacts themselves; the figures must be the same. For tests and measurements.
func WithoutCube(ctx context.Context) context.Context {
	return context.WithValue(ctx, withoutCube{}, true)
}

// mostStale is how many weeks of municipalities a query names one by one: a round of the whole country, three times over.
const mostStale = 1000

// standing looks what the cube is worth for a period.
func (s *Store) standing(ctx context.Context, tx *sql.Tx, f Filter) (standing, error) {
	if ctx.Value(withoutCube{}) != nil {
		return standing{worthless: true}, nil
	}
	args := append(period("from", "until", monday(f.From), f.To), sql.Named("municipality", f.Municipality))
	stale, err := rowsOf(ctx, tx, s.sql("cube/stale_in"), append(args, sql.Named("most", mostStale+1)), func(w *staleWeek) []any { return []any{&w.municipality, asDay(&w.week)} })
	if err != nil || len(stale) == 0 {
		return standing{}, err
	}
	any := false // nothing, after the first import: then contacts need not be looked through by weeks
	err = tx.QueryRowContext(ctx, s.sql("cube/has_any"), args...).Scan(&any)
	if !any || len(stale) > mostStale {
		return standing{worthless: true}, err
	}
	return standing{stale: stale}, err
}

// StaleWeeks is how many weeks of municipalities RefreshCube would make anew.
func (s *Store) StaleWeeks(ctx context.Context) (n int64, err error) {
	err = s.db.QueryRowContext(ctx, s.sql("cube/count_stale")).Scan(&n)
	return n, err
}

// CubeFaults is in how many weeks of municipalities the cube, where it is not stale, says something else than contacts do.
func (s *Store) CubeFaults(ctx context.Context) (n int64, err error) {
	err = s.Snapshot(ctx, func(ctx context.Context) error {
		moment := ctx.Value(snapshotKey{}).(*snapshot)
		contacts, err := moment.contacts(ctx)
		if err != nil {
			return err
		}
		return moment.tx.QueryRowContext(ctx, replace("cube/differing", "{codes}", relation("cube/codes", contacts))).Scan(&n)
	})
	return n, err
}

// replace puts texts of the program's own making into a query file.
func replace(name string, pairs ...string) string {
	return strings.NewReplacer(pairs...).Replace(text(name))
}

// isoWeek is a moment as SQL writes it.
func isoWeek(d model.Date) string { return fmt.Sprintf("TIMESTAMP_S '%s'", d.ISO()) }
