package reports

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"komhen/model"
	"komhen/queries"
)

// A round of a municipality is provisional until its coordinator has approved it; what changes its figures reopens it.

// approvals sorts the municipalities that have contacts into those that have approved the round and those that have not.
func (b *Basis) approvals(ctx context.Context, st *queries.Store, municipality uint16, counting map[uint16]bool) error {
	list, err := st.Approvals(ctx, b.Round.Name, municipality)
	if err != nil {
		return err
	}
	approved := map[uint16]bool{}
	for _, a := range list {
		if a.Stands() {
			approved[a.Municipality] = true
		}
	}
	for _, code := range slices.Sorted(maps.Keys(counting)) {
		if approved[code] {
			b.Approved = append(b.Approved, code)
		} else {
			b.Provisional = append(b.Provisional, code)
		}
	}
	return nil
}

// approvalText says whose figures are provisional; where most are, it names the others.
func (b Basis) approvalText(cb *model.Codebook) string {
	provisional, approved := len(b.Provisional), len(b.Approved)
	switch {
	case b.Municipality != nil && provisional == 0:
		return "Kommunen har godkendt runden."
	case b.Municipality != nil:
		return "Foreløbige tal: kommunen har ikke godkendt runden."
	case provisional == 0 && approved == 1:
		return "Den ene kommune, der har indmeldt, har godkendt runden."
	case provisional == 0:
		return fmt.Sprintf("Alle %d kommuner, der har indmeldt, har godkendt runden.", approved)
	case approved == 0:
		return fmt.Sprintf("Foreløbige tal: ingen af de %d kommuner, der har indmeldt, har godkendt runden.", provisional)
	case provisional <= approved:
		return fmt.Sprintf("Foreløbige tal: %d af %d kommuner har ikke godkendt runden: %s.", provisional, provisional+approved, namesOf(cb, b.Provisional))
	}
	return fmt.Sprintf("Foreløbige tal: %d af %d kommuner har ikke godkendt runden. Det har kun %s.", provisional, provisional+approved, namesOf(cb, b.Approved))
}

func namesOf(cb *model.Codebook, codes []uint16) string {
	var names []string
	for _, code := range codes {
		if m := cb.Municipality(code); m != nil {
			names = append(names, m.Name)
		} else {
			names = append(names, fmt.Sprint(code))
		}
	}
	return listText(names)
}
