package reports

import (
	"slices"
	"testing"

	"komhen/model"
)

// TestKlikEvidence asks for every kind of evidence on the worked example of the board: a municipality's own, the country's, and where there is none.
func TestKlikEvidence(t *testing.T) {
	cb := smallCodebook(t)
	st := boardCase(t, cb)
	monday, today := model.NewDate(2012, 10, 22), model.NewDate(2012, 10, 31)
	var lines []KlikLine
	for _, code := range []uint16{259, 147, 150} {
		lines = append(lines, KlikLine{Municipality: code, Span: model.KlikSpan{Start: monday, End: monday + 3}})
	}
	lines[0].Span.Start++ // a municipality's own day; the others began before
	for _, c := range []struct {
		kind    model.KlikEvidence
		round   string
		own     []string
		country []string
	}{
		{model.EvidenceUnits, "2012E", []string{"Vi kender 6 enheder i kommunen."}, nil},
		{model.EvidenceTrial, "2013F", []string{"Prøvetælling: 7 prøverækker siden mandag 22-10-2012, senest fra 24-10-2012."}, []string{"Prøvetælling: 1 af 3 kommuner har prøverækker siden mandag 22-10-2012."}},
		{model.EvidenceTrial, "2012F", []string{"Prøvetælling: ingen prøverækker siden mandag 26-03-2012."}, []string{"Prøvetælling: 0 af 3 kommuner har prøverækker siden mandag 26-03-2012."}},
		{model.EvidenceTestOff, "2012E", []string{"7 rækker fra rundens dage er sendt som prøvetælling, senest fra 24-10-2012."}, []string{"1 af 3 kommuner har prøverækker fra rundens dage."}},
		{model.EvidenceTestOff, "2012F", []string{"Der er ingen prøverækker fra rundens dage."}, []string{"0 af 3 kommuner har prøverækker fra rundens dage."}},
		{model.EvidenceCount, "2012E", []string{"4 af 6 enheder har indmeldt.", "701 henvendelser fra 7 dage.", "3 enheder har dage uden de henvendelser, der plejer at være."}, []string{"2 af 3 kommuner har indmeldt henvendelser."}},
		{model.EvidenceDelivery, "2012E", []string{"4 af 6 enheder har indmeldt.", "1 indmelding med rundens henvendelser er modtaget, senest 20-05-2012.", "Ingen afviste rækker mangler at blive rettet."}, []string{"2 af 3 kommuner har indmeldt henvendelser."}},
		{model.EvidenceTotals, "2012E", []string{"Total-tal for 2012 er indmeldt for 0 af 4 kanaler.", "Hjemmesidens hovedtal er ikke indmeldt."}, []string{"0 af 3 kommuner har indmeldt alle total-tal for 2012."}},
		{model.EvidenceTotals, "2027F", []string{"Der er ingen henvendelser fra 2027, og derfor ingen kanaler, der skal have total-tal.", "Hjemmesidens hovedtal er ikke indmeldt."}, []string{"0 af 3 kommuner har indmeldt alle total-tal for 2027."}},
		{model.EvidenceApproval, "2012E", []string{"Runden er ikke godkendt."}, []string{"0 af 3 kommuner har godkendt runden."}},
		{model.EvidenceNone, "2012E", nil, nil},
		{model.EvidenceCount, "", nil, nil},
	} {
		task, project := &model.KlikTask{Evidence: c.kind}, &model.KlikProject{Round: c.round}
		for municipality, want := range map[uint16][]string{259: c.own, 0: c.country, model.KlikTestMunicipality: nil} {
			got, err := klikEvidence(t.Context(), st, cb, task, project, lines, municipality, today)
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("%s of %s in %d: %q, not %q (%v)", c.kind, c.round, municipality, got, want, err)
			}
		}
	}
}
