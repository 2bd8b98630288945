package queries

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/duckdb/duckdb-go/v2"

	"komhen/model"
)

// Always is a filter's period when no round is asked for.
var Always = Filter{From: model.NewDate(1, 1, 1), To: model.NewDate(9999, 12, 30)}

// ExtractPart is what one upload holds of an extract on one shelf. Stored rows stand for Written rows when equal ones are written out.
type ExtractPart struct {
	Upload, Shelf       uint32
	FirstLine, LastLine uint32
	Stored, Written     int64
}

// shelfRows is how many rows of contacts are called a shelf: what DuckDB stores, and skips, together.
const shelfRows = 122_880

// ExtractRow is one stored row of an extract, with the codebook's ids; it stands for Copies equal rows. Its texts are only
// valid until the next row.
type ExtractRow struct {
	Upload                       uint32
	Municipality, Source         uint16
	Channel, Type, Closing, Form uint8
	Subject                      model.KLE
	Moment, Start, End           model.Moment
	HasStart, HasEnd             bool
	Amount, Copies               uint32
	Unit, ID, Extra              string
	System                       bool
}

// Extract reads contacts row by row, in little memory however many there are, and all of one moment. Close it.
type Extract struct {
	s      *Store
	conn   *sql.Conn
	filter Filter
	net    string   // what counts, as SQL has it in FROM
	units  []string // names by number, from 1
}

// Extract begins reading the contacts of a filter.
func (s *Store) Extract(ctx context.Context, f Filter) (*Extract, error) {
	conn, err := s.db.Conn(ctx)
	if err == nil {
		_, err = conn.ExecContext(ctx, "BEGIN TRANSACTION")
	}
	if err != nil {
		return nil, extractFailed(err)
	}
	e := &Extract{s: s, conn: conn, filter: f}
	if e.net, err = net(ctx, conn); err == nil {
		e.units, err = unitNames(ctx, conn)
	}
	if err != nil {
		e.Close()
		return nil, err
	}
	return e, nil
}

// Close ends the reading.
func (e *Extract) Close() error {
	_, _ = e.conn.ExecContext(context.Background(), "ROLLBACK")
	return e.conn.Close()
}

func extractFailed(err error) error {
	return &model.Problem{Code: "database", Message: "Henvendelserne kunne ikke hentes fra databasen.", Err: err}
}

// ExtractParts lists what uploads hold of the extract, oldest first.
func (e *Extract) ExtractParts(ctx context.Context) ([]ExtractPart, error) {
	query := replace("report/extract_parts", "{contacts}", e.net, "{shelf}", strconv.Itoa(shelfRows))
	return rowsOf(ctx, e.conn, query, e.filter.args(), func(p *ExtractPart) []any {
		return []any{&p.Upload, &p.Shelf, &p.FirstLine, &p.LastLine, &p.Stored, &p.Written}
	})
}

// UploadLocals finds the names of each upload's local parameters, in the order of ExtractRow.Extra.
func (e *Extract) UploadLocals(ctx context.Context, uploads []uint32) (map[uint32][]string, error) {
	wanted := make([]int64, len(uploads)) // the driver knows lists of signed integers
	for i, u := range uploads {
		wanted[i] = int64(u)
	}
	type local struct {
		upload uint32
		name   string
	}
	rows, err := rowsOf(ctx, e.conn, e.s.sql("report/upload_locals"), []any{sql.Named("uploads", wanted)}, func(l *local) []any { return []any{&l.upload, &l.name} })
	names := map[uint32][]string{}
	for _, l := range rows {
		names[l.upload] = append(names[l.upload], l.name)
	}
	return names, err
}

// SourceNames finds the names of the sources.
func (e *Extract) SourceNames(ctx context.Context) (map[uint16]string, error) {
	type source struct {
		id   uint16
		name string
	}
	rows, err := rowsOf(ctx, e.conn, e.s.sql("report/source_names"), nil, func(s *source) []any { return []any{&s.id, &s.name} })
	names := map[uint16]string{}
	for _, s := range rows {
		names[s.id] = s.name
	}
	return names, err
}

// partRows is how many lines are sorted at a time. More would cost memory, fewer time.
const partRows = 20_000

// extractStep is some lines of an upload, or all of several small ones, and the shelves on which they lie, in order.
type extractStep struct {
	firstUpload, lastUpload uint32
	firstLine, lastLine     uint32
	shelves                 []uint32
}

// extractSteps shares parts out so that no step has many more rows than partRows, in the order of uploads and lines.
func extractSteps(parts []ExtractPart) (steps []extractStep) {
	var uploads [][]ExtractPart
	for i, p := range parts {
		if i == 0 || parts[i-1].Upload != p.Upload {
			uploads = append(uploads, nil)
		}
		last := len(uploads) - 1
		uploads[last] = append(uploads[last], p)
	}
	together := int64(0) // rows of the last step while small uploads can still join it
	for _, of := range uploads {
		upload, n, from, to := of[0].Upload, int64(0), of[0].FirstLine, of[0].LastLine
		for _, p := range of {
			n, from, to = n+p.Stored, min(from, p.FirstLine), max(to, p.LastLine)
		}
		switch {
		case n > partRows: // a share of its lines at a time
			for first := from; ; first += partRows {
				step := extractStep{upload, upload, first, to, nil}
				if to-first >= partRows {
					step.lastLine = first + partRows - 1
				}
				if step.add(of); len(step.shelves) > 0 {
					steps = append(steps, step)
				}
				if step.lastLine == to {
					break
				}
			}
			together = 0
		case together == 0 || together+n > partRows:
			steps, together = append(steps, extractStep{upload, upload, from, to, nil}), n
			steps[len(steps)-1].add(of)
		default:
			step := &steps[len(steps)-1]
			step.lastUpload, step.firstLine, step.lastLine, together = upload, min(step.firstLine, from), max(step.lastLine, to), together+n
			step.add(of)
		}
	}
	return steps
}

// add adds the shelves on which the step's lines of an upload lie.
func (s *extractStep) add(upload []ExtractPart) {
	for _, p := range upload {
		if p.FirstLine <= s.lastLine && p.LastLine >= s.firstLine {
			s.shelves = append(s.shelves, p.Shelf)
		}
	}
	slices.Sort(s.shelves)
	s.shelves = slices.Compact(s.shelves)
}

// mostStretches is how many runs of shelves are read one by one; more are read as one, with all that lies between.
const mostStretches = 16

// stretches is what is read for a step, as SQL has it in FROM.
func (s *extractStep) stretches(contacts string) string {
	var runs [][2]uint32 // first and last shelf
	for i, shelf := range s.shelves {
		if i > 0 && s.shelves[i-1]+1 == shelf {
			runs[len(runs)-1][1] = shelf
		} else {
			runs = append(runs, [2]uint32{shelf, shelf})
		}
	}
	if len(runs) > mostStretches {
		runs = [][2]uint32{{runs[0][0], runs[len(runs)-1][1]}}
	}
	var sql []string
	for _, r := range runs {
		slice := fmt.Sprintf("row_id >= %d AND row_id < %d", int64(r[0])*shelfRows, (int64(r[1])+1)*shelfRows)
		sql = append(sql, replace("cube/slice", "{contacts}", contacts, "{slice}", slice))
	}
	return strings.Join(sql, "UNION ALL BY NAME\n")
}

// ExtractRows gives every row of the parts to each, ordered by upload, line and key.
func (e *Extract) ExtractRows(ctx context.Context, parts []ExtractPart, each func(*ExtractRow) error) error {
	for _, step := range extractSteps(parts) {
		query := replace("report/extract_rows", "{stretches}", step.stretches(e.net))
		if err := e.rows(ctx, query, step, each); err != nil {
			return err
		}
	}
	return nil
}

func (e *Extract) rows(ctx context.Context, query string, step extractStep, each func(*ExtractRow) error) error {
	var failed error
	err := arrowConn(ctx, e.conn, func(a *duckdb.Arrow) error {
		reader, err := a.QueryContext(ctx, query, e.filter.From.ISO(), (e.filter.To + 1).ISO(), e.filter.Municipality,
			step.firstUpload, step.lastUpload, step.firstLine, step.lastLine)
		if err != nil {
			return err
		}
		defer reader.Release()
		for reader.Next() {
			if failed = e.batch(reader.RecordBatch().Columns(), each); failed != nil {
				return nil // not the database's error
			}
		}
		return reader.Err()
	})
	if failed != nil {
		return failed
	}
	if err != nil {
		return extractFailed(err)
	}
	return nil
}

func (e *Extract) batch(columns []arrow.Array, each func(*ExtractRow) error) error {
	u8 := func(i int) *array.Uint8 { return columns[i].(*array.Uint8) }
	u32 := func(i int) *array.Uint32 { return columns[i].(*array.Uint32) }
	at := func(i int) *array.Timestamp { return columns[i].(*array.Timestamp) }
	upload, municipality := u32(0), columns[1].(*array.Uint16)
	channel, typ, closing, form, subject := u8(2), u8(3), u8(4), u8(5), u32(6)
	moment, start, end, amount, copies := at(7), at(8), at(9), u32(10), u32(11)
	place, detail, system := columns[12].(*array.Uint64), columns[13].(*array.String), columns[14].(*array.Boolean)
	var r ExtractRow
	for i := 0; i < upload.Len(); i++ {
		r = ExtractRow{
			Upload: upload.Value(i), Municipality: municipality.Value(i),
			Channel: channel.Value(i), Type: typ.Value(i), Closing: closing.Value(i), Form: form.Value(i), Subject: model.KLE(subject.Value(i)),
			Moment: model.Moment(moment.Value(i)), HasStart: start.IsValid(i), HasEnd: end.IsValid(i),
			Amount: amount.Value(i), Copies: copies.Value(i), System: system.Value(i),
		}
		if r.HasStart {
			r.Start = model.Moment(start.Value(i))
		}
		if r.HasEnd {
			r.End = model.Moment(end.Value(i))
		}
		if err := e.unpack(&r, place.Value(i), detail.Value(i)); err != nil {
			return err
		}
		if err := each(&r); err != nil {
			return err
		}
	}
	return nil
}

// unpack is what the columns source, unit, id and extra of contacts are: quicker here than in SQL, and the names are read only once.
func (e *Extract) unpack(r *ExtractRow, place uint64, detail string) error {
	r.Source = uint16(place >> 32)
	switch unit := int(place >> 48); {
	case unit == UnitWritten:
		r.Unit, detail, _ = strings.Cut(detail, string(afterUnit))
	case unit > len(e.units):
		return extractFailed(fmt.Errorf("no name for unit %d", unit))
	case unit > 0:
		r.Unit = e.units[unit-1]
	}
	r.ID, r.Extra, _ = strings.Cut(detail, string(afterID))
	return nil
}

// WriteParquet writes records to a new file. It uses a database of its own, in memory: a stream that is read by the database
// it comes from would leave a view behind there.
func WriteParquet(ctx context.Context, records array.RecordReader, path string) error {
	failed := func(err error) error {
		return &model.Problem{Code: "parquet", Message: "Parquet-filen kunne ikke skrives.", Err: err}
	}
	s, err := Open(ctx, Options{Threads: 1, MemoryMB: 200}) // one thread keeps the order
	if err != nil {
		return err
	}
	defer s.Close()
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return failed(err)
	}
	defer conn.Close()
	var release func()
	err = arrowConn(ctx, conn, func(a *duckdb.Arrow) (err error) {
		release, err = a.RegisterView(records, "incoming")
		return err
	})
	if err != nil {
		return failed(err)
	}
	defer release()
	quoted := "'" + strings.ReplaceAll(path, "'", "''") + "'"
	if _, err := conn.ExecContext(ctx, strings.ReplaceAll(s.sql("report/write_parquet"), "{path}", quoted)); err != nil {
		return failed(err)
	}
	return nil
}
