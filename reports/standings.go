package reports

import (
	"context"
	"fmt"
	"slices"
	"sort"
	"strings"

	"komhen/model"
	"komhen/queries"
)

// Measure is something that municipalities are compared on, for lists and menus.
type Measure struct {
	Name  string // for machines and addresses: "digital-share"
	Area  string // what it is listed under
	Label string
	Unit  Unit   // Share or Per1000
	How   string // the definition
}

// StandingsQuery says which ranking is wanted. Without a round it is the latest that has contacts, without a measure the digital
// share. Weeks is as in Query. Group is "all" (or ""), or as seen from Municipality "region", "size" or codes with commas between.
type StandingsQuery struct {
	Round        model.Round
	Weeks        string
	Measure      string
	Group        string
	Municipality uint16
}

// Standing is one municipality of a ranking. Value (float64) and Rank (int64, 1 is the highest value) are nil without a value.
type Standing struct {
	Municipality *model.Municipality
	Value, Rank  any
	Tied         int  // how many share the place, itself included; 0 without one
	Contacts     any  // int64 or nil
	Provisional  bool // it has contacts, and has not approved the round
}

// Standings is a ranking: the municipalities of a group by one measure, the highest value first and those without a value last.
type Standings struct {
	Round    model.Round
	Measure  Measure
	Measures []Measure // every measure that says something in this round, this one among them
	Group    string    // "Alle 98 kommuner"
	How      string    // how the group was made
	Lines    []Standing
	N        int // municipalities with a value
	Median   any // float64, nil without any value
	Weighted any // the group seen as one
	Notes    []string
}

// digitalShareMeasure is what a ranking is of when nothing else is said.
const digitalShareMeasure = "digital-share"

// StandingsOf ranks municipalities. A *model.Problem "measure-unknown", "group-unknown", "municipality-needed", "weeks-unknown" or
// "no-contacts" means that the question was wrong. All figures are of one moment.
func StandingsOf(ctx context.Context, st *queries.Store, cb *model.Codebook, q StandingsQuery) (p *Standings, err error) {
	err = st.Snapshot(ctx, func(ctx context.Context) error {
		p, err = standingsOf(ctx, st, cb, q)
		return err
	})
	return p, err
}

func standingsOf(ctx context.Context, st *queries.Store, cb *model.Codebook, q StandingsQuery) (*Standings, error) {
	own, err := municipalityOf(cb, q.Municipality)
	if err != nil {
		return nil, err
	}
	if q.Round, err = roundOf(ctx, st, cb, q.Round); err != nil {
		return nil, err
	}
	if own == nil && !slices.Contains([]string{"", "all"}, strings.ToLower(strings.TrimSpace(q.Group))) {
		return nil, &model.Problem{Code: "municipality-needed", Message: "Vælg den kommune, som skal sammenlignes med dem, der ligner den, eller sammenlign alle kommuner."}
	}
	g, err := groupOf(cb, own, q.Round, q.Group)
	if err != nil {
		return nil, err
	}
	if err := checkWeeks(q.Weeks); err != nil {
		return nil, err
	}
	first, last := daysOf(q.Round, q.Weeks)
	profiles, err := st.Profiles(ctx, first, last)
	if err != nil {
		return nil, err
	}
	everyone, members := membersIn(cb, g, q.Round, profiles)
	p := &Standings{Round: q.Round, Group: g.title, How: g.how}
	m, err := p.choose(cb, q.Measure, everyone)
	if err != nil {
		return nil, err
	}
	p.rank(m, g, members)
	basis, err := basisOf(ctx, st, cb, q.Round, q.Weeks, 0)
	if err != nil {
		return nil, err
	}
	for i := range p.Lines {
		p.Lines[i].Provisional = slices.Contains(basis.Provisional, p.Lines[i].Municipality.Code)
	}
	p.notes(m, q.Round, g)
	if q.Weeks == primaryWeek {
		p.Notes = append(p.Notes, primaryNote(q.Round))
	}
	p.Notes = append(p.Notes, basis.Notes(cb)...)
	return p, nil
}

// membersIn is everybody who has contacts, and those of them who are in the group.
func membersIn(cb *model.Codebook, g group, round model.Round, profiles []queries.Profile) (everyone, members []*member) {
	for _, profile := range profiles {
		m := cb.Municipality(profile.Municipality)
		if m == nil || profile.Total == 0 {
			continue
		}
		n, _ := m.PopulationOn(round.First)
		x := &member{Profile: profile, municipality: m, population: int64(n)}
		everyone = append(everyone, x)
		if slices.Contains(g.members, m) {
			members = append(members, x)
		}
	}
	return everyone, members
}

// choose finds the measure and lists the others. One that nobody used in this round can still be asked for: a bookmark from
// another round must not break.
func (p *Standings) choose(cb *model.Codebook, name string, everyone []*member) (measure, error) {
	if name == "" {
		name = digitalShareMeasure
	}
	used := append(keyMeasures(cb, p.Round.Edition), codeMeasures(cb, everyone)...)
	all := append(keyMeasures(cb, p.Round.Edition), codeMeasures(cb, nil)...)
	at := slices.IndexFunc(all, func(m measure) bool { return m.name == name })
	if at < 0 {
		return measure{}, &model.Problem{Code: "measure-unknown", Message: fmt.Sprintf("Målet %q kendes ikke. Vælg et fra listen, fx %s.", name, digitalShareMeasure)}
	}
	for _, m := range used {
		p.Measures = append(p.Measures, m.public())
	}
	p.Measure = all[at].public()
	if !slices.Contains(p.Measures, p.Measure) {
		p.Measures = append(p.Measures, p.Measure)
	}
	return all[at], nil
}

func (m measure) public() Measure { return Measure{m.name, m.area, m.label, m.unit, m.how} }

// rank places the group's municipalities.
func (p *Standings) rank(m measure, g group, members []*member) {
	value, contacts := map[*model.Municipality]float64{}, map[*model.Municipality]int64{}
	var ratios []ratio
	var values []float64
	for _, x := range members {
		contacts[x.municipality] = x.Total
		r := m.of(x)
		ratios = append(ratios, r)
		if v, ok := r.value(); ok {
			value[x.municipality] = v
			values = append(values, v)
		}
	}
	c := compare(nil, ratios)
	p.N, p.Median, p.Weighted = c.n, c.median, c.weighted
	for _, one := range g.members {
		line := Standing{Municipality: one}
		if n, ok := contacts[one]; ok {
			line.Contacts = n
		}
		if v, ok := value[one]; ok {
			line.Value, line.Rank = v, Rank(values, v)
			for _, other := range values {
				if other == v {
					line.Tied++
				}
			}
		}
		p.Lines = append(p.Lines, line)
	}
	sort.SliceStable(p.Lines, func(i, j int) bool { // members are in the order of codes
		a, okA := p.Lines[i].Rank.(int64)
		b, okB := p.Lines[j].Rank.(int64)
		if okA != okB {
			return okA
		}
		return a < b
	})
}

func (p *Standings) notes(m measure, round model.Round, g group) {
	p.Notes = append(p.Notes, "Mål: "+m.label+". "+m.how, "Sammenlignet med: "+g.title+". "+g.how,
		"Plads 1 har den højeste værdi; kommuner med samme værdi deler plads (1, 2, 2, 4). Pladsen er ingen karakter.",
		"Kommuner uden henvendelser i runden er ikke rangeret og står sidst med "+model.Missing+".")
	if m.unit != Per1000 {
		return
	}
	var quarters []string
	for _, one := range g.members {
		if n, quarter := one.PopulationOn(round.First); n > 0 && !slices.Contains(quarters, quarter) {
			quarters = append(quarters, quarter)
		}
	}
	if slices.Sort(quarters); len(quarters) > 0 {
		p.Notes = append(p.Notes, fmt.Sprintf("Kilde til folketal: Danmarks Statistik, tabel FOLK1A, %s.", listText(quarters)))
	}
}

// Report is the ranking as a table that every output can write.
func (p *Standings) Report() *Report {
	r := &Report{Name: "rankings", Title: "Rangliste: " + p.Measure.Label, Round: p.Round, Notes: p.Notes,
		Columns: []Column{{Name: "rank", Label: "Plads", Unit: Number}, {Name: "code", Label: "Kode", Unit: Text}, {Name: "label", Label: "Kommune", Unit: Text},
			{Name: "region", Label: "Region", Unit: Text}, {Name: "value", Label: p.Measure.Label, Unit: p.Measure.Unit},
			{Name: "tied", Label: "Deler plads med", Unit: Number}, {Name: "n", Label: "Ud af", Unit: Number}, contactsColumn, {Name: "status", Label: "Status", Unit: Text}}}
	for _, l := range p.Lines {
		row := []any{l.Rank, l.Municipality.CodeText(), l.Municipality.Name, l.Municipality.Region, l.Value, nil, nil, l.Contacts, nil}
		if l.Rank != nil {
			row[5], row[6] = int64(l.Tied-1), int64(p.N)
		}
		switch {
		case l.Provisional:
			row[8] = "foreløbig"
		case l.Contacts != nil:
			row[8] = "godkendt"
		}
		r.Rows = append(r.Rows, row)
	}
	return r
}
