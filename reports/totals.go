package reports

import (
	"context"
	"fmt"
	"strings"

	"komhen/model"
	"komhen/queries"
)

// TotalsState is how far a municipality is with the totals of a year. A total is of the year that its period ends in.
type TotalsState struct {
	Municipality uint16
	Year         int
	Deadline     model.Date      // the last day on time
	Totals       int             // declared
	Late         int             // of them, when they were last declared
	Declared     int             // channels with a total
	Channels     []model.Channel // with contacts in the rounds of the year, without a total; never the website
	NoSiteVisits bool            // the website's head figure is missing
}

// Outstanding tells whether anything is missing. Totals are required once a year (seed 002 p.15).
func (s TotalsState) Outstanding() bool {
	return s.Totals == 0 || len(s.Channels) > 0 || s.NoSiteVisits
}

// Text says in a sentence what is missing, and until when there is time; "" when nothing is.
func (s TotalsState) Text() string {
	if missing := s.Missing(); missing != "" {
		return fmt.Sprintf("%s mangler. Frist: %s.", missing, s.Deadline)
	}
	return ""
}

// Missing names what is missing: "Total-tallene for 2012 og hjemmesidens hovedtal".
func (s TotalsState) Missing() string {
	var parts []string
	switch {
	case s.Totals == 0:
		parts = append(parts, fmt.Sprintf("total-tallene for %d", s.Year))
	case len(s.Channels) > 0:
		var names []string
		for _, c := range s.Channels {
			names = append(names, c.Label)
		}
		parts = append(parts, fmt.Sprintf("total-tal for %d for %s", s.Year, listText(names)))
	}
	if s.NoSiteVisits {
		parts = append(parts, "hjemmesidens hovedtal")
	}
	return capital(listText(parts))
}

// capital makes the first letter a large one. Only for our own sentences, which begin with a letter of the alphabet.
func capital(s string) string {
	if s != "" && s[0] >= 'a' && s[0] <= 'z' {
		return string(s[0]-'a'+'A') + s[1:]
	}
	return s
}

// TotalsStates tells how far the municipalities of the codebook are with the totals of a year, by code; municipality 0 is all.
func TotalsStates(ctx context.Context, st *queries.Store, cb *model.Codebook, year int, municipality uint16) (states []TotalsState, err error) {
	err = st.Snapshot(ctx, func(ctx context.Context) error {
		spring, autumn, err := roundsOf(cb, year)
		if err != nil {
			return err
		}
		counted := map[uint16]map[uint8]bool{}
		for _, r := range []model.Round{spring, autumn} {
			counts, err := st.ContactsByMunicipality(ctx, queries.RoundFilter(r, municipality))
			if err != nil {
				return err
			}
			for _, c := range counts {
				if counted[c.Municipality] == nil {
					counted[c.Municipality] = map[uint8]bool{}
				}
				counted[c.Municipality][c.Channel] = true
			}
		}
		totals, err := queries.Standing[model.Total](ctx, st, queries.RecordFilter{Kind: model.RecordTotal, Municipality: municipality})
		if err != nil {
			return err
		}
		visits, err := queries.Standing[model.SiteVisits](ctx, st, queries.RecordFilter{Kind: model.RecordSiteVisits, Municipality: municipality})
		if err != nil {
			return err
		}
		states = totalsStates(cb, year, municipality, counted, totals, visits)
		return nil
	})
	return states, err
}

func totalsStates(cb *model.Codebook, year int, municipality uint16, counted map[uint16]map[uint8]bool, totals []queries.Said[model.Total], visits []queries.Said[model.SiteVisits]) (states []TotalsState) {
	deadline := cb.TotalsDeadline(year)
	for _, m := range cb.Municipalities {
		if municipality != 0 && m.Code != municipality {
			continue
		}
		s := TotalsState{Municipality: m.Code, Year: year, Deadline: deadline, NoSiteVisits: true}
		has := map[string]bool{}
		for _, t := range totals {
			if t.Municipality != m.Code || t.Value.Period.Last.Year() != year {
				continue
			}
			has[t.Value.Channel] = true
			if s.Totals++; model.DateOf(t.At) > deadline {
				s.Late++
			}
		}
		for _, v := range visits {
			if v.Municipality == m.Code && v.Value.Period.Last.Year() == year {
				s.NoSiteVisits = false
			}
		}
		s.Declared = len(has)
		for _, ch := range cb.Channels {
			if counted[m.Code][ch.ID] && !has[ch.Code] && ch.Code != model.WebsiteChannel {
				s.Channels = append(s.Channels, ch)
			}
		}
		states = append(states, s)
	}
	return states
}

// TotalsOwed is what a municipality owes of the totals of a round's year, for lists of what is to be done. A spring round asks for none unless
// it states a deadline: totals are required once a year.
func TotalsOwed(ctx context.Context, st *queries.Store, cb *model.Codebook, round model.Round, municipality uint16) ([]Missing, error) {
	if round.TotalsDeadline == 0 && strings.HasSuffix(round.Name, "F") {
		return nil, nil
	}
	states, err := TotalsStates(ctx, st, cb, round.Year, municipality)
	var list []Missing
	for _, s := range states {
		if s.Outstanding() {
			list = append(list, Missing{Code: "totals", Text: s.Text()})
		}
	}
	return list, err
}
