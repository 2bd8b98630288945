package queries

import (
	"context"
	"database/sql"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/duckdb/duckdb-go/v2"

	"komhen/model"
)

// Always is a filter's period when no round is asked for.
var Always = Filter{From: model.NewDate(1, 1, 1), To: model.NewDate(9999, 12, 30)}

// ExtractPart is what one upload holds of an extract. Stored rows stand for Written rows when equal ones are written out.
type ExtractPart struct {
	Upload              uint32
	FirstLine, LastLine uint32
	Stored, Written     int64
}

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
	net    string // what counts, as SQL has it in FROM
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
	if e.net, err = net(ctx, conn); err != nil {
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

// ExtractParts lists the uploads of the extract, oldest first.
func (e *Extract) ExtractParts(ctx context.Context) ([]ExtractPart, error) {
	return rowsOf(ctx, e.conn, replace("report/extract_parts", "{contacts}", e.net), e.filter.args(), func(p *ExtractPart) []any {
		return []any{&p.Upload, &p.FirstLine, &p.LastLine, &p.Stored, &p.Written}
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

// ExtractRows gives every row of the parts to each, ordered by upload, line and key.
func (e *Extract) ExtractRows(ctx context.Context, parts []ExtractPart, each func(*ExtractRow) error) error {
	query := replace("report/extract_rows", "{contacts}", e.net)
	for len(parts) > 0 {
		first, last, n := parts[0], parts[0], parts[0].Stored
		parts = parts[1:]
		from, to := first.FirstLine, first.LastLine
		if n > partRows { // a part of its own, some lines at a time
			for from <= to {
				step := min(to, from+partRows-1)
				if err := e.rows(ctx, query, first.Upload, first.Upload, from, step, each); err != nil {
					return err
				}
				from = step + 1
			}
			continue
		}
		for len(parts) > 0 && n+parts[0].Stored <= partRows { // small uploads together
			last, n = parts[0], n+parts[0].Stored
			from, to = min(from, last.FirstLine), max(to, last.LastLine)
			parts = parts[1:]
		}
		if err := e.rows(ctx, query, first.Upload, last.Upload, from, to, each); err != nil {
			return err
		}
	}
	return nil
}

func (e *Extract) rows(ctx context.Context, query string, firstUpload, lastUpload, firstLine, lastLine uint32, each func(*ExtractRow) error) error {
	var failed error
	err := arrowConn(ctx, e.conn, func(a *duckdb.Arrow) error {
		reader, err := a.QueryContext(ctx, query, e.filter.From.ISO(), (e.filter.To + 1).ISO(), e.filter.Municipality,
			firstUpload, lastUpload, firstLine, lastLine)
		if err != nil {
			return err
		}
		defer reader.Release()
		for reader.Next() {
			if failed = extractBatch(reader.RecordBatch().Columns(), each); failed != nil {
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

func extractBatch(columns []arrow.Array, each func(*ExtractRow) error) error {
	u8 := func(i int) *array.Uint8 { return columns[i].(*array.Uint8) }
	u16 := func(i int) *array.Uint16 { return columns[i].(*array.Uint16) }
	u32 := func(i int) *array.Uint32 { return columns[i].(*array.Uint32) }
	at := func(i int) *array.Timestamp { return columns[i].(*array.Timestamp) }
	text := func(i int) *array.String { return columns[i].(*array.String) }
	upload, municipality, source := u32(0), u16(1), u16(2)
	channel, typ, closing, form, subject := u8(3), u8(4), u8(5), u8(6), u32(7)
	moment, start, end, amount, copies := at(8), at(9), at(10), u32(11), u32(12)
	unit, id, extra, system := text(13), text(14), text(15), columns[16].(*array.Boolean)
	var r ExtractRow
	for i := 0; i < upload.Len(); i++ {
		r = ExtractRow{
			Upload: upload.Value(i), Municipality: municipality.Value(i), Source: source.Value(i),
			Channel: channel.Value(i), Type: typ.Value(i), Closing: closing.Value(i), Form: form.Value(i), Subject: model.KLE(subject.Value(i)),
			Moment: model.Moment(moment.Value(i)), HasStart: start.IsValid(i), HasEnd: end.IsValid(i),
			Amount: amount.Value(i), Copies: copies.Value(i), Unit: unit.Value(i), ID: id.Value(i), Extra: extra.Value(i), System: system.Value(i),
		}
		if r.HasStart {
			r.Start = model.Moment(start.Value(i))
		}
		if r.HasEnd {
			r.End = model.Moment(end.Value(i))
		}
		if err := each(&r); err != nil {
			return err
		}
	}
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
