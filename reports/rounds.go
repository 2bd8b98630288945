package reports

import (
	"context"
	"slices"

	"komhen/model"
	"komhen/queries"
)

// RoundsWithContacts is every round in which somebody has contacts, the newest first.
func RoundsWithContacts(ctx context.Context, st *queries.Store, cb *model.Codebook) ([]model.Round, error) {
	days, err := st.DaysWithContacts(ctx, 0)
	var rounds []model.Round
	for _, d := range slices.Backward(days) {
		if n := len(rounds); n > 0 && rounds[n-1].Contains(d) {
			continue
		}
		if r, in := cb.RoundOn(d); in {
			rounds = append(rounds, r)
		}
	}
	return rounds, err
}
