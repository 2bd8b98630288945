package reports

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"komhen/model"
	"komhen/queries"
)

// Dækningsgrad (codebook §7): the part that the counted contacts make of all contacts, by channel. Counts and totals are of different
// accounts: they are divided where their periods are the same to the day, and never added up.

const (
	compared      = "sammenlignet"
	notComparable = "ikke sammenlignelig"
	overTotal     = "fejl: over 100 %"
)

const coverageNote = "Dækningsgraden er de talte henvendelser delt med kommunens total-tal for samme kanal og præcis samme periode, her %s. Er perioden en anden, står der »" + notComparable + "«."

var totalsNotes = []string{
	"Total-tal er kommunernes egne opgørelser, hvor kun interne henvendelser og spam er trukket fra. De bliver aldrig lagt sammen med talte henvendelser.",
	"Hjemmesiden har et hovedtal for besøg og intet total-tal, så den har ingen dækningsgrad.",
}

// covered is a channel of one municipality: what was counted, and the total that comes nearest.
type covered struct {
	contacts int64
	total    *model.Total
	match    bool // the total is of the very period that was counted
}

func (c covered) over() bool { return c.match && c.contacts > c.total.Count }

// coverage has a row for each channel with contacts or a total.
func coverage(ctx context.Context, j *job) error {
	found, err := j.covered(ctx)
	if err != nil {
		return err
	}
	period := model.Period{First: j.first, Last: j.last}
	if j.Municipality != nil {
		own := found[j.Municipality.Code]
		j.ownCoverage(own)
		j.Notes = append(j.Notes, fmt.Sprintf(coverageNote, period))
		if err := j.silentWeeks(ctx, own); err != nil {
			return err
		}
		if err := j.siteVisits(ctx, period); err != nil {
			return err
		}
	} else {
		j.nationalCoverage(found)
		j.Notes = append(j.Notes, fmt.Sprintf(coverageNote, period),
			"Med i delingen er kun de kommuner og kanaler, hvor perioderne passer; kolonnen Heraf sammenlignet er deres henvendelser.")
	}
	j.Notes = append(j.Notes, totalsNotes...)
	return nil
}

// covered gathers what is counted and declared, by municipality and channel.
func (j *job) covered(ctx context.Context) (map[uint16]map[uint8]covered, error) {
	counts, err := j.st.ContactsByMunicipality(ctx, j.filter)
	if err != nil {
		return nil, err
	}
	totals, err := queries.Standing[model.Total](ctx, j.st, queries.RecordFilter{Kind: model.RecordTotal, Municipality: j.q.Municipality})
	if err != nil {
		return nil, err
	}
	found := map[uint16]map[uint8]covered{}
	of := func(municipality uint16) map[uint8]covered {
		if found[municipality] == nil {
			found[municipality] = map[uint8]covered{}
		}
		return found[municipality]
	}
	for _, c := range counts {
		list := of(c.Municipality)
		x := list[c.Channel]
		x.contacts += c.Contacts
		list[c.Channel] = x
	}
	period := model.Period{First: j.first, Last: j.last}
	for _, t := range totals {
		id := j.cb.ChannelID(t.Value.Channel)
		if id == 0 || nearness(t.Value.Period, period) == 0 {
			continue
		}
		list := of(t.Municipality)
		x := list[id]
		if x.total == nil || nearer(t.Value, *x.total, period) {
			x.total, x.match = &t.Value, t.Value.Period == period
			list[id] = x
		}
	}
	return found, nil
}

// nearness is 3 for the same period, 2 for one that shares a day with it, 1 for one that ends in its year, and else 0.
func nearness(p, period model.Period) int {
	switch {
	case p == period:
		return 3
	case p.Meets(period):
		return 2
	case p.Last.Year() == period.Last.Year():
		return 1
	}
	return 0
}

// nearer tells whether a total has more to do with a period than another: the shorter one of two that are equally near.
func nearer(a, b model.Total, period model.Period) bool {
	if x, y := nearness(a.Period, period), nearness(b.Period, period); x != y {
		return x > y
	}
	if a.Period.Days() != b.Period.Days() {
		return a.Period.Days() < b.Period.Days()
	}
	return a.Period.Last > b.Period.Last
}

// channelRows are the channels that some municipality has contacts or a total of, in the codebook's order; codes it does not know last.
func (j *job) channelRows(lists ...map[uint8]covered) (ids []uint8) {
	seen := map[uint8]bool{}
	for _, list := range lists {
		for id := range list {
			seen[id] = true
		}
	}
	for _, ch := range j.cb.Channels {
		if seen[ch.ID] {
			ids = append(ids, ch.ID)
			delete(seen, ch.ID)
		}
	}
	return append(ids, slices.Sorted(maps.Keys(seen))...)
}

func (j *job) channelNames(id uint8) (code, label string) {
	if ch := j.cb.Channel(id); ch != nil {
		return ch.Code, ch.Label
	}
	return fmt.Sprint(id), "Ukendt kode"
}

var (
	countedColumn = Column{Name: "contacts", Label: "Talte henvendelser", Unit: Count}
	totalColumn   = Column{Name: "total", Label: "Total-tal", Unit: Number}
	endColumns    = []Column{{Name: "coverage", Label: "Dækningsgrad", Unit: Share}, {Name: "status", Label: "Tilstand", Unit: Text}, {Name: "remark", Label: "Bemærkning", Unit: Text}}
)

func (j *job) ownCoverage(list map[uint8]covered) {
	j.Columns = append([]Column{{Name: "code", Label: "Kode", Unit: Text}, {Name: "label", Label: "Kanal", Unit: Text}, countedColumn, totalColumn,
		{Name: "from", Label: "Total-tal fra", Unit: Day}, {Name: "to", Label: "Total-tal til", Unit: Day}}, endColumns...)
	var over []string
	for _, id := range j.channelRows(list) {
		x := list[id]
		code, label := j.channelNames(id)
		row := []any{code, label, x.contacts, nil, nil, nil, nil, notComparable, "intet total-tal"}
		if code == model.WebsiteChannel {
			row[8] = "kun hovedtal for besøg"
		}
		if x.total != nil {
			row[3], row[4], row[5], row[8] = x.total.Count, x.total.Period.First, x.total.Period.Last, "total-tallet er for en anden periode"
		}
		if x.match {
			row[6], row[7], row[8] = share(x.contacts, x.total.Count), compared, ""
		}
		if x.over() {
			row[7], row[8] = overTotal, "talt er mere end total-tallet"
			over = append(over, fmt.Sprintf("%s (%s af %s)", label, model.FormatInt(x.contacts), model.FormatInt(x.total.Count)))
		}
		j.Rows = append(j.Rows, row)
	}
	j.overNote(over)
}

func (j *job) overNote(over []string) {
	if len(over) > 0 {
		j.Notes = append(j.Notes, fmt.Sprintf("Fejl: der er talt flere henvendelser, end total-tallet siger, at der var: %s. Se efter, om et system mangler i total-tallet, eller om noget er talt to gange.", listText(over)))
	}
}

func (j *job) nationalCoverage(found map[uint16]map[uint8]covered) {
	j.Columns = append([]Column{{Name: "code", Label: "Kode", Unit: Text}, {Name: "label", Label: "Kanal", Unit: Text}, countedColumn,
		{Name: "municipalities", Label: "Kommuner sammenlignet", Unit: Number}, {Name: "compared", Label: "Heraf sammenlignet", Unit: Count}, totalColumn}, endColumns...)
	var over []string
	codes := slices.Sorted(maps.Keys(found))
	for _, id := range j.channelRows(slices.Collect(maps.Values(found))...) {
		var contacts, part, total, declared, municipalities int64
		var tooMany []uint16
		for _, m := range codes {
			x, there := found[m][id]
			if contacts += x.contacts; there && x.total != nil {
				declared++
			}
			if !x.match {
				continue
			}
			municipalities++
			part, total = part+x.contacts, total+x.total.Count
			if x.over() {
				tooMany = append(tooMany, m)
			}
		}
		code, label := j.channelNames(id)
		row := []any{code, label, contacts, municipalities, nil, nil, nil, notComparable, "intet total-tal"}
		if code == model.WebsiteChannel {
			row[8] = "kun hovedtal for besøg"
		}
		if declared > 0 {
			row[8] = "total-tallene er for andre perioder"
		}
		if municipalities > 0 {
			row[4], row[5], row[6], row[7], row[8] = part, total, share(part, total), compared, ""
		}
		if len(tooMany) > 0 {
			row[7], row[8] = overTotal, fmt.Sprintf("%s over 100 %%", municipalitiesText(len(tooMany)))
			over = append(over, fmt.Sprintf("%s i %s", label, namesOf(j.cb, tooMany)))
		}
		j.Rows = append(j.Rows, row)
	}
	j.overNote(over)
}

func municipalitiesText(n int) string {
	if n == 1 {
		return "1 kommune"
	}
	return fmt.Sprintf("%s kommuner", model.FormatInt(int64(n)))
}

// silentWeeks tells of weeks that a total covers, and nobody counted in.
func (j *job) silentWeeks(ctx context.Context, list map[uint8]covered) error {
	if !slices.ContainsFunc(slices.Collect(maps.Values(list)), func(x covered) bool { return x.match && x.contacts > 0 }) {
		return nil
	}
	counts, err := j.st.ContactsByDay(ctx, j.filter)
	if err != nil {
		return err
	}
	var weeks []int
	for monday := j.first; monday <= j.last; monday += 7 {
		if !slices.ContainsFunc(counts, func(c queries.DayCount) bool { return c.Day >= monday && c.Day <= monday+6 && c.Contacts > 0 }) {
			_, week := monday.ISOWeek()
			weeks = append(weeks, week)
		}
	}
	if len(weeks) > 0 {
		j.Notes = append(j.Notes, fmt.Sprintf("Bemærk: der er ingen henvendelser i %s, men total-tallene er også for den tid. Har I kun talt den primære uge, så se rapporten for den alene, og indmeld et total-tal for den.", weeksText(weeks)))
	}
	return nil
}

// siteVisits names the head figures that have to do with the period; they are not divided by.
func (j *job) siteVisits(ctx context.Context, period model.Period) error {
	list, err := queries.Standing[model.SiteVisits](ctx, j.st, queries.RecordFilter{Kind: model.RecordSiteVisits, Municipality: j.q.Municipality})
	if err != nil {
		return err
	}
	for _, v := range list {
		if nearness(v.Value.Period, period) > 0 {
			j.Notes = append(j.Notes, fmt.Sprintf("Hjemmesidens hovedtal: %s besøg %s. Det er besøg og ikke henvendelser.", model.FormatInt(v.Value.Count), v.Value.Period))
		}
	}
	return nil
}
