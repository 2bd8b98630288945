package queries

import "context"

// Fate is what becomes of a row with a kilde_id.
type Fate uint8

const (
	FateNew Fate = iota
	FateKnown
	FateCorrection
)

// RowFate is the fate of the row on a line. OtherUnit tells that a contact of another unit counts under its id.
type RowFate struct {
	Line      int64
	Fate      Fate
	OtherUnit bool
}

// Fates tells what becomes of the staged rows that have a kilde_id, in the order of their lines. Ask between Match and Resolve.
func (l *Load) Fates(ctx context.Context, municipality uint16) ([]RowFate, error) {
	if l.rows == 0 {
		return nil, nil // Match had nothing to look for
	}
	rows, err := l.conn.QueryContext(ctx, text("load/fates"), municipality)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []RowFate
	for rows.Next() {
		var r RowFate
		if err := rows.Scan(&r.Line, &r.Fate, &r.OtherUnit); err != nil {
			return nil, err
		}
		list = append(list, r)
	}
	return list, rows.Err()
}
