package queries

import (
	"context"
	"database/sql"
	"time"

	"komhen/model"
)

// Approval is a coordinator's word that a round of a municipality is final. It stands until it is reopened, by a person or by an
// upload that changes the figures, or because the round got other days; Reopened is then not zero. By and ReopenedBy are opaque account ids, "" the command line.
type Approval struct {
	Municipality uint16
	First, Last  model.Date // the round's days when it was approved
	At           time.Time
	By           string
	Reopened     time.Time
	ReopenedBy   string
	ReopenedFor  uint32 // the upload that changed the figures; 0 when a person reopened
}

// Stands tells whether the round is approved by it now.
func (a Approval) Stands() bool { return a.Reopened.IsZero() }

// Approvals lists the approvals of a round, those that were reopened too, by municipality and oldest first. Municipality 0 is all.
func (s *Store) Approvals(ctx context.Context, round string, municipality uint16) ([]Approval, error) {
	type row struct {
		Approval
		reopened sql.NullTime
		by       sql.NullString
		upload   sql.NullInt64
	}
	rows, err := reportRows(ctx, s, "report/approvals", []any{sql.Named("round", round), sql.Named("municipality", municipality)}, func(r *row) []any {
		return []any{&r.Municipality, asDay(&r.First), asDay(&r.Last), &r.At, &r.By, &r.reopened, &r.by, &r.upload}
	})
	out := make([]Approval, len(rows))
	for i, r := range rows {
		r.At = unwall(r.At)
		if r.reopened.Valid {
			r.Reopened, r.ReopenedBy, r.ReopenedFor = unwall(r.reopened.Time), r.by.String, uint32(r.upload.Int64)
		}
		out[i] = r.Approval
	}
	return out, err
}

// BeginDecision opens the transaction of a decision that brings no rows.
func (s *Store) BeginDecision(ctx context.Context) (*Load, error) {
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	l := &Load{store: s, conn: conn}
	if err := l.exec(ctx, "BEGIN TRANSACTION"); err != nil {
		l.done = true
		conn.Close()
		return nil, err
	}
	return l, nil
}

// Approve stores that a round of a municipality is approved. The caller has seen to it that it is not already.
func (l *Load) Approve(ctx context.Context, municipality uint16, r model.Round, by string, at time.Time) error {
	return l.run(ctx, "load/add_approval", municipality, r.Name, r.First.ISO(), r.Last.ISO(), wall(at), by)
}

// Reopen ends the standing approval of a round of a municipality.
func (l *Load) Reopen(ctx context.Context, municipality uint16, r model.Round, by string, at time.Time) error {
	return l.run(ctx, "load/end_approval", municipality, r.Name, wall(at), by)
}

// ReopenAll ends the standing approvals of a round, whoever gave them.
func (l *Load) ReopenAll(ctx context.Context, r model.Round, by string, at time.Time) error {
	return l.run(ctx, "load/end_approvals", r.Name, wall(at), by)
}
