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

	rows      int64 // put aside, as Match found them
	ids       bool  // whether any of them has a kilde_id
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
	if err := l.exec(ctx, "SET threads = 1"); err != nil {
		return err
	}
	if err := l.exec(ctx, "BEGIN TRANSACTION"); err != nil {
		l.done = true
		return errors.Join(err, l.conn.Close())
	}
	if err := l.conn.QueryRowContext(ctx, text("load/next_upload")).Scan(&l.upload); err != nil {
		return err
	}
	for _, name := range []string{"load/create_staged", "load/create_noted", "load/create_aside"} {
		if err := l.run(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

// allThreads gives DuckDB every processor again, for the work on all rows at once.
func (l *Load) allThreads(ctx context.Context) error {
	return l.exec(ctx, fmt.Sprintf("SET threads = %d", runtime.GOMAXPROCS(0)))
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

func records(batches []*Batch) []arrow.RecordBatch {
	out := make([]arrow.RecordBatch, len(batches))
	for i, b := range batches {
		out[i] = b.record()
	}
	return out
}

// InsertContacts loads rows whose keys are certainly new, to the database and to this upload.
func (l *Load) InsertContacts(ctx context.Context, batches []*Batch) error {
	return l.incoming(ctx, "load/insert_contacts", contactSchema, records(batches), l.upload, l.test)
}

// StageContacts puts rows aside whose keys may be known; Resolve decides.
func (l *Load) StageContacts(ctx context.Context, batches []*Batch) error {
	return l.incoming(ctx, "load/stage_contacts", contactSchema, records(batches))
}

// NoteContacts puts rows aside that the database most likely has already: only their keys are stored.
func (l *Load) NoteContacts(ctx context.Context, batches []*Batch) error {
	notes := make([]arrow.RecordBatch, len(batches))
	for i, b := range batches {
		notes[i] = b.note()
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

// Range is where the rows of an upload lie; outside it nothing needs to be looked for.
type Range struct {
	MinMunicipality, MaxMunicipality uint16
	First, Last                      model.Date
}

// aside tells how many rows were put aside, whether any carries a kilde_id, and whether such an id may stand twice in the file.
func (l *Load) aside(ctx context.Context) (rows int64, ids, twice bool, err error) {
	err = l.conn.QueryRowContext(ctx, text("load/aside_state")).Scan(&rows, &ids, &twice)
	return rows, ids, twice, err
}

// Conflict is a line whose kilde_id stands on other lines too, with other contents.
type Conflict struct {
	Line   int64
	Others string // their line numbers
}

// MarkConflicts finds the kilde_id conflicts of the upload (R13), takes their rows out again, and tells whether there are any.
// Call it when all rows are in, before Resolve. Walk them with ConflictsAfter.
func (l *Load) MarkConflicts(ctx context.Context) (lines int64, err error) {
	if err := l.allThreads(ctx); err != nil {
		return 0, err
	}
	_, _, twice, err := l.aside(ctx)
	if err != nil {
		return 0, err
	}
	if l.bag != l.upload {
		done, err := l.conn.ExecContext(ctx, text("load/keep_last_fix"))
		if err != nil {
			return 0, fmt.Errorf("load/keep_last_fix: %w", err)
		}
		if l.overtaken, err = done.RowsAffected(); err != nil {
			return 0, err
		}
	}
	if !twice {
		return 0, nil
	}
	if err := l.run(ctx, "load/mark_conflicts", l.upload); err != nil {
		return 0, err
	}
	if err := l.conn.QueryRowContext(ctx, "SELECT count(*) FROM conflicts").Scan(&lines); err != nil || lines == 0 {
		return 0, err
	}
	if err := l.run(ctx, "load/delete_conflicting_contacts", l.upload); err != nil {
		return 0, err
	}
	if err := l.run(ctx, "load/delete_conflicting_staged"); err != nil {
		return 0, err
	}
	return lines, l.run(ctx, "load/delete_conflicting_noted")
}

// ConflictsAfter gives the next conflicting lines after a line, at most 50,000, in line order.
func (l *Load) ConflictsAfter(ctx context.Context, line int64) ([]Conflict, error) {
	rows, err := l.conn.QueryContext(ctx, text("load/conflicts_after"), line)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Conflict
	for rows.Next() {
		var c Conflict
		if err := rows.Scan(&c.Line, &c.Others); err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, rows.Err()
}

// Held is a number of rows that add nothing because another upload (0: this one) already holds them.
type Held struct {
	Upload uint32
	Rows   int64
	Line   int64 // the first of them
}

// Resolved is what became of the staged rows.
type Resolved struct {
	Staged, Accepted, Contacts int64 // rows staged; of them rows that add a contact; what those amount to with antal
	Corrections                int64
	Held                       []Held
}

// Match finds out which of the rows put aside are known and which are new. Those it was not given in full (NoteContacts) and that
// are new after all must be staged before Resolve: UnreadAfter names their lines.
func (l *Load) Match(ctx context.Context, r Range) error {
	var err error
	if l.rows, l.ids, _, err = l.aside(ctx); err != nil || l.rows == 0 {
		return err
	}
	for _, name := range []string{"load/doubtful_keys", "load/count_staged_keys", "load/staged_keys"} {
		if err := l.run(ctx, name); err != nil {
			return err
		}
	}
	if err := l.run(ctx, "load/match_staged", r.MinMunicipality, r.MaxMunicipality, r.First.ISO(), (r.Last + 1).ISO()); err != nil {
		return err
	}
	var staged, matched int64
	if err := l.conn.QueryRowContext(ctx, text("load/count_keys")).Scan(&staged, &matched); err != nil {
		return err
	}
	if staged == matched { // the same file again: there is no need to look for what is new
		return l.run(ctx, "load/no_new_keys")
	}
	return l.run(ctx, "load/find_new_keys")
}

// UnreadAfter gives the next lines after a line, at most 50,000, in order, whose rows are new but were only noted.
func (l *Load) UnreadAfter(ctx context.Context, line int64) ([]int64, error) {
	if l.rows == 0 {
		return nil, nil // Match had nothing to look for
	}
	rows, err := l.conn.QueryContext(ctx, text("load/unread_lines_after"), line)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var lines []int64
	for rows.Next() {
		var n int64
		if err := rows.Scan(&n); err != nil {
			return nil, err
		}
		lines = append(lines, n)
	}
	return lines, rows.Err()
}

// Resolve decides what the rows put aside add (codebook §6), after Match. Afterwards contacts, claims and fixes are as they will
// be committed.
func (l *Load) Resolve(ctx context.Context, r Range) (Resolved, error) {
	var out Resolved
	if l.rows == 0 {
		return out, nil
	}
	var err error
	out.Staged = l.rows + l.overtaken
	fix := l.bag != l.upload
	if fix {
		return l.resolveFixes(ctx, out)
	}
	if err := l.conn.QueryRowContext(ctx, text("load/count_matched"), l.upload).Scan(&out.Accepted, &out.Contacts); err != nil {
		return out, err
	}
	if out.Accepted < out.Staged {
		if out.Held, err = l.withheldByUpload(ctx); err != nil {
			return out, err
		}
	}
	versions := false
	if l.ids {
		if err := l.conn.QueryRowContext(ctx, text("load/count_corrections"), r.MinMunicipality, r.MaxMunicipality).Scan(&out.Corrections, &versions); err != nil {
			return out, err
		}
	}
	if err := l.run(ctx, "load/add_new_keys", l.upload, l.test, true); err != nil {
		return out, err
	}
	for _, name := range []string{"load/repeat_own_keys", "load/claim_known_keys", "load/raise_known_keys"} {
		if err := l.run(ctx, name, l.upload); err != nil {
			return out, err
		}
	}
	if versions {
		return out, l.run(ctx, "load/replace_versions")
	}
	return out, nil
}

func (l *Load) withheldByUpload(ctx context.Context) ([]Held, error) {
	held, undone, err := l.held(ctx, "load/withheld_by_upload", l.upload)
	if err != nil {
		return nil, err
	}
	for _, upload := range undone {
		more, _, err := l.held(ctx, "load/withheld_by_claim", l.upload, upload)
		if err != nil {
			return nil, err
		}
		held = append(held, more...)
	}
	return held, nil
}

// held reads who holds the withheld rows; uploads that are undone are handed back apart.
func (l *Load) held(ctx context.Context, name string, args ...any) (held []Held, undone []uint32, err error) {
	rows, err := l.conn.QueryContext(ctx, text(name), args...)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var h Held
		var live bool
		if err := rows.Scan(&h.Upload, &live, &h.Rows, &h.Line); err != nil {
			return nil, nil, err
		}
		if live {
			held = append(held, h)
		} else {
			undone = append(undone, h.Upload)
		}
	}
	return held, undone, rows.Err()
}

// resolveFixes adds the rows of a fix-it file to their bag and recounts what they touch.
func (l *Load) resolveFixes(ctx context.Context, out Resolved) (Resolved, error) {
	if err := l.run(ctx, "load/add_new_keys", l.upload, l.test, false); err != nil {
		return out, err
	}
	if err := l.run(ctx, "load/insert_fixes", l.upload, l.bag); err != nil {
		return out, err
	}
	added, err := l.recount(ctx, l.upload, l.upload, l.bag)
	out.Accepted, out.Contacts, out.Corrections = added.Rows, added.Contacts, added.RowsAway
	if err != nil || out.Accepted == out.Staged {
		return out, err
	}
	// (For more than a million keys this names the uploads of the last slice only; the sums are right all the same.)
	if out.Held, _, err = l.held(ctx, "load/withheld_fixes", l.upload, l.bag); err == nil && l.overtaken > 0 {
		out.Held = append(out.Held, Held{Upload: 0, Rows: l.overtaken})
	}
	return out, err
}

// Difference is what an undo, a redo or a fix-it file changed: rows and contacts that came, and that went.
type Difference struct{ Rows, Contacts, RowsAway, ContactsAway int64 }

// recount decides anew how often every key that an upload touches counts. incoming and bag are those of a fix-it upload that
// is not stored yet, else 0.
func (l *Load) recount(ctx context.Context, upload, incoming, bag uint32) (d Difference, err error) {
	if err := l.allThreads(ctx); err != nil {
		return d, err
	}
	var held int64
	if err := l.conn.QueryRowContext(ctx, text("load/count_held"), upload).Scan(&held); err != nil {
		return d, err
	}
	slices := slicesFor(held)
	for slice := range slices {
		if err := l.run(ctx, "load/touch_upload", upload, slice, slices-1); err != nil {
			return d, err
		}
		if err := l.run(ctx, "load/count_live", incoming, bag); err != nil {
			return d, err
		}
		var more Difference
		if err := l.conn.QueryRowContext(ctx, text("load/recount_difference")).Scan(&more.Rows, &more.Contacts, &more.RowsAway, &more.ContactsAway); err != nil {
			return d, err
		}
		d = Difference{d.Rows + more.Rows, d.Contacts + more.Contacts, d.RowsAway + more.RowsAway, d.ContactsAway + more.ContactsAway}
		if err := l.run(ctx, "load/apply_recount"); err != nil {
			return d, err
		}
	}
	return d, nil
}

// slicesFor is in how many slices, a power of two, that many keys are recounted: about a million at a time.
func slicesFor(keys int64) int64 {
	slices := int64(1)
	for slices<<20 < keys {
		slices <<= 1
	}
	return slices
}

// SetLive takes an upload back (live false) or brings it back, and recounts every key it touches.
func (l *Load) SetLive(ctx context.Context, upload uint32, live bool, at time.Time) (Difference, error) {
	if err := l.run(ctx, "load/set_live", upload, live, wall(at)); err != nil {
		return Difference{}, err
	}
	return l.recount(ctx, upload, 0, 0)
}

// wall is a time as the database stores it: the Copenhagen clock.
func wall(t time.Time) string {
	return time.Unix(int64(model.MomentOf(t)), 0).UTC().Format("2006-01-02 15:04:05")
}

// NewUnit is a unit that the register did not know.
type NewUnit struct {
	Municipality uint16
	Unit         string
	Rows, Line   int64
}

// AddUnits registers the units that the upload brings and gives them to found, in line order.
func (l *Load) AddUnits(ctx context.Context, found func(NewUnit) error) error {
	if err := l.run(ctx, "load/new_units", l.upload); err != nil {
		return err
	}
	rows, err := l.conn.QueryContext(ctx, text("load/list_new_units"))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var u NewUnit
		if err := rows.Scan(&u.Municipality, &u.Unit, &u.Rows, &u.Line); err != nil {
			return err
		}
		if err := found(u); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	rows.Close()
	return l.run(ctx, "load/add_units", l.upload)
}

// StoredUpload is what the uploads table holds beside the receipt.
type StoredUpload struct {
	model.Receipt
	Live              bool
	Restricted        bool // Municipality was given with the upload; other municipalities' rows are refused (R02)
	Received, Changed time.Time
	Kept              string // name of the kept file in the data folder
	Replaces          uint32
	Columns, Locals   []string
}

// InsertUpload stores the upload itself. Received is kept to the second, on the Copenhagen clock.
func (l *Load) InsertUpload(ctx context.Context, u StoredUpload) error {
	day := func(d model.Date) string {
		if d == 0 {
			return ""
		}
		return d.ISO()
	}
	join := func(names []string) string { return strings.Join(names, "\x1f") }
	return l.run(ctx, "load/insert_upload", l.upload, l.bag, u.Replaces, wall(u.Received), u.File, u.Kept, u.SHA256, u.KeptSHA256, u.Size,
		u.Municipality, u.Restricted, u.Source, string(u.Kind), u.Test, u.Round, day(u.First), day(u.Last), u.Format, u.Encoding, u.Delimiter, u.Sheet, u.Layout,
		join(u.Columns), join(u.Locals), u.Records, u.Header, u.Blank, u.Accepted, u.Rejected, u.Withheld, u.Contacts, u.Warnings, u.Corrections)
}

// SetApplied notes that the database, once committed, contains the journal up to seq, whose line has that hash.
func (l *Load) SetApplied(ctx context.Context, seq uint64, hash string) error {
	return l.run(ctx, "load/set_applied", seq, hash)
}

// Commit makes everything permanent.
func (l *Load) Commit(ctx context.Context) error {
	if err := l.clean(ctx); err != nil {
		return errors.Join(err, l.Rollback())
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
	return errors.Join(err, l.conn.Close())
}

// Conn is the transaction's connection, for typed methods that run inside it (the KLE tree, reading a receipt before commit).
func (l *Load) Conn() *sql.Conn { return l.conn }

// AddSource stores a new source name.
func (l *Load) AddSource(ctx context.Context, id uint16, name string) error {
	return l.run(ctx, "load/add_source", id, name)
}

// KnownKeys gives every key of contacts to f, in runs of equal length.
func (l *Load) KnownKeys(ctx context.Context, f func(hi, lo []uint64)) error {
	ranges, err := l.keyRanges(ctx)
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
func (l *Load) keyRanges(ctx context.Context) (ranges [][2]uint32, err error) {
	rows, err := l.conn.QueryContext(ctx, text("load/key_ranges"))
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
	err = l.conn.QueryRowContext(ctx, text("load/count_direct"), l.upload).Scan(&rows, &contacts)
	return rows, contacts, err
}

// Volume is a channel, unit or day of a round whose number of contacts is far from that of earlier rounds.
type Volume struct {
	Dimension    string // "kanal", "enhed" or "dag"
	Municipality uint16
	Channel      uint8  // of "kanal"
	Name         string // of "enhed"
	Day          int    // of "dag": days after the round's first
	Now          int64
	Before       float64 // mean of the earlier rounds that have any
}

// UnusualVolumes compares this upload's round with earlier ones (W10) and gives what stands out to f. detailed adds units and days.
func (l *Load) UnusualVolumes(ctx context.Context, rounds []model.Round, current string, detailed bool, f func(Volume) error) error {
	first := ""
	for _, r := range rounds {
		if r.Name == current {
			first = r.First.ISO()
		}
	}
	any := false
	if err := l.conn.QueryRowContext(ctx, text("load/has_earlier"), first).Scan(&any); err != nil || !any {
		return err
	}
	if err := l.run(ctx, "load/round_days"); err != nil {
		return err
	}
	earlier := 0
	for _, r := range rounds {
		if r.Name != current {
			earlier++
		}
		if err := l.exec(ctx, "INSERT INTO round_days VALUES ($1, CAST($2 AS DATE), CAST($3 AS DATE), $4)", r.Name, r.First.ISO(), (r.Last + 1).ISO(), r.Name == current); err != nil {
			return err
		}
	}
	if earlier == 0 {
		return nil
	}
	rows, err := l.conn.QueryContext(ctx, text("load/unusual_volumes"), l.upload, detailed)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var v Volume
		if err := rows.Scan(&v.Dimension, &v.Municipality, &v.Channel, &v.Name, &v.Day, &v.Now, &v.Before); err != nil {
			return err
		}
		if err := f(v); err != nil {
			return err
		}
	}
	return rows.Err()
}

// MiscountedKeys counts every key anew from what the uploads hold and tells how many stand with another count. It changes nothing.
func (s *Store) MiscountedKeys(ctx context.Context) (n int64, err error) {
	l, err := s.BeginLoad(ctx, 0, false)
	if err != nil {
		return 0, err
	}
	defer l.Rollback()
	if err := l.allThreads(ctx); err != nil {
		return 0, err
	}
	stored, err := s.StoredKeys(ctx)
	if err != nil {
		return 0, err
	}
	slices := slicesFor(stored)
	for slice := range slices {
		if err := l.run(ctx, "load/touch_all", slice, slices-1); err != nil {
			return 0, err
		}
		if err := l.run(ctx, "load/count_live", 0, 0); err != nil {
			return 0, err
		}
		var wrong int64
		if err := l.conn.QueryRowContext(ctx, "SELECT count(*) FROM recounted WHERE n <> before").Scan(&wrong); err != nil {
			return 0, err
		}
		n += wrong
	}
	return n, nil
}
