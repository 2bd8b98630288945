package queries

import (
	"context"
	"database/sql"
	"maps"
	"slices"
	"time"

	"komhen/model"
)

// RoundState is how far a municipality is with a round. Times are on the Copenhagen clock.
type RoundState struct {
	Municipality uint16 // 0: uploads of several municipalities, of which only Unmended is told
	Contacts     int64
	Days         int // with contacts
	Uploads      []RoundUpload
	Unmended     []UnmendedRows
	Approval     *Approval // the latest, which may have been reopened; nil when there never was one
}

// RoundUpload is a live upload that holds contacts of the round.
type RoundUpload struct {
	Upload   uint32
	Received time.Time
	Central  bool // KL loaded it: it has a day of its own, and is never late
}

// UnmendedRows is how many rejected rows of an upload no fix-it file has mended.
type UnmendedRows struct {
	Upload uint32
	Rows   int64
}

// Approved tells whether the round is approved now.
func (s RoundState) Approved() bool { return s.Approval != nil && s.Approval.Stands() }

// Delivered tells whether the municipality has brought any of the contacts itself; central deliveries are not its doing.
func (s RoundState) Delivered() bool {
	return s.Contacts > 0 && slices.ContainsFunc(s.Uploads, func(u RoundUpload) bool { return !u.Central })
}

// Late counts the uploads that came after the round's deadline; first is whether the first one did.
func (s RoundState) Late(r model.Round) (uploads int, first bool) {
	any := false
	for _, u := range s.Uploads {
		if u.Central {
			continue
		}
		if r.Late(u.Received) {
			uploads++
			first = first || !any
		}
		any = true
	}
	return uploads, first
}

// RejectedRows is how many rejected rows are not mended.
func (s RoundState) RejectedRows() (n int64) {
	for _, u := range s.Unmended {
		n += u.Rows
	}
	return n
}

// RoundStates lists the municipalities that have anything of a round, by code. next is the first day of the following round, and
// municipality 0 is all.
func (s *Store) RoundStates(ctx context.Context, r model.Round, next model.Date, municipality uint16) (states []RoundState, err error) {
	err = s.Snapshot(ctx, func(ctx context.Context) error {
		found := map[uint16]*RoundState{}
		of := func(code uint16) *RoundState {
			if found[code] == nil {
				found[code] = &RoundState{Municipality: code}
			}
			return found[code]
		}
		f := RoundFilter(r, municipality)
		days, err := s.ContactsByMunicipalityDay(ctx, f)
		if err != nil {
			return err
		}
		for _, d := range days {
			of(d.Municipality).Contacts += d.Contacts
			of(d.Municipality).Days++
		}
		uploads, err := s.RoundUploads(ctx, f)
		if err != nil {
			return err
		}
		for code, list := range uploads {
			of(code).Uploads = list
		}
		unmended, err := s.UnmendedRows(ctx, r, next, municipality)
		if err != nil {
			return err
		}
		for code, list := range unmended {
			of(code).Unmended = list
		}
		approvals, err := s.Approvals(ctx, r.Name, municipality)
		if err != nil {
			return err
		}
		for _, a := range approvals { // oldest first
			of(a.Municipality).Approval = &a
		}
		for _, code := range slices.Sorted(maps.Keys(found)) {
			states = append(states, *found[code])
		}
		return nil
	})
	return states, err
}

// RoundUploads lists for each municipality the live uploads that hold contacts of the filter's period, oldest first.
func (s *Store) RoundUploads(ctx context.Context, f Filter) (map[uint16][]RoundUpload, error) {
	type row struct {
		municipality uint16
		RoundUpload
	}
	rows, err := counted(ctx, s, "report/round_uploads", f, f.args(), func(r *row) []any { return []any{&r.municipality, &r.Upload, &r.Received, &r.Central} })
	list := map[uint16][]RoundUpload{}
	for _, r := range rows {
		r.Received = unwall(r.Received)
		list[r.municipality] = append(list[r.municipality], r.RoundUpload)
	}
	return list, err
}

// UnmendedRows lists for each municipality the uploads of a round with rejected rows that are not mended.
func (s *Store) UnmendedRows(ctx context.Context, r model.Round, next model.Date, municipality uint16) (map[uint16][]UnmendedRows, error) {
	args := append([]any{sql.Named("round", r.Name), sql.Named("from", r.First.ISO()), sql.Named("next", next.ISO())}, sql.Named("municipality", municipality))
	type row struct {
		municipality uint16
		UnmendedRows
	}
	rows, err := reportRows(ctx, s, "report/unmended_rows", args, func(r *row) []any { return []any{&r.municipality, &r.Upload, &r.Rows} })
	list := map[uint16][]UnmendedRows{}
	for _, r := range rows {
		list[r.municipality] = append(list[r.municipality], r.UnmendedRows)
	}
	return list, err
}
