package reports

import (
	"context"
	"fmt"
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

// deliveries is the report: who has delivered the round, when, and whether it is approved.
func deliveries(ctx context.Context, j *job) error {
	d, err := DeliveriesOf(ctx, j.st, j.cb, j.Round, j.today().Time())
	if err != nil {
		return err
	}
	j.Columns = []Column{{Name: "code", Label: "Kode", Unit: Text}, {Name: "label", Label: "Kommune", Unit: Text}, {Name: "delivered", Label: "Indmeldt", Unit: Text},
		{Name: "status", Label: "Status", Unit: Text}, contactsColumn, {Name: "days", Label: "Dage med henvendelser", Unit: Number},
		{Name: "uploads", Label: "Indmeldinger", Unit: Number}, {Name: "late_uploads", Label: "Heraf efter fristen", Unit: Number},
		{Name: "first", Label: "Første indmelding", Unit: Day}, {Name: "last", Label: "Seneste indmelding", Unit: Day}}
	var uploads, late int64
	for _, row := range d.Rows {
		cells := []any{row.Municipality.CodeText(), row.Municipality.Name, row.Word(), nil, row.Contacts, int64(row.Days), int64(len(row.Uploads)), int64(row.LateUploads), nil, nil}
		if row.Delivered {
			cells[3] = row.Status()
		}
		if n := len(row.Uploads); n > 0 {
			cells[8], cells[9] = model.DateOf(row.Uploads[0].Received), model.DateOf(row.Uploads[n-1].Received)
		}
		uploads, late = uploads+int64(len(row.Uploads)), late+int64(row.LateUploads)
		j.Rows = append(j.Rows, cells)
	}
	j.Totals = []any{nil, sum, nil, nil, d.Contacts, nil, uploads, late, nil, nil}
	j.Notes = append(j.Notes, fmt.Sprintf("Fristen er %s. En kommune har indmeldt til tiden, når dens første indmelding, der tæller, kom inden da; senere rettelser gør den ikke sen.", d.Deadline))
	return nil
}

// Word says whether and when it came: "til tiden", "efter fristen" or "nej".
func (d Delivery) Word() string {
	switch {
	case !d.Delivered:
		return "nej"
	case d.OnTime:
		return "til tiden"
	}
	return "efter fristen"
}

// Status is "godkendt" or "foreløbig".
func (d Delivery) Status() string {
	if d.Approved() {
		return "godkendt"
	}
	return "foreløbig"
}
