package reports

import (
	"context"
	"time"

	"komhen/model"
	"komhen/queries"
)

// Deliveries is how far all municipalities are with a round, for the operator.
type Deliveries struct {
	Round    model.Round
	Deadline model.Date // the last day that is on time
	DaysLeft int        // from today to it; negative once it is past

	Delivered, Late, Approved, Missing int // municipalities; Late and Approved are of the delivered ones
	Contacts                           int64
	Rows                               []Delivery             // every municipality of the codebook, by code
	Unassigned                         []queries.UnmendedRows // rejected rows of files of several municipalities
}

// Delivery is one municipality's. OnTime is whether its first upload came before the deadline, LateUploads how many came after.
type Delivery struct {
	Municipality *model.Municipality
	queries.RoundState
	Delivered, OnTime bool
	LateUploads       int
}

// DeliveriesOf tells of every municipality whether it has delivered a round, on time or late, and whether it has approved it.
func DeliveriesOf(ctx context.Context, st *queries.Store, cb *model.Codebook, round model.Round, now time.Time) (*Deliveries, error) {
	states, err := st.RoundStates(ctx, round, nextRound(cb, round).First, 0)
	if err != nil {
		return nil, err
	}
	found := map[uint16]queries.RoundState{}
	for _, s := range states {
		found[s.Municipality] = s
	}
	d := &Deliveries{Round: round, Deadline: round.DataDeadline, DaysLeft: int(round.DataDeadline - model.DateOf(now)), Unassigned: found[0].Unmended}
	for i := range cb.Municipalities {
		m := &cb.Municipalities[i]
		row := Delivery{Municipality: m, RoundState: found[m.Code]}
		row.RoundState.Municipality = m.Code
		row.Delivered = row.RoundState.Delivered()
		late, first := row.RoundState.Late(round)
		row.OnTime, row.LateUploads = row.Delivered && !first, late
		d.Contacts += row.Contacts
		switch {
		case !row.Delivered:
			d.Missing++
		case first:
			d.Late++
		}
		if row.Delivered {
			d.Delivered++
		}
		if row.Delivered && row.Approved() {
			d.Approved++
		}
		d.Rows = append(d.Rows, row)
	}
	return d, nil
}
