package queries

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/duckdb/duckdb-go/v2"

	"komhen/model"
)

// Load is one upload on its way in: a single transaction on a connection of its own. It is not safe for concurrent use.
// End it with Commit or Rollback.
type Load struct {
	store  *Store
	conn   *sql.Conn
	upload uint32
	bag    uint32 // differs from upload for a fix-it file
	test   bool
	done   bool

	loaded    int64 // rows that came in, on whatever road
	direct    int64 // of them straight into contacts
	amount    int64 // what those amount to
	stored    int64 // contacts that were there before, as StoredKeys found them
	rows      int64 // put aside, as Match found them
	ids       bool  // whether any of them has a kilde_id
	few       bool  // whether they are few beside the contacts, and what is near them has been fetched
	later     bool  // whether the transaction has brought another upload before
	disputed  bool  // whether rows were taken out again (R13)
	overtaken int64 // rows of a fix-it file whose line a later row of it mends as well
}

// BeginLoad opens the transaction of an upload and gives the upload its number. bag is 0, or the upload that a fix-it file
// continues.
func (s *Store) BeginLoad(ctx context.Context, bag uint32, test bool) (*Load, error) {
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	l := &Load{store: s, conn: conn, test: test}
	if err := l.begin(ctx); err != nil {
		return nil, errors.Join(err, l.Rollback())
	}
	l.bag = bag
	if bag == 0 {
		l.bag = l.upload
	}
	return l, nil
}

// begin starts the transaction with one DuckDB thread: rows that several threads insert leave half-filled row groups behind, which
// cost as much again when they are merged, and the other processors are busy checking rows. Resolve takes them all.
func (l *Load) begin(ctx context.Context) error {
	if err := l.exec(ctx, "BEGIN TRANSACTION"); err != nil {
		l.done = true
		return errors.Join(err, l.conn.Close())
	}
	return l.beginUpload(ctx)
}

// beginUpload gives the next upload of the transaction its number and its temporary tables.
func (l *Load) beginUpload(ctx context.Context) error {
	if err := l.exec(ctx, "SET threads = 1"); err != nil {
		return err
	}
	if err := l.conn.QueryRowContext(ctx, text("load/next_upload")).Scan(&l.upload); err != nil {
		return err
	}
	for _, name := range []string{"load/create_staged", "load/create_noted", "load/create_aside", "load/create_changed"} {
		if err := l.run(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

// fewRows is what is done soonest by one thread: others cost more to wake and wait for than they help.
const fewRows = 1 << 18

// Processors is how many there are for this program, whatever is said to the runtime later.
var Processors = runtime.GOMAXPROCS(0)

// allThreads gives DuckDB every processor again, for the work on all rows at once.
func (l *Load) allThreads(ctx context.Context) error {
	return l.exec(ctx, fmt.Sprintf("SET threads = %d", Processors))
}

// Upload is the number the upload gets when it is committed.
func (l *Load) Upload() uint32 { return l.upload }

func (l *Load) exec(ctx context.Context, query string, args ...any) error {
	_, err := l.conn.ExecContext(ctx, query, args...)
	return err
}

// run executes a query file and names it in the error.
func (l *Load) run(ctx context.Context, name string, args ...any) error {
	if err := l.exec(ctx, text(name), args...); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// incoming runs a query file over Arrow records, which it sees as the view "incoming".
//
// Danger: the query must read the view's columns from the first on, in order, and may only leave out the last ones. DuckDB prunes
// the columns it does not need, the stream does not, and what is read then is another column's memory.
func (l *Load) incoming(ctx context.Context, name string, schema *arrow.Schema, records []arrow.RecordBatch, args ...any) error {
	reader, err := array.NewRecordReader(schema, records)
	if err != nil {
		return err
	}
	defer reader.Release()
	var release func()
	err = arrowConn(ctx, l.conn, func(a *duckdb.Arrow) (err error) {
		release, err = a.RegisterView(reader, "incoming")
		return err
	})
	if err != nil {
		return err
	}
	defer release()
	return l.run(ctx, name, args...)
}

func (l *Load) records(batches []*Batch) []arrow.RecordBatch {
	out := make([]arrow.RecordBatch, len(batches))
	for i, b := range batches {
		l.loaded += int64(b.Len())
		out[i] = b.record()
	}
	return out
}

// InsertContacts loads rows whose keys are certainly new, to the database and to this upload.
func (l *Load) InsertContacts(ctx context.Context, batches []*Batch) error {
	for _, b := range batches {
		l.direct += int64(b.Len())
		l.amount += b.amount
	}
	return l.incoming(ctx, "load/insert_contacts", contactSchema, l.records(batches), l.upload, testBits(l.test))
}

// StageContacts puts rows aside whose keys may be known; Resolve decides.
func (l *Load) StageContacts(ctx context.Context, batches []*Batch) error {
	return l.incoming(ctx, "load/stage_contacts", contactSchema, l.records(batches))
}

// NoteContacts puts rows aside that the database most likely has already: only their keys are stored.
func (l *Load) NoteContacts(ctx context.Context, batches []*Batch) error {
	notes := make([]arrow.RecordBatch, len(batches))
	for i, b := range batches {
		notes[i] = b.note()
		l.loaded += int64(b.Len())
	}
	return l.incoming(ctx, "load/note_contacts", noteSchema, notes)
}

var findingSchema = arrow.NewSchema([]arrow.Field{
	{Name: "rule", Type: arrow.BinaryTypes.String}, {Name: "severity", Type: arrow.BinaryTypes.String},
	{Name: "line", Type: arrow.PrimitiveTypes.Uint32}, {Name: "record", Type: arrow.PrimitiveTypes.Uint32},
	{Name: "column_name", Type: arrow.BinaryTypes.String}, {Name: "value", Type: arrow.BinaryTypes.String},
	{Name: "detail", Type: arrow.BinaryTypes.String}, {Name: "proposal", Type: arrow.BinaryTypes.String},
}, nil)

// InsertFindings stores findings of the upload.
func (l *Load) InsertFindings(ctx context.Context, findings []model.Finding) error {
	if len(findings) == 0 {
		return nil
	}
	b := array.NewRecordBuilder(memory.DefaultAllocator, findingSchema)
	defer b.Release()
	str := func(i int, s string) { b.Field(i).(*array.StringBuilder).Append(s) }
	num := func(i int, n int64) { b.Field(i).(*array.Uint32Builder).Append(uint32(n)) }
	for _, f := range findings {
		str(0, f.Rule)
		str(1, string(f.Severity))
		num(2, f.Line)
		num(3, f.Record)
		str(4, f.Column)
		str(5, f.Value)
		str(6, f.Detail)
		str(7, f.Proposal)
	}
	record := b.NewRecordBatch()
	defer record.Release()
	return l.incoming(ctx, "load/insert_findings", findingSchema, []arrow.RecordBatch{record}, l.upload)
}

// Rejected is a rejected row as it came, CPR-shaped digits masked. BagLine is its line in the bag's first upload.
type Rejected struct {
	Line, Record, BagLine int64
	Cells                 []string
}

var rejectedSchema = arrow.NewSchema([]arrow.Field{
	{Name: "line", Type: arrow.PrimitiveTypes.Uint32}, {Name: "record", Type: arrow.PrimitiveTypes.Uint32},
	{Name: "bag_line", Type: arrow.PrimitiveTypes.Uint32}, {Name: "cells", Type: arrow.ListOf(arrow.BinaryTypes.String)},
}, nil)

// InsertRejected stores rejected rows of the upload.
func (l *Load) InsertRejected(ctx context.Context, rows []Rejected) error {
	if len(rows) == 0 {
		return nil
	}
	b := array.NewRecordBuilder(memory.DefaultAllocator, rejectedSchema)
	defer b.Release()
	list := b.Field(3).(*array.ListBuilder)
	cells := list.ValueBuilder().(*array.StringBuilder)
	for _, r := range rows {
		b.Field(0).(*array.Uint32Builder).Append(uint32(r.Line))
		b.Field(1).(*array.Uint32Builder).Append(uint32(r.Record))
		b.Field(2).(*array.Uint32Builder).Append(uint32(r.BagLine))
		list.Append(true)
		for _, c := range r.Cells {
			cells.Append(c)
		}
	}
	record := b.NewRecordBatch()
	defer record.Release()
	return l.incoming(ctx, "load/insert_rejected", rejectedSchema, []arrow.RecordBatch{record}, l.upload)
}

// wall is a time as the database stores it: the Copenhagen clock.
func wall(t time.Time) string {
	return time.Unix(int64(model.MomentOf(t)), 0).UTC().Format("2006-01-02 15:04:05")
}

// StoredUpload is what the uploads table holds beside the receipt.
type StoredUpload struct {
	model.Receipt
	Live              bool
	Restricted        bool // Municipality was given with the upload; other municipalities' rows are refused (R02)
	Received, Changed time.Time
	By, ChangedBy     string // opaque account ids of who sent it and who undid or redid it last; "" is the command line
	Kept              string // name of the kept file in the data folder
	Replaces          uint32
	Columns, Locals   []string
	Delivery          uint64 // the central delivery that it is a municipality's part of; its kept file then holds other municipalities' rows too
}

// Span is municipalities and weeks (Mondays). Every municipality has rows in the span; not each of them in every week of it.
type Span struct {
	Municipalities []uint16
	Weeks          []model.Date
}

// InsertUpload stores the upload itself, and marks what its rows change. Received is kept to the second, on the Copenhagen clock.
// own is where the rows lie that it brought, all of which count; nil lets the database find out.
func (l *Load) InsertUpload(ctx context.Context, u StoredUpload, own *Span) error {
	day := func(d model.Date) string {
		if d == 0 {
			return ""
		}
		return d.ISO()
	}
	join := func(names []string) string { return strings.Join(names, "\x1f") }
	err := l.run(ctx, "load/insert_upload", l.upload, l.bag, u.Replaces, wall(u.Received), u.File, u.Kept, u.SHA256, u.KeptSHA256, u.Size,
		u.Municipality, u.Restricted, u.Source, string(u.Kind), u.Test, u.Round, day(u.First), day(u.Last), u.Format, u.Encoding, u.Delimiter, u.Sheet, u.Layout,
		join(u.Columns), join(u.Locals), u.Records, u.Header, u.Blank, u.Accepted, u.Rejected, u.Withheld, u.Contacts, u.Warnings, u.Corrections, u.By, u.Delivery)
	if err != nil {
		return err
	}
	if own == nil {
		err = l.run(ctx, "load/change_own", l.upload)
	} else {
		weeks := make([]string, len(own.Weeks))
		for i, w := range own.Weeks {
			weeks[i] = w.ISO()
		}
		err = l.run(ctx, "load/change_span", own.Municipalities, weeks, !l.test)
	}
	if err != nil {
		return err
	}
	return l.settle(ctx, l.upload, u.By, u.Received)
}

// SetApplied notes that the database, once committed, contains the journal up to seq, whose line has that hash.
func (l *Load) SetApplied(ctx context.Context, seq uint64, hash string) error {
	return l.run(ctx, "load/set_applied", seq, hash)
}

// Commit makes everything permanent.
func (l *Load) Commit(ctx context.Context) error {
	if !l.store.noLog { // or it is closed in a moment
		if err := l.clean(ctx); err != nil {
			return errors.Join(err, l.Rollback())
		}
	}
	if err := l.exec(ctx, "COMMIT"); err != nil {
		return errors.Join(err, l.Rollback())
	}
	l.done = true
	return l.conn.Close()
}

func (l *Load) clean(ctx context.Context) error {
	return l.run(ctx, "load/drop_temporary")
}

// Rollback leaves the database as it was. It does nothing after Commit.
func (l *Load) Rollback() error {
	if l.done {
		return nil
	}
	l.done = true
	err := l.exec(context.Background(), "ROLLBACK")
	return errors.Join(err, l.allThreads(context.Background()), l.conn.Close())
}

// Conn is the transaction's connection, for typed methods that run inside it (the KLE tree, reading a receipt before commit).
func (l *Load) Conn() *sql.Conn { return l.conn }

// UnitNames are the names of units that have numbers, in the order of them from 1.
func (l *Load) UnitNames(ctx context.Context) ([]string, error) { return unitNames(ctx, l.conn) }

func unitNames(ctx context.Context, q queryer) (names []string, err error) {
	rows, err := q.QueryContext(ctx, text("load/unit_names"))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var number int
		var name string
		if err := rows.Scan(&number, &name); err != nil {
			return nil, err
		}
		if names = append(names, name); number != len(names) {
			return nil, fmt.Errorf("unit %d of unit_names has place %d", number, len(names))
		}
	}
	return names, rows.Err()
}

var unitNameSchema = arrow.NewSchema([]arrow.Field{{Name: "unit", Type: arrow.PrimitiveTypes.Uint16}, {Name: "name", Type: arrow.BinaryTypes.String}}, nil)

// AddUnitNames stores names whose numbers begin with first.
func (l *Load) AddUnitNames(ctx context.Context, first int, names []string) error {
	if len(names) == 0 {
		return nil
	}
	b := array.NewRecordBuilder(memory.DefaultAllocator, unitNameSchema)
	defer b.Release()
	for i, name := range names {
		b.Field(0).(*array.Uint16Builder).Append(uint16(first + i))
		b.Field(1).(*array.StringBuilder).Append(name)
	}
	record := b.NewRecordBatch()
	defer record.Release()
	return l.incoming(ctx, "load/add_unit_names", unitNameSchema, []arrow.RecordBatch{record})
}

// AddSource stores a new source name.
func (l *Load) AddSource(ctx context.Context, id uint16, name string) error {
	return l.run(ctx, "load/add_source", id, name)
}

// StoredKeys is roughly how many rows contacts has; it costs nothing to ask.
func (l *Load) StoredKeys(ctx context.Context) (n int64, err error) {
	err = l.conn.QueryRowContext(ctx, text("load/count_contacts")).Scan(&l.stored)
	return l.stored, err
}

// KnownKeys gives every key that uploads after one brought to f, in runs of equal length.
func (l *Load) KnownKeys(ctx context.Context, after uint32, f func(hi, lo []uint64)) error {
	ranges, err := l.keyRanges(ctx, after)
	if err != nil {
		return err
	}
	return arrowConn(ctx, l.conn, func(a *duckdb.Arrow) error {
		for _, r := range ranges {
			if err := knownKeys(ctx, a, r, f); err != nil {
				return err
			}
		}
		return nil
	})
}

func knownKeys(ctx context.Context, a *duckdb.Arrow, uploads [2]uint32, f func(hi, lo []uint64)) error {
	reader, err := a.QueryContext(ctx, text("load/known_keys"), uploads[0], uploads[1])
	if err != nil {
		return err
	}
	defer reader.Release()
	for reader.Next() {
		r := reader.RecordBatch()
		f(r.Column(0).(*array.Uint64).Uint64Values(), r.Column(1).(*array.Uint64).Uint64Values())
	}
	return reader.Err()
}

// keyRanges are first and last uploads whose keys are worth asking for together.
func (l *Load) keyRanges(ctx context.Context, after uint32) (ranges [][2]uint32, err error) {
	rows, err := l.conn.QueryContext(ctx, text("load/key_ranges"), after)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var r [2]uint32
		if err := rows.Scan(&r[0], &r[1]); err != nil {
			return nil, err
		}
		ranges = append(ranges, r)
	}
	return ranges, rows.Err()
}

// Direct is how many rows of the upload went straight into contacts, and what they amount to. Ask before Resolve.
func (l *Load) Direct(ctx context.Context) (rows, contacts int64, err error) {
	if !l.disputed {
		return l.direct, l.amount, nil
	}
	err = l.conn.QueryRowContext(ctx, text("load/count_direct"), l.upload).Scan(&rows, &contacts)
	return rows, contacts, err
}
