package queries

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"komhen/model"
)

// Declared is a record as it stands, and who declared it when; By is an opaque account id, "" the command line.
type Declared struct {
	model.Record
	Seq uint64 // the decision's number in the journal
	At  time.Time
	By  string
}

// RecordFilter picks records of one kind. Municipality 0 and Round "" are all of them.
type RecordFilter struct {
	Kind         string
	Municipality uint16
	Round        string
}

func (f RecordFilter) args() []any {
	return []any{sql.Named("kind", f.Kind), sql.Named("municipality", f.Municipality), sql.Named("round", f.Round)}
}

// AddRecord stores the record that stands at a place of decision seq.
func (l *Load) AddRecord(ctx context.Context, seq uint64, place int, r model.Record, by string, at time.Time) error {
	return l.run(ctx, "load/add_record", seq, place, r.Kind, r.Municipality, r.Round, r.Key, string(r.Body), wall(at), by)
}

// Records lists what stands now, by municipality, round and key. What was taken back does not.
func (s *Store) Records(ctx context.Context, f RecordFilter) ([]Declared, error) {
	return declared(reportRows(ctx, s, "report/records", f.args(), (*recordRow).fields))
}

// RecordHistory lists everything that ever was declared, oldest first; a record without body took the one before it back.
func (s *Store) RecordHistory(ctx context.Context, f RecordFilter) ([]Declared, error) {
	return declared(reportRows(ctx, s, "report/record_history", f.args(), (*recordRow).fields))
}

type recordRow struct {
	Declared
	body string
}

func (r *recordRow) fields() []any {
	return []any{&r.Seq, &r.Kind, &r.Municipality, &r.Round, &r.Key, &r.body, &r.At, &r.By}
}

func declared(rows []recordRow, err error) ([]Declared, error) {
	out := make([]Declared, len(rows))
	for i, r := range rows {
		out[i] = r.Declared
		out[i].At = unwall(r.At)
		if r.body != "" {
			out[i].Body = json.RawMessage(r.body)
		}
	}
	return out, err
}

// Said is a record with its body read.
type Said[T any] struct {
	Declared
	Value T
}

// History is RecordHistory with bodies read as T; records that take one back are left out.
func History[T any](ctx context.Context, s *Store, f RecordFilter) (out []Said[T], err error) {
	list, err := s.RecordHistory(ctx, f)
	for _, d := range list {
		if d.Withdrawn() {
			continue
		}
		said := Said[T]{Declared: d}
		if err := json.Unmarshal(d.Body, &said.Value); err != nil {
			return nil, failed(fmt.Errorf("record %d of kind %s: %w", d.Seq, d.Kind, err))
		}
		out = append(out, said)
	}
	return out, err
}

// Standing is Records with their bodies read as T.
func Standing[T any](ctx context.Context, s *Store, f RecordFilter) ([]Said[T], error) {
	list, err := s.Records(ctx, f)
	out := make([]Said[T], len(list))
	for i, d := range list {
		out[i].Declared = d
		if err := json.Unmarshal(d.Body, &out[i].Value); err != nil {
			return nil, failed(fmt.Errorf("record %d of kind %s: %w", d.Seq, d.Kind, err))
		}
	}
	return out, err
}
