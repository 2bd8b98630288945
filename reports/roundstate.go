package reports

import (
	"context"

	"komhen/model"
	"komhen/queries"
)

// RoundStateOf is how far a municipality is with a round. Municipality 0 is what uploads of several municipalities have left to be mended.
func RoundStateOf(ctx context.Context, st *queries.Store, cb *model.Codebook, round model.Round, municipality uint16) (queries.RoundState, error) {
	states, err := st.RoundStates(ctx, round, nextRound(cb, round).First, municipality)
	for _, s := range states {
		if s.Municipality == municipality {
			return s, err
		}
	}
	return queries.RoundState{Municipality: municipality}, err
}
