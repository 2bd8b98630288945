package queries

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/duckdb/duckdb-go/v2"

	"komhen/model"
)

// querier is what reads: the database, or the connection of an upload on its way in.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// Uploads lists every upload, oldest first.
func (s *Store) Uploads(ctx context.Context) ([]StoredUpload, error) { return uploads(ctx, s.db, 0) }

// Upload finds one upload; a *model.Problem "upload-unknown" when there is none of that number.
func (s *Store) Upload(ctx context.Context, upload uint32) (StoredUpload, error) {
	return oneUpload(ctx, s.db, upload)
}

func oneUpload(ctx context.Context, q querier, upload uint32) (StoredUpload, error) {
	list, err := uploads(ctx, q, upload)
	if err != nil {
		return StoredUpload{}, err
	}
	if len(list) == 0 || upload == 0 {
		return StoredUpload{}, &model.Problem{Code: "upload-unknown", Message: fmt.Sprintf("Der er ingen indmelding nummer %d.", upload)}
	}
	return list[0], nil
}

func uploads(ctx context.Context, q querier, upload uint32) ([]StoredUpload, error) {
	rows, err := q.QueryContext(ctx, text("load/uploads"), upload)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []StoredUpload
	for rows.Next() {
		var u StoredUpload
		var kind string
		var first, last sql.NullTime
		var replaces sql.NullInt64
		var columns, locals any
		if err := rows.Scan(&u.Upload, &u.Bag, &replaces, &u.Live, &u.Received, &u.Changed, &u.File, &u.Kept, &u.SHA256, &u.KeptSHA256, &u.Size,
			&u.Municipality, &u.Restricted, &u.Source, &kind, &u.Test, &u.Round, &first, &last, &u.Format, &u.Encoding, &u.Delimiter, &u.Sheet, &u.Layout,
			&columns, &locals, &u.Records, &u.Header, &u.Blank, &u.Accepted, &u.Rejected, &u.Withheld, &u.Contacts, &u.Warnings, &u.Corrections, &u.By, &u.ChangedBy, &u.Delivery); err != nil {
			return nil, err
		}
		u.Kind, u.Replaces = model.Kind(kind), uint32(replaces.Int64)
		u.Received, u.Changed = unwall(u.Received), unwall(u.Changed)
		if first.Valid && last.Valid {
			u.First, u.Last = dateOf(first.Time), dateOf(last.Time)
		}
		u.Columns, u.Locals = stringList(columns), stringList(locals)
		out = append(out, u)
	}
	return out, rows.Err()
}

// unwall reads the Copenhagen clock that the database stores back as an instant.
func unwall(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, model.Copenhagen)
}

func dateOf(t time.Time) model.Date { return model.NewDate(t.Year(), int(t.Month()), t.Day()) }

// stringList reads a list of strings as the driver gives it.
func stringList(list any) []string {
	items, _ := list.([]any)
	out := make([]string, len(items))
	for i, item := range items {
		out[i], _ = item.(string)
	}
	return out
}

// Findings gives the findings of an upload to f, in the order of the file's lines; those of the whole upload come first.
func (s *Store) Findings(ctx context.Context, upload uint32, f func(model.Finding) error) error {
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	return findings(ctx, conn, upload, f)
}

// Findings is Store.Findings for an upload that is not committed yet. f must not ask the load for anything.
func (l *Load) Findings(ctx context.Context, f func(model.Finding) error) error {
	return findings(ctx, l.conn, l.upload, f)
}

// findings reads by the column: there may be a million, and the receipt waits.
func findings(ctx context.Context, conn *sql.Conn, upload uint32, f func(model.Finding) error) error {
	return arrowConn(ctx, conn, func(a *duckdb.Arrow) error {
		reader, err := a.QueryContext(ctx, text("load/findings"), upload)
		if err != nil {
			return err
		}
		defer reader.Release()
		few := map[string]string{} // the texts that every row has are kept once
		kept := func(text string) string {
			same, ok := few[text]
			if !ok {
				same = strings.Clone(text) // the reader's memory is gone with the record
				few[same] = same
			}
			return same
		}
		for reader.Next() {
			r := reader.RecordBatch()
			str := func(i int) *array.String { return r.Column(i).(*array.String) }
			num := func(i int) *array.Uint32 { return r.Column(i).(*array.Uint32) }
			rule, severity, line, record, column := str(0), str(1), num(2), num(3), str(4)
			value, detail, proposal := str(5), str(6), str(7)
			for i := range int(r.NumRows()) {
				err := f(model.Finding{Rule: kept(rule.Value(i)), Severity: model.Severity(kept(severity.Value(i))), Line: int64(line.Value(i)), Record: int64(record.Value(i)),
					Column: kept(column.Value(i)), Value: strings.Clone(value.Value(i)), Detail: strings.Clone(detail.Value(i)), Proposal: strings.Clone(proposal.Value(i))})
				if err != nil {
					return err
				}
			}
		}
		return reader.Err()
	})
}

func eachFinding(rows *sql.Rows, f func(model.Finding) error) error {
	defer rows.Close()
	for rows.Next() {
		var x model.Finding
		var severity string
		if err := rows.Scan(&x.Rule, &severity, &x.Line, &x.Record, &x.Column, &x.Value, &x.Detail, &x.Proposal); err != nil {
			return err
		}
		x.Severity = model.Severity(severity)
		if err := f(x); err != nil {
			return err
		}
	}
	return rows.Err()
}

// FixRow is a rejected row with everything that was wrong with it.
type FixRow struct {
	Rejected
	Findings []model.Finding
}

// FixRows gives the rejected rows of an upload to f, in the order of the file.
func (s *Store) FixRows(ctx context.Context, upload uint32, f func(FixRow) error) error {
	return fixRows(ctx, s.db, upload, f)
}

// FixRows is Store.FixRows for an upload that is not committed yet.
func (l *Load) FixRows(ctx context.Context, f func(FixRow) error) error {
	return fixRows(ctx, l.conn, l.upload, f)
}

func fixRows(ctx context.Context, q querier, upload uint32, f func(FixRow) error) error {
	rows, err := q.QueryContext(ctx, text("load/fix_rows"), upload)
	if err != nil {
		return err
	}
	defer rows.Close()
	var current FixRow
	for rows.Next() {
		var r Rejected
		var cells any
		var x model.Finding
		if err := rows.Scan(&r.Line, &r.Record, &r.BagLine, &cells, &x.Rule, &x.Column, &x.Value, &x.Detail, &x.Proposal); err != nil {
			return err
		}
		r.Cells = stringList(cells)
		if r.Record != current.Record {
			if current.Record != 0 {
				if err := f(current); err != nil {
					return err
				}
			}
			current = FixRow{Rejected: r}
		}
		current.Findings = append(current.Findings, x)
	}
	if err := rows.Err(); err != nil || current.Record == 0 {
		return err
	}
	return f(current)
}

// RejectedLines are the lines of a bag's first upload that were rejected and may be mended.
func (s *Store) RejectedLines(ctx context.Context, bag uint32) (map[int64]bool, error) {
	return rejectedLines(ctx, s.db, bag)
}

func rejectedLines(ctx context.Context, q querier, bag uint32) (map[int64]bool, error) {
	rows, err := q.QueryContext(ctx, text("load/rejected_lines"), bag)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	lines := map[int64]bool{}
	for rows.Next() {
		var n int64
		if err := rows.Scan(&n); err != nil {
			return nil, err
		}
		lines[n] = true
	}
	return lines, rows.Err()
}

// CountedNow is how many contacts the rows that an upload brought amount to at present.
func (s *Store) CountedNow(ctx context.Context, upload uint32) (n int64, err error) {
	err = s.db.QueryRowContext(ctx, s.sql("load/counted_now"), upload).Scan(&n)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return n, err
}

// FindingCounts is how many findings of each rule an upload has, and the rules in the order a receipt shows them.
func (s *Store) FindingCounts(ctx context.Context, upload uint32) (rules []string, counts map[string]int, err error) {
	rows, err := s.db.QueryContext(ctx, s.sql("load/finding_counts"), upload)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	counts = map[string]int{}
	for rows.Next() {
		var rule string
		var n int
		if err := rows.Scan(&rule, &n); err != nil {
			return nil, nil, err
		}
		rules, counts[rule] = append(rules, rule), n
	}
	return rules, counts, rows.Err()
}

// FindingsPage gives up to limit findings of an upload, of one rule or ("") of all, after skipping some.
func (s *Store) FindingsPage(ctx context.Context, upload uint32, rule string, skip, limit int) ([]model.Finding, error) {
	rows, err := s.db.QueryContext(ctx, s.sql("load/findings_page"), upload, rule, limit, skip)
	if err != nil {
		return nil, err
	}
	var out []model.Finding
	err = eachFinding(rows, func(f model.Finding) error { out = append(out, f); return nil })
	return out, err
}
