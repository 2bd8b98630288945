package reports

import (
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"

	"komhen/model"
)

// nearest is how many municipalities the group "size" compares with, besides the municipality itself.
const nearest = 20

// group is the municipalities that one is compared with; it is always a member itself.
type group struct {
	title   string // "Alle 98 kommuner"
	how     string // how it was made, for the front page
	short   string // "alle kommuner", for titles and headers
	members []*model.Municipality
}

// groupOf finds the comparison group: all, region, size, or codes with commas between.
func groupOf(cb *model.Codebook, own *model.Municipality, round model.Round, spec string) (group, error) {
	all := make([]*model.Municipality, 0, len(cb.Municipalities))
	for i := range cb.Municipalities {
		all = append(all, &cb.Municipalities[i])
	}
	sort.Slice(all, func(i, j int) bool { return all[i].Code < all[j].Code })
	var g group
	switch strings.ToLower(strings.TrimSpace(spec)) {
	case "", "all":
		g = group{short: "alle kommuner", members: all, how: "Alle kommuner i landet."}
		g.title = fmt.Sprintf("Alle %d kommuner", len(all))
	case "region":
		for _, m := range all {
			if m.Region == own.Region {
				g.members = append(g.members, m)
			}
		}
		g.title, g.short = "Kommunerne i Region "+own.Region, "Region "+own.Region
		g.how = "Alle kommuner i samme region."
	case "size":
		others := slices.DeleteFunc(slices.Clone(all), func(m *model.Municipality) bool { return m == own })
		size, quarter := own.PopulationOn(round.First)
		away := func(m *model.Municipality) int {
			n, _ := m.PopulationOn(round.First)
			return max(n-size, size-n)
		}
		sort.SliceStable(others, func(i, j int) bool { return away(others[i]) < away(others[j]) })
		g.members = append(others[:min(nearest, len(others))], own)
		g.title, g.short = fmt.Sprintf("%s og de %d kommuner nærmest i folketal", own.Name, len(g.members)-1), "kommunerne nærmest i folketal"
		g.how = fmt.Sprintf("De %d kommuner med mindst forskel i folketal (%s) og kommunen selv. Afgrænsningen er vores egen.", len(g.members)-1, quarterText(quarter))
	default:
		g.members = append(g.members, own)
		for _, text := range strings.Split(spec, ",") {
			code, err := strconv.ParseUint(strings.TrimSpace(text), 10, 16)
			m := cb.Municipality(uint16(code))
			if err != nil || m == nil {
				return group{}, &model.Problem{Code: "group-unknown", Message: fmt.Sprintf("Sammenligningsgruppen %q kendes ikke. Skriv all, region, size eller kommunekoder med komma imellem, fx 101,147,151.", spec)}
			}
			if !slices.Contains(g.members, m) {
				g.members = append(g.members, m)
			}
		}
		g.title, g.short = fmt.Sprintf("%s og %d valgte kommuner", own.Name, len(g.members)-1), "de valgte kommuner"
		if len(g.members) == 1 {
			g.title, g.short = own.Name+" alene", "kommunen selv"
		}
		g.how = "Udvalgt med kommunekoder; kommunen selv er altid med."
	}
	sort.Slice(g.members, func(i, j int) bool { return g.members[i].Code < g.members[j].Code })
	return g, nil
}

// quarterText writes 2012K1 for people: "1. kvartal 2012".
func quarterText(quarter string) string {
	if year, n, ok := strings.Cut(quarter, "K"); ok {
		return n + ". kvartal " + year
	}
	return quarter
}
