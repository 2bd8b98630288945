package reports

import (
	"context"
	"fmt"

	"komhen/model"
	"komhen/queries"
)

var monthNames = [...]string{"", "januar", "februar", "marts", "april", "maj", "juni", "juli", "august", "september", "oktober", "november", "december"}

// local shows what a municipality counted outside the rounds, in the year of the round asked for (codebook W01). It is for the
// municipality alone and is part of no other report.
func local(ctx context.Context, j *job) error {
	spring, autumn, err := roundsOf(j.cb, j.Round.Year)
	if err != nil {
		return err
	}
	counts, err := j.st.ContactsOutsideRounds(ctx, j.q.Municipality, spring, autumn)
	if err != nil {
		return err
	}
	j.Columns = []Column{{Name: "month", Label: "Fra", Unit: Day}, {Name: "name", Label: "Måned", Unit: Text}, {Name: "code", Label: "Kode", Unit: Text},
		{Name: "label", Label: "Kanal", Unit: Text}, {Name: "direction", Label: "Retning", Unit: Text}, contactsColumn, shareColumn}
	j.Title = fmt.Sprintf("Lokale tællinger i %d uden for runderne", j.Round.Year)
	var total int64
	for _, c := range counts {
		total += c.Contacts
	}
	for _, c := range counts {
		code, label, direction := fmt.Sprint(c.Channel), "Ukendt kode", ""
		if known := j.cb.Channel(c.Channel); known != nil {
			code, label, direction = known.Code, known.Label, string(known.Direction)
		}
		name := fmt.Sprintf("%s %d", monthNames[c.Month.Month()], c.Month.Year())
		j.Rows = append(j.Rows, []any{c.Month, name, code, label, direction, c.Contacts, share(c.Contacts, total)})
	}
	j.total(total)
	j.Notes = append(j.Notes,
		fmt.Sprintf("Omfatter: %s, %d, uden for runderne (%s – %s og %s – %s). Prøvetællinger er ikke med.", j.Municipality.Name, j.Round.Year, spring.First, spring.Last, autumn.First, autumn.Last),
		"Lokale tællinger er kommunens egne. De indgår ikke i rundernes tal og heller ikke i sammenligninger med andre kommuner.",
		fmt.Sprintf("Kodebog: version %s.", j.cb.Version))
	others, err := localYears(ctx, j.st, j.cb, j.q.Municipality)
	if err != nil {
		return err
	}
	var texts []string
	for _, year := range others {
		if year != j.Round.Year {
			texts = append(texts, fmt.Sprint(year))
		}
	}
	if len(texts) > 0 {
		j.Notes = append(j.Notes, fmt.Sprintf("Der er også lokale tællinger i %s. Vælg en runde i det år for at se dem.", listText(texts)))
	}
	return nil
}

// localYears are the years in which a municipality has contacts outside every round, oldest first.
func localYears(ctx context.Context, st *queries.Store, cb *model.Codebook, municipality uint16) (years []int, err error) {
	days, err := st.DaysWithContacts(ctx, municipality)
	for _, d := range days {
		if n := len(years); n > 0 && years[n-1] == d.Year() {
			continue
		}
		if _, in := cb.RoundOn(d); !in {
			years = append(years, d.Year())
		}
	}
	return years, err
}

// localRound is the round asked for, or else one of the latest year with local counts; without any it is as for every report.
func localRound(ctx context.Context, st *queries.Store, cb *model.Codebook, q Query) (model.Round, error) {
	if q.Round.Name == "" {
		years, err := localYears(ctx, st, cb, q.Municipality)
		if err != nil {
			return q.Round, err
		}
		for i := len(years) - 1; i >= 0; i-- {
			if r, err := cb.Round(fmt.Sprintf("%04dE", years[i])); err == nil {
				return r, nil
			}
		}
	}
	return roundOf(ctx, st, cb, q.Round)
}
