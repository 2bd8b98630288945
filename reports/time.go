package reports

import (
	"context"
	"slices"
	"time"

	"komhen/model"
	"komhen/queries"
)

var weekdays = map[time.Weekday]string{
	time.Monday: "mandag", time.Tuesday: "tirsdag", time.Wednesday: "onsdag", time.Thursday: "torsdag",
	time.Friday: "fredag", time.Saturday: "lørdag", time.Sunday: "søndag",
}

// days has a row for every day of the period; a day without contacts is a zero.
func days(ctx context.Context, j *job) error {
	counts, err := j.st.ContactsByDay(ctx, j.filter)
	if err != nil {
		return err
	}
	contacts := map[model.Date]int64{}
	var total int64
	for _, c := range counts {
		contacts[c.Day] += c.Contacts
		total += c.Contacts
	}
	j.Columns = []Column{{Name: "date", Label: "Dato", Unit: Day}, {Name: "weekday", Label: "Ugedag", Unit: Text},
		{Name: "week", Label: "Uge", Unit: Number}, contactsColumn, shareColumn}
	for d := j.first; d <= j.last; d++ {
		_, week := d.ISOWeek()
		j.Rows = append(j.Rows, []any{d, weekdays[d.Weekday()], int64(week), contacts[d], share(contacts[d], total)})
	}
	j.total(total)
	return nil
}

// trend has a row for each round up to the one asked for, from the first that has contacts. A round without contacts has
// missing values: nobody counted, which is not a zero.
func trend(ctx context.Context, j *job) error {
	rounds := roundsUntil(j.cb, j.Round)
	counts, err := j.st.ContactsByWeek(ctx, queries.Filter{Municipality: j.q.Municipality, From: rounds[0].First, To: j.Round.Last})
	if err != nil {
		return err
	}
	figures := make([]roundFigures, len(rounds))
	at := 0
	for _, c := range counts { // both are in the order of time
		for at < len(rounds)-1 && c.Week > rounds[at].Last {
			at++
		}
		r := rounds[at]
		first, last := daysOf(r, j.q.Weeks)
		if c.Week < first || c.Week > last || !j.picks(r, c.Type) {
			continue
		}
		f := &figures[at]
		f.contacts += c.Contacts
		f.digital.Add(j.cb.Channel(c.Channel), c.Contacts)
		f.transactions.Add(j.cb.Type(c.Type), r.Edition, c.Contacts)
	}
	j.Columns = []Column{{Name: "round", Label: "Runde", Unit: Text}, {Name: "label", Label: "Periode", Unit: Text}, contactsColumn,
		{Name: "change", Label: "Ændring", Unit: ChangeCount}, {Name: "change_share", Label: "Ændring i procent", Unit: Share},
		{Name: "digital_share", Label: "Digital andel", Unit: Share}, {Name: "transaction_share", Label: "Transaktioners andel", Unit: Share}}
	var before int64
	for i, f := range figures {
		row := []any{rounds[i].Name, rounds[i].Title(), nil, nil, nil, nil, nil}
		if f.contacts > 0 {
			row[2], row[5], row[6] = f.contacts, f.digital.Share(), f.transactions.Share()
			if before > 0 {
				row[3], row[4] = f.contacts-before, share(f.contacts-before, before)
			}
			before = f.contacts
		}
		if before > 0 || i == len(figures)-1 {
			j.Rows = append(j.Rows, row)
		}
	}
	if j.q.Weeks == primaryWeek {
		j.Notes = append(j.Notes, "Af hver runde er kun dens egen primære uge med.")
	}
	if typeChoices[j.q.Types] != "" {
		j.Notes = append(j.Notes, "Hvilke typer der er med, følger kodebogens udgave for hver runde; nedenfor står de for den sidste.")
	}
	j.Notes = append(j.Notes, "Ændring er siden den seneste tidligere runde med henvendelser.",
		"En runde uden henvendelser er ikke talt og står som "+model.Missing+".",
		"Hvad tallene bygger på, og hvad der er holdt ude, er oplyst for den sidste runde.", DigitalDefinition, TransactionDefinition)
	return nil
}

// picks tells whether a type is of the kind asked for, by the edition of its own round.
func (j *job) picks(r model.Round, typ uint8) bool {
	types := typesOf(j.cb, r.Edition, j.q.Types)
	return types == nil || slices.Contains(types, typ)
}

type roundFigures struct {
	contacts     int64
	digital      Digital
	transactions Transactions
}

// roundsUntil is every round up to one, which comes last.
func roundsUntil(cb *model.Codebook, last model.Round) []model.Round {
	var rounds []model.Round
	for _, r := range cb.Rounds(last.First) {
		if r.First < last.First {
			rounds = append(rounds, r)
		}
	}
	return append(rounds, last)
}
