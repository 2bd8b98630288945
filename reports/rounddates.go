package reports

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"komhen/model"
	"komhen/queries"
)

// RoundVersion is a round as it stood from a decision on. Number counts from 1; Changes say what the decision changed, in Danish.
type RoundVersion struct {
	Number    int
	At        time.Time
	By        string // opaque account id, "" the command line
	Withdrawn bool   // the default's dates again
	Note      string
	Round     model.Round
	Changes   []string
}

// RoundHistory is every decision about a round's dates, oldest first; none when it always had the default's.
func RoundHistory(ctx context.Context, st *queries.Store, cb *model.Codebook, name string) ([]RoundVersion, error) {
	standard, err := cb.DefaultRound(name)
	if err != nil {
		return nil, err
	}
	records, err := st.RecordHistory(ctx, queries.RecordFilter{Kind: model.RecordRound, Round: standard.Name})
	if err != nil {
		return nil, err
	}
	var versions []RoundVersion
	before := standard
	for i, rec := range records {
		v := RoundVersion{Number: i + 1, At: rec.At, By: rec.By, Withdrawn: rec.Withdrawn(), Round: standard}
		if !v.Withdrawn {
			var dates model.RoundDates
			if err := json.Unmarshal(rec.Body, &dates); err != nil {
				return nil, fmt.Errorf("dates of round %s in decision %d: %w", name, rec.Seq, err)
			}
			v.Round, v.Note = dates.On(standard), dates.Note
		}
		v.Changes = model.RoundChanges(before, v.Round)
		before = v.Round
		versions = append(versions, v)
	}
	return versions, nil
}
