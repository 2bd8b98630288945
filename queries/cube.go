package queries

import (
	"context"
	"database/sql"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"komhen/model"
)

// The cube is contacts summed by week or day, in a few narrow tables (schema.sql), so that a report need not count millions of rows.
// Every change of contacts marks the weeks it touched in the table stale, in its own transaction; RefreshCube makes the marked weeks
// anew. A report reads the marked weeks from contacts and the others from the cube, so its figures are always exact.

// related is what reports count from, defined once, in its file.
type related struct {
	file     string
	grain    model.Date // the days that a row of its table in the cube stands for
	national bool       // also summed for the whole country
	types    bool       // can be limited to some types of contact
	reads    uint64     // of codes, whatever the query wants
	only     string     // a condition that all its rows meet, on contact_rows
	keys     bool       // it is about single rows, so they cannot be taken together
}

var relations = map[string]related{
	"codes":         {file: "cube/codes", grain: 7, national: true, types: true},
	"tasks":         {file: "cube/tasks", grain: 7, national: true, types: true},
	"days":          {file: "cube/days", grain: 1, types: true},
	"units":         {file: "cube/units", grain: 1, types: true},
	"unit_channels": {file: "cube/unit_channels", grain: 1},
	"incomplete":    {file: "cube/incomplete", grain: 7, reads: typeBits | closingBits | formBits | noUnitMark | systemMark, only: fmt.Sprintf("codes & %d <> 0", systemMark)},
	"uploads":       {file: "cube/uploads", grain: 7},
	"further":       {file: "cube/further", grain: 7, keys: true},
}

// standing is what the cube is worth for a period: nothing (a context WithoutCube, or very much is stale), or all but some weeks.
type standing struct {
	worthless bool
	stale     []staleWeek // by week and municipality
	contacts  string      // what counts, as SQL has it in FROM (net)
}

// inBraces is a relation in a query, and what the query wants of it: {codes by municipality, channel}. What it does not name is of no
// use to it: the municipality, the moment and codes are then any. A query whose conditions on moment are others than the period of its
// filter says moment.
var inBraces = regexp.MustCompile(`\{(\w+)(?: by ([a-z, ]+))?\}`)

// from puts the relations into a query: from the cube where it has the period, else from contacts.
func from(query string, f Filter, is standing) string {
	return inBraces.ReplaceAllStringFunc(query, func(braces string) string {
		parts := inBraces.FindStringSubmatch(braces)
		name, wanted := parts[1], strings.Split(parts[2], ", ")
		r := relations[name]
		table := "cube_" + name
		switch counted := relation(r.file, is.contacts); {
		case is.worthless || !wholeWeeks(f, r.grain):
			table = counted
			if !r.keys && is.contacts == allContacts && !slices.Contains(wanted, "moment") {
				table = relation(r.file, summed(f, r, wanted))
			}
		case len(is.stale) > 0:
			stale, near := inSlice(is.stale)
			table = replace("cube/mixed", "{kept}", table, "{counted}", counted, "{stale}", stale, "{near}", near)
		case r.national && f.Municipality == 0 && !slices.Contains(wanted, "municipality"):
			table = "national_" + name
		}
		if r.types && f.Types != nil {
			table = ofTypes(table, f.Types)
		}
		return table
	})
}

// inCodes is where codes have what a query may want (schema.sql).
var inCodes = map[string]uint64{"channel": channelBits, "type": typeBits, "closing": closingBits, "form": formBits, "subject": subjectBits}

// summed is contacts of a period with what is wanted of them for a relation, as SQL has it in FROM.
func summed(f Filter, r related, wanted []string) string {
	bits := r.reads | testMark | amountBits
	if r.types && f.Types != nil {
		bits |= typeBits
	}
	where := fmt.Sprintf("moment >= %s AND moment < %s", isoMoment(f.From), isoMoment(f.To+1))
	if f.Municipality != 0 {
		where += fmt.Sprintf(" AND municipality = %d", f.Municipality)
	}
	if r.only != "" {
		where += " AND " + r.only
	}
	municipality, moment := fmt.Sprintf("CAST(%d AS USMALLINT) AS municipality", f.Municipality), isoMoment(f.From)+" AS moment"
	keys, unit := "", false
	var columns []string
	for _, w := range wanted {
		bits |= inCodes[w]
		switch w {
		case "municipality":
			municipality, keys = w, keys+w+", "
		case "day": // one of its moments, since conditions on a key would be put to each row
			moment, keys = "moment", keys+"CAST(moment AS DATE) AS day, any_value(moment) AS moment, "
		case "upload":
			columns, keys = append(columns, w), keys+w+", "
		case "unit":
			columns, unit = append(columns, "unit_name(place, detail) AS unit"), true
		}
	}
	rows := func(keys, where string) string {
		return replace("cube/equal_rows", "{keys}, ", keys, "{bits}", strconv.FormatUint(bits, 10), "{where}", where)
	}
	counted := rows(keys, where)
	if unit { // hardly any name stands in detail, and reading that for nothing takes longest
		number := fmt.Sprintf("place & %d AS place, ", uint64(writtenOut))
		counted = rows(keys+number+"CAST(NULL AS VARCHAR) AS detail, ", fmt.Sprintf("%s AND place < %d", where, uint64(writtenOut))) + "UNION ALL\n" +
			rows(keys+number+"split_part(detail, chr(29), 1) AS detail, ", fmt.Sprintf("%s AND place >= %d", where, uint64(writtenOut)))
	}
	return replace("cube/summed", "{columns}", strings.Join(append(columns, municipality, moment), ", "), "{rows}", counted)
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

// isoMoment is a moment as SQL writes it.
func isoMoment(d model.Date) string { return fmt.Sprintf("TIMESTAMP_S '%s'", d.ISO()) }
