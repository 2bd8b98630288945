package reports

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"komhen/model"
	"komhen/queries"
)

// data is the chapter on what the figures rest on: uploads with their dates, what is incomplete, late, rejected or kept out, and who has
// approved.
func (j *roundJob) data(ctx context.Context) error {
	notes := slices.DeleteFunc(j.basis.Notes(j.cb), func(n string) bool { return strings.HasPrefix(n, "Grundlag: ") })
	states, err := j.st.RoundStates(ctx, j.Round, nextRound(j.cb, j.Round).First, j.code())
	if err != nil {
		return err
	}
	c := Chapter{Text: []string{"Tallene er dem, der er indmeldt og godtaget efter kodebogens regler. Der er ikke renset i dem derudover. Samme henvendelse tæller kun én gang, også når den er sendt flere gange."}}
	if j.Municipality == nil {
		c.Parts = []Part{{Title: "Indmeldinger og godkendelse", Remarks: append(j.deliveries(states), notes...)}}
		j.chapter("basis", c)
		return nil
	}
	var state queries.RoundState
	for _, s := range states {
		if s.Municipality == j.code() {
			state = s
		}
	}
	table, err := j.uploads(ctx, state)
	if err != nil {
		return err
	}
	c.Parts = append(c.Parts, Part{Title: "Indmeldinger", Report: table, Table: len(table.Rows) > 0, Remarks: j.delivered(state)})
	if state.Approved() {
		at := state.Approval.At.In(model.Copenhagen)
		notes = append(notes, fmt.Sprintf("Godkendt %s kl. %s.", at.Format("02-01-2006"), at.Format("15.04")))
	}
	c.Parts = append(c.Parts, Part{Title: "Hvad der er med, og hvad der er holdt ude", Remarks: notes})
	j.chapter("basis", c)
	return nil
}

// delivered says when a municipality's uploads came, and what is not mended.
func (j *roundJob) delivered(state queries.RoundState) (list []string) {
	late, first := state.Late(j.Round)
	switch {
	case len(state.Uploads) == 0:
		list = append(list, fmt.Sprintf("Der er ingen indmeldinger med henvendelser fra runden. Fristen var %s.", j.Round.DataDeadline))
	case late == 0:
		list = append(list, fmt.Sprintf("Alle indmeldinger kom senest på fristen, %s.", j.Round.DataDeadline))
	case first:
		list = append(list, fmt.Sprintf("Første indmelding kom efter fristen, %s. Henvendelserne tæller med og er mærket »efter frist«.", j.Round.DataDeadline))
	default:
		list = append(list, fmt.Sprintf("Kommunen meldte ind til tiden; %s kom efter fristen, %s, og tæller med.", uploadsCount(late), j.Round.DataDeadline))
	}
	if n := state.RejectedRows(); n > 0 {
		list = append(list, fmt.Sprintf("%s blev afvist og er ikke rettet. De er ikke med i tallene.", rowsText(n)))
	} else {
		list = append(list, "Der er ingen afviste rækker, som ikke er rettet.")
	}
	return list
}

func uploadsCount(n int) string {
	if n == 1 {
		return "1 indmelding"
	}
	return fmt.Sprintf("%d indmeldinger", n)
}

// uploads is a table of the uploads behind the figures, oldest first.
func (j *roundJob) uploads(ctx context.Context, state queries.RoundState) (*Report, error) {
	t := &Report{Name: "uploads", Title: "Indmeldinger bag tallene", Round: j.Round, Municipality: j.Municipality,
		Columns: []Column{{Name: "upload", Label: "Nr.", Unit: Number}, {Name: "label", Label: "Fil", Unit: Text}, {Name: "source", Label: "Kilde", Unit: Text},
			{Name: "received", Label: "Modtaget", Unit: Day}, {Name: "accepted", Label: "Rækker godtaget", Unit: Number}, {Name: "rejected", Label: "Afvist, ikke rettet", Unit: Number}, {Name: "late", Label: "Frist", Unit: Text}}}
	all, err := j.st.Uploads(ctx)
	if err != nil {
		return nil, err
	}
	behind, unmended, central := map[uint32]time.Time{}, map[uint32]int64{}, map[uint32]bool{}
	for _, u := range state.Uploads {
		behind[u.Upload], central[u.Upload] = u.Received, u.Central
	}
	for _, u := range state.Unmended {
		unmended[u.Upload] = u.Rows
	}
	for _, u := range all {
		received, counts := behind[u.Upload]
		if rows := unmended[u.Upload]; !counts && (rows == 0 || u.Municipality != j.code()) {
			continue
		}
		if received.IsZero() {
			received = u.Received
		}
		late := "til tiden"
		if central[u.Upload] {
			late = "KL’s dag"
		} else if j.Round.Late(received) {
			late = "efter frist"
		}
		row := []any{int64(u.Upload), u.File, u.Source, model.DateOf(received), u.Accepted, unmended[u.Upload], late}
		if u.Municipality != j.code() { // a file of several municipalities: how much the others have in it is theirs
			row[1], row[4], row[5] = "Fil for flere kommuner", nil, nil
		}
		t.Rows = append(t.Rows, row)
	}
	return t, nil
}

// deliveries counts the municipalities of the country.
func (j *roundJob) deliveries(states []queries.RoundState) (list []string) {
	delivered, lateOnes, approved, uploads := 0, 0, 0, map[uint32]bool{}
	for _, s := range states {
		if s.Municipality == 0 || s.Contacts == 0 {
			continue
		}
		delivered++
		if _, first := s.Late(j.Round); first {
			lateOnes++
		}
		if s.Approved() {
			approved++
		}
		for _, u := range s.Uploads {
			uploads[u.Upload] = true
		}
	}
	return []string{
		fmt.Sprintf("%d af %d kommuner har meldt henvendelser ind, i %s.", delivered, len(j.cb.Municipalities), uploadsCount(len(uploads))),
		fmt.Sprintf("Fristen var %s. %d af dem meldte første gang ind efter fristen.", j.Round.DataDeadline, lateOnes),
		fmt.Sprintf("%d af dem har godkendt runden.", approved),
	}
}
