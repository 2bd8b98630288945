package reports

import (
	"context"
	"fmt"
	"sort"
	"strings"
	"time"

	"komhen/model"
	"komhen/model/holidays"
	"komhen/queries"
)

// FrontPage is what a municipality must know at a glance about a round. Figures are contacts.
type FrontPage struct {
	Municipality *model.Municipality
	Round        model.Round

	Contacts   int64
	Channels   []ChannelFigure // those with contacts, most first
	Digital    any             // share as float64, nil when nothing came in; DigitalDefinition
	Latest     *RoundChange    // since the latest earlier round with contacts; nil when there is none
	SameSeason *RoundChange    // since the latest earlier spring (or autumn) round with contacts; nil likewise

	Days                  []DayFigure // every day of the count weeks
	DaysWith, DaysWithout int         // of the days up to today

	Deadline model.Date // the last day that is on time
	DaysLeft int        // from today to it; negative once it is past

	TasksMissing []Task // obligatory tasks without a contact
	State        queries.RoundState
	Missing      []Missing // what is left to do, the most pressing first; empty when all is well
}

// ChannelFigure is the contacts of one channel. Share is of all the contacts, nil of none.
type ChannelFigure struct {
	Code, Label string
	Contacts    int64
	Share       any
}

// RoundChange is what became more (or less) since an earlier round. Share is the change as a part of the earlier figure.
type RoundChange struct {
	Round            model.Round
	Before, Contacts int64 // contacts then, and how many more now
	Share            any
}

// DayFigure is a day of the count weeks. Coming is a day that is not over, Closed why offices are closed on it, Zero that the municipality
// declared that nothing came.
type DayFigure struct {
	Day      model.Date
	Contacts int64
	Coming   bool
	Closed   string
	Zero     bool
}

// Gap tells whether contacts are missing: a working day that is over without any.
func (d DayFigure) Gap() bool { return d.Contacts == 0 && !d.Coming && d.Closed == "" && !d.Zero }

// Task is a task of the codebook.
type Task struct {
	KLE   model.KLE
	Label string
}

// Missing is something that is left to do: a code for machines and a Danish sentence. Upload is the one it is about, or 0; Unit likewise, or
// "".
type Missing struct {
	Code   string
	Text   string
	Upload uint32
	Unit   string
}

// FrontPageOf makes the front page of a municipality as it is at a time. A *model.Problem "municipality-unknown" means that the
// question was wrong. All figures are of one moment.
func FrontPageOf(ctx context.Context, st *queries.Store, cb *model.Codebook, round model.Round, municipality uint16, now time.Time) (p *FrontPage, err error) {
	if round.Edition == "" {
		round.Edition = cb.EditionOf(round)
	}
	p = &FrontPage{Round: round, Deadline: round.DataDeadline, DaysLeft: int(round.DataDeadline - model.DateOf(now))}
	if p.Municipality, err = municipalityOf(cb, municipality); err != nil {
		return nil, err
	}
	if p.Municipality == nil {
		return nil, &model.Problem{Code: "municipality-unknown", Message: "Forsiden er en kommunes egen. Angiv kommunen, fx 259."}
	}
	err = st.Snapshot(ctx, func(ctx context.Context) error {
		if err := p.channels(ctx, st, cb); err != nil {
			return err
		}
		if err := p.days(ctx, st, cb, model.DateOf(now)); err != nil {
			return err
		}
		if p.TasksMissing, err = tasksWithout(ctx, st, cb, round, municipality); err != nil {
			return err
		}
		p.State, err = stateOf(ctx, st, cb, round, municipality)
		return err
	})
	if err != nil {
		return nil, err
	}
	p.missing(model.DateOf(now))
	return p, nil
}

// nextRound is the round that follows.
func nextRound(cb *model.Codebook, r model.Round) model.Round {
	name := fmt.Sprintf("%04dE", r.Year)
	if strings.HasSuffix(r.Name, "E") {
		name = fmt.Sprintf("%04dF", r.Year+1)
	}
	next, err := cb.Round(name)
	if err != nil { // beyond the last year that has rounds
		next.First = r.Last + 200
	}
	return next
}

func (p *FrontPage) channels(ctx context.Context, st *queries.Store, cb *model.Codebook) error {
	counts, err := st.ContactsByChannel(ctx, queries.RoundFilter(p.Round, p.Municipality.Code))
	if err != nil {
		return err
	}
	var digital Digital
	for _, c := range counts {
		p.Contacts += c.Contacts
		digital.Add(cb.Channel(c.Code), c.Contacts)
	}
	for _, c := range counts {
		f := ChannelFigure{Code: fmt.Sprint(c.Code), Label: "Ukendt kode", Contacts: c.Contacts, Share: share(c.Contacts, p.Contacts)}
		if known := cb.Channel(c.Code); known != nil {
			f.Code, f.Label = known.Code, known.Label
		}
		p.Channels = append(p.Channels, f)
	}
	sort.SliceStable(p.Channels, func(a, b int) bool { return p.Channels[a].Contacts > p.Channels[b].Contacts })
	p.Digital = digital.Share()
	return nil
}

// days reads the municipality day by day from the first round on: the days of this round, and the sums of earlier ones.
func (p *FrontPage) days(ctx context.Context, st *queries.Store, cb *model.Codebook, today model.Date) error {
	rounds := roundsUntil(cb, p.Round)
	counts, err := st.ContactsByDay(ctx, queries.Filter{Municipality: p.Municipality.Code, From: rounds[0].First, To: p.Round.Last})
	if err != nil {
		return err
	}
	contacts, sums := map[model.Date]int64{}, make([]int64, len(rounds))
	at := 0
	for _, c := range counts { // both are in the order of time
		for at < len(rounds)-1 && c.Day > rounds[at].Last {
			at++
		}
		if rounds[at].Contains(c.Day) {
			sums[at] += c.Contacts
			contacts[c.Day] = c.Contacts
		}
	}
	declared, err := st.Records(ctx, queries.RecordFilter{Kind: model.RecordZero, Municipality: p.Municipality.Code})
	if err != nil {
		return err
	}
	zero := map[string]bool{}
	for _, r := range declared {
		zero[r.Key] = true
	}
	for d := p.Round.First; d <= p.Round.Last; d++ {
		f := DayFigure{Day: d, Contacts: contacts[d], Coming: d >= today, Closed: holidays.Closed(d), Zero: zero[model.Zero{Day: d}.Key()]}
		switch {
		case f.Contacts > 0:
			p.DaysWith++
		case !f.Coming:
			p.DaysWithout++
		}
		p.Days = append(p.Days, f)
	}
	for i, r := range rounds[:len(rounds)-1] {
		if sums[i] == 0 || p.Contacts == 0 {
			continue
		}
		change := &RoundChange{Round: r, Before: sums[i], Contacts: p.Contacts - sums[i], Share: share(p.Contacts-sums[i], sums[i])}
		p.Latest = change
		if r.Name[len(r.Name)-1] == p.Round.Name[len(p.Round.Name)-1] {
			p.SameSeason = change
		}
	}
	return nil
}

// tasksWithout are the obligatory tasks of a municipality's round without a contact.
func tasksWithout(ctx context.Context, st *queries.Store, cb *model.Codebook, round model.Round, municipality uint16) (list []Task, err error) {
	counts, err := st.ContactsBySubject(ctx, queries.RoundFilter(round, municipality))
	if err != nil {
		return nil, err
	}
	counted := map[model.KLE]bool{}
	for _, c := range counts {
		counted[c.Subject] = true
	}
	for _, s := range cb.Subjects {
		if s.Packages[round.Edition] == model.Obligatory && !counted[s.KLE] {
			list = append(list, Task{s.KLE, s.Label})
		}
	}
	return list, nil
}

// missing says what is left to do.
func (p *FrontPage) missing(today model.Date) {
	p.Missing = unmendedText(p.State)
	if p.Contacts == 0 {
		p.Missing = append(p.Missing, emptyRoundText(p.Round, today))
		return
	}
	if days := p.emptyWorkdays(); len(days) > 0 {
		p.Missing = append(p.Missing, Missing{Code: "days-without", Text: fmt.Sprintf("Der er ingen henvendelser på %s. Se efter, om der mangler en fil.", listText(days))})
	}
	if n := len(p.TasksMissing); n > 0 {
		p.Missing = append(p.Missing, tasksWithoutText(n))
	}
	p.Missing = append(p.Missing, approvalMissing(p.State, p.Round, today)...)
}

// unmendedText says of which uploads rejected rows are not mended.
func unmendedText(state queries.RoundState) (list []Missing) {
	for _, u := range state.Unmended {
		list = append(list, Missing{Code: "rejected-rows", Upload: u.Upload,
			Text: fmt.Sprintf("%s i indmelding %d blev afvist og er ikke rettet. Hent rettefilen, ret dem, og indlæs den.", rowsText(u.Rows), u.Upload)})
	}
	return list
}

// emptyRoundText says what to do about a round without contacts.
func emptyRoundText(round model.Round, today model.Date) Missing {
	switch deadline := round.DataDeadline; {
	case today < round.First:
		return Missing{Code: "not-begun", Text: fmt.Sprintf("Runden begynder %s.", round.First)}
	case today <= deadline:
		return Missing{Code: "no-contacts", Text: fmt.Sprintf("Der er ingen henvendelser i runden endnu. Indlæs jeres filer senest %s.", deadline)}
	default:
		return Missing{Code: "no-contacts", Text: fmt.Sprintf("Der er ingen henvendelser i runden, og fristen var %s. Indlæs jeres filer; de tæller med og mærkes »efter frist«.", deadline)}
	}
}

func tasksWithoutText(n int) Missing {
	return Missing{Code: "tasks-without", Text: fmt.Sprintf("%s har ingen henvendelser. Se efter, om de er registreret under et andet nummer.", tasksText(n))}
}

// approvalMissing says that a round that is over is not approved.
func approvalMissing(state queries.RoundState, round model.Round, today model.Date) []Missing {
	if today <= round.Last || state.Approved() {
		return nil
	}
	if a := state.Approval; a != nil && a.ReopenedFor != 0 {
		return []Missing{{Code: "reopened", Upload: a.ReopenedFor,
			Text: fmt.Sprintf("Runden var godkendt, men indmelding %d ændrede tallene %s. Se dem efter, og godkend igen.", a.ReopenedFor, model.DateOf(a.Reopened))}}
	} else if a != nil && (a.First != round.First || a.Last != round.Last) {
		return []Missing{{Code: "round-moved", Text: fmt.Sprintf("Runden var godkendt, men dens dage er ændret til %s – %s. Se tallene efter, og godkend igen.", round.First, round.Last)}}
	}
	return []Missing{{Code: "not-approved", Text: "Tallene er foreløbige, til kommunens tovholder godkender dem."}}
}

// emptyWorkdays are working days that are over and have no contacts, though nobody said that there were none.
func (p *FrontPage) emptyWorkdays() (days []string) {
	for _, d := range p.Days {
		if d.Gap() {
			days = append(days, dayText(d.Day))
		}
	}
	return days
}

func rowsText(n int64) string {
	if n == 1 {
		return "1 række"
	}
	return model.FormatInt(n) + " rækker"
}

func tasksText(n int) string {
	if n == 1 {
		return "1 obligatorisk opgave"
	}
	return fmt.Sprintf("%d obligatoriske opgaver", n)
}
