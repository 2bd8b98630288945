package reports

import (
	"context"
	"fmt"
	"sort"

	"komhen/model"
)

// units is a municipality's own figures; Run refuses it without one.
func units(ctx context.Context, j *job) error {
	counts, err := j.st.ContactsByUnit(ctx, j.filter)
	if err != nil {
		return err
	}
	j.Columns = []Column{{Name: "unit", Label: "Enhed", Unit: Text}, contactsColumn, shareColumn}
	var total int64
	for _, c := range counts {
		total += c.Contacts
	}
	sort.SliceStable(counts, func(a, b int) bool { return counts[a].Contacts > counts[b].Contacts })
	var without any
	for _, c := range counts {
		if c.Unit == "" {
			without = c.Contacts
			continue
		}
		j.Rows = append(j.Rows, []any{c.Unit, c.Contacts, share(c.Contacts, total)})
	}
	if n, ok := without.(int64); ok {
		j.Rows = append(j.Rows, []any{notFilledInLabel, n, share(n, total)})
	}
	j.total(total)
	j.Notes = append(j.Notes, "Enheder er kommunens egne og indgår aldrig i tal på tværs af kommuner.")
	return nil
}

// ranking compares all municipalities on two figures. Those without contacts stand last with missing values.
func ranking(ctx context.Context, j *job) error {
	counts, err := j.st.ContactsByMunicipality(ctx, j.filter)
	if err != nil {
		return err
	}
	type line struct {
		code              uint16
		name, region      string
		contacts          int64
		digital           Digital
		digitalShare      any
		per1000           any
		rankShare, rankPM any
	}
	at := map[uint16]*line{}
	var lines []*line
	quarters := map[string]bool{}
	population := map[uint16]int{}
	for _, m := range j.cb.Municipalities {
		l := &line{code: m.Code, name: m.Name, region: m.Region}
		at[m.Code] = l
		lines = append(lines, l)
		n, quarter := m.PopulationOn(j.Round.First)
		if population[m.Code] = n; n > 0 {
			quarters[quarter] = true
		}
	}
	for _, c := range counts {
		l := at[c.Municipality]
		if l == nil {
			l = &line{code: c.Municipality, name: "Ukendt kommune"}
			at[c.Municipality] = l
			lines = append(lines, l)
		}
		l.contacts += c.Contacts
		l.digital.Add(j.cb.Channel(c.Channel), c.Contacts)
	}
	var shares, rates []float64
	for _, l := range lines {
		l.digitalShare = l.digital.Share()
		if n := population[l.code]; n > 0 && l.contacts > 0 {
			l.per1000 = 1000 * float64(l.contacts) / float64(n)
			rates = append(rates, l.per1000.(float64))
		}
		if v, ok := l.digitalShare.(float64); ok {
			shares = append(shares, v)
		}
	}
	for _, l := range lines {
		l.rankShare, l.rankPM = Rank(shares, l.digitalShare), Rank(rates, l.per1000)
	}
	sort.SliceStable(lines, func(a, b int) bool {
		x, y := lines[a], lines[b]
		if (x.contacts > 0) != (y.contacts > 0) {
			return x.contacts > 0
		}
		rx, okx := x.rankShare.(int64)
		ry, oky := y.rankShare.(int64)
		if okx != oky {
			return okx
		}
		if rx != ry {
			return rx < ry
		}
		return x.code < y.code
	})
	j.Columns = []Column{{Name: "code", Label: "Kode", Unit: Text}, {Name: "label", Label: "Kommune", Unit: Text}, {Name: "region", Label: "Region", Unit: Text},
		contactsColumn, {Name: "digital_share", Label: "Digital andel", Unit: Share}, {Name: "digital_rank", Label: "Plads, digital andel", Unit: Number},
		{Name: "digital_n", Label: "Ud af (digital andel)", Unit: Number},
		{Name: "per_1000", Label: "Henvendelser pr. 1.000 indbyggere", Unit: Per1000}, {Name: "per_1000_rank", Label: "Plads, pr. 1.000", Unit: Number},
		{Name: "per_1000_n", Label: "Ud af (pr. 1.000)", Unit: Number}}
	for _, l := range lines {
		row := []any{fmt.Sprint(l.code), l.name, l.region, nil, nil, nil, nil, nil, nil, nil}
		if l.contacts > 0 {
			row[3] = l.contacts
		}
		if l.rankShare != nil {
			row[4], row[5], row[6] = l.digitalShare, l.rankShare, int64(len(shares))
		}
		if l.rankPM != nil {
			row[7], row[8], row[9] = l.per1000, l.rankPM, int64(len(rates))
		}
		j.Rows = append(j.Rows, row)
	}
	j.Notes = append(j.Notes, "Plads 1 har den højeste værdi; kommuner med samme værdi deler plads (1, 2, 2, 4). Pladsen er ingen karakter.",
		"Kommuner uden henvendelser i runden er ikke rangeret og står sidst med "+model.Missing+".", DigitalDefinition)
	var used []string
	for q := range quarters {
		used = append(used, q)
	}
	sort.Strings(used)
	if len(used) > 0 {
		j.Notes = append(j.Notes, fmt.Sprintf("Kilde til folketal: Danmarks Statistik, tabel FOLK1A, %s.", listText(used)))
	}
	return nil
}

// Rank is the place of a value among all, 1 for the highest; equal values share a place (1, 2, 2, 4). A missing value has
// no place.
func Rank(values []float64, value any) any {
	v, ok := value.(float64)
	if !ok {
		return nil
	}
	place := int64(1)
	for _, other := range values {
		if other > v {
			place++
		}
	}
	return place
}
