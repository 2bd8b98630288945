package reports

import (
	"context"
	"fmt"

	"komhen/model"
	"komhen/queries"
)

// klikEvidence tells what the database knows of a task of a count week, in sentences to stand beside its status. It is read and never acted on: a task is
// completed when the municipality says so. municipality 0 tells of those in lines together, and of no single one; nil is nothing to tell.
func klikEvidence(ctx context.Context, st *queries.Store, cb *model.Codebook, t *model.KlikTask, project *model.KlikProject, lines []KlikLine, municipality uint16, today model.Date) ([]string, error) {
	if t.Evidence == model.EvidenceNone || project == nil || project.Round == "" || len(lines) == 0 {
		return nil, nil
	}
	round, err := cb.Round(project.Round)
	if err != nil {
		return nil, nil // a round that this edition does not know tells nothing
	}
	e := &evidence{st, cb, round, today, lines}
	if municipality == 0 {
		return e.country(ctx, t.Evidence)
	}
	if cb.Municipality(municipality) == nil {
		return nil, nil // Korsbæk has no contacts
	}
	return e.own(ctx, t.Evidence, municipality)
}

type evidence struct {
	st    *queries.Store
	cb    *model.Codebook
	round model.Round
	today model.Date
	lines []KlikLine
}

// trialDays is where a trial is looked for when its task has no start.
const trialDays = 28

// trial is the days of the trial count: from the task's earliest start until the round begins.
func (e *evidence) trial(municipality uint16) queries.Filter {
	f := queries.Filter{Municipality: municipality, To: e.round.First - 1}
	for _, l := range e.lines {
		if f.From == 0 || l.Span.Start != 0 && l.Span.Start < f.From {
			f.From = l.Span.Start
		}
	}
	if f.From == 0 || f.From > f.To {
		f.From = e.round.First - trialDays
	}
	return f
}

func (e *evidence) own(ctx context.Context, kind model.KlikEvidence, municipality uint16) ([]string, error) {
	switch kind {
	case model.EvidenceTrial:
		f := e.trial(municipality)
		tests, err := e.st.TestContacts(ctx, f)
		if err != nil || len(tests) == 0 {
			return []string{fmt.Sprintf("Prøvetælling: ingen prøverækker siden %s.", dayText(f.From))}, err
		}
		return []string{fmt.Sprintf("Prøvetælling: %s siden %s, senest fra %s.", countText(int(tests[0].Contacts), "prøverække", "prøverækker"), dayText(f.From), tests[0].Last)}, nil
	case model.EvidenceTotals:
		states, err := TotalsStates(ctx, e.st, e.cb, e.round.Year, municipality)
		if err != nil || len(states) == 0 {
			return nil, err
		}
		s := states[0]
		channels := s.Declared + len(s.Channels)
		texts := []string{fmt.Sprintf("Total-tal for %d er indmeldt for %d af %s.", s.Year, s.Declared, countText(channels, "kanal", "kanaler"))}
		if channels == 0 {
			texts = []string{fmt.Sprintf("Der er ingen henvendelser fra %d, og derfor ingen kanaler, der skal have total-tal.", s.Year)}
		}
		if s.NoSiteVisits {
			return append(texts, "Hjemmesidens hovedtal er ikke indmeldt."), nil
		}
		return append(texts, "Hjemmesidens hovedtal er indmeldt."), nil
	}
	b, err := boardOf(ctx, e.st, e.cb, e.round, municipality, 0, 0, e.today)
	if err != nil {
		return nil, err
	}
	units, sent := len(b.Others), 0
	for _, u := range b.Units {
		if u.Unit == "" {
			continue
		}
		units++
		if u.said() {
			sent++
		}
	}
	switch kind {
	case model.EvidenceUnits:
		if units == 0 {
			return []string{sentUnits(0, 0)}, nil
		}
		return []string{fmt.Sprintf("Vi kender %s i kommunen.", countText(units, "enhed", "enheder"))}, nil
	case model.EvidenceTestOff:
		if b.Test.Contacts == 0 {
			return []string{"Der er ingen prøverækker fra rundens dage."}, nil
		}
		return []string{fmt.Sprintf("%s fra rundens dage er sendt som prøvetælling, senest fra %s.", countText(int(b.Test.Contacts), "række", "rækker"), b.Test.Last)}, nil
	case model.EvidenceCount:
		texts := []string{sentUnits(sent, units)}
		if b.State.Contacts == 0 {
			return append(texts, "Der er ingen henvendelser fra rundens dage."), nil
		}
		texts = append(texts, fmt.Sprintf("%s fra %s.", contactsText(b.State.Contacts), countText(b.State.Days, "dag", "dage")))
		if b.Coverage.Silent > 0 {
			texts = append(texts, fmt.Sprintf("%s har dage uden de henvendelser, der plejer at være.", countText(b.Coverage.Silent, "enhed", "enheder")))
		}
		return texts, nil
	case model.EvidenceDelivery:
		texts := []string{sentUnits(sent, units)}
		last := model.Date(0)
		for _, u := range b.State.Uploads {
			last = max(last, model.DateOf(u.Received))
		}
		if n := len(b.State.Uploads); n > 0 {
			texts = append(texts, fmt.Sprintf("%s med rundens henvendelser er modtaget, senest %s.", countText(n, "indmelding", "indmeldinger"), last))
		}
		if n := b.State.RejectedRows(); n > 0 {
			return append(texts, fmt.Sprintf("%s er afvist og ikke rettet.", countText(int(n), "række", "rækker"))), nil
		}
		return append(texts, "Ingen afviste rækker mangler at blive rettet."), nil
	case model.EvidenceApproval:
		if b.State.Approved() {
			return []string{fmt.Sprintf("Runden er godkendt %s.", model.DateOf(b.State.Approval.At))}, nil
		}
		return []string{"Runden er ikke godkendt."}, nil
	}
	return nil, nil
}

func sentUnits(sent, units int) string {
	if units == 0 {
		return "Vi kender ingen enheder i kommunen endnu."
	}
	return fmt.Sprintf("%d af %s har indmeldt.", sent, countText(units, "enhed", "enheder"))
}

// said tells whether a unit has contacts, or a zero of its own, on any of the days. A zero of the whole municipality says nothing of a unit.
func (u BoardUnit) said() bool {
	for _, c := range u.Cells {
		if c.State == CellData || c.State == CellZero && c.Zero != nil && c.Zero.Unit == u.Unit {
			return true
		}
	}
	return false
}

// country counts the municipalities of the lines. It is KL's, who sees them one by one anyway.
func (e *evidence) country(ctx context.Context, kind model.KlikEvidence) ([]string, error) {
	in := map[uint16]bool{}
	for _, l := range e.lines {
		if e.cb.Municipality(l.Municipality) != nil {
			in[l.Municipality] = true
		}
	}
	all := countText(len(in), "kommune", "kommuner")
	count := func(text string, codes []uint16) []string {
		n := 0
		for _, code := range codes {
			if in[code] {
				n++
			}
		}
		return []string{fmt.Sprintf(text, n, all)}
	}
	var codes []uint16
	switch kind {
	case model.EvidenceTrial, model.EvidenceTestOff:
		f, text := queries.RoundFilter(e.round, 0), "%d af %s har prøverækker fra rundens dage."
		if kind == model.EvidenceTrial {
			f, text = e.trial(0), "Prøvetælling: %d af %s har prøverækker siden "+dayText(e.trial(0).From)+"."
		}
		tests, err := e.st.TestContacts(ctx, f)
		for _, t := range tests {
			codes = append(codes, t.Municipality)
		}
		return count(text, codes), err
	case model.EvidenceTotals:
		states, err := TotalsStates(ctx, e.st, e.cb, e.round.Year, 0)
		for _, s := range states {
			if !s.Outstanding() {
				codes = append(codes, s.Municipality)
			}
		}
		return count("%d af %s har indmeldt alle total-tal for "+fmt.Sprint(e.round.Year)+".", codes), err
	case model.EvidenceCount, model.EvidenceDelivery, model.EvidenceApproval:
		states, err := e.st.RoundStates(ctx, e.round, nextRound(e.cb, e.round).First, 0)
		text := "%d af %s har indmeldt henvendelser."
		for _, s := range states {
			if kind == model.EvidenceApproval && s.Approved() || kind != model.EvidenceApproval && s.Delivered() {
				codes = append(codes, s.Municipality)
			}
		}
		if kind == model.EvidenceApproval {
			text = "%d af %s har godkendt runden."
		}
		return count(text, codes), err
	}
	return nil, nil
}
