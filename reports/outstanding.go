package reports

import (
	"context"
	"fmt"
	"time"

	"komhen/model"
	"komhen/queries"
)

// Outstanding is what a municipality still has to send, mend or say about a round, as it is on a day: the board shows it, and reminders
// are written from it. Danger: it names units, which are the municipality's own.
type Outstanding struct {
	Municipality   *model.Municipality
	Silent         []SilentUnit
	SilentChannels []SilentChannel
	Test           queries.TestCount  // test rows of the round's days; Contacts 0 where there are none
	Tasks          []Task             // obligatory ones without a contact
	State          queries.RoundState // contacts, uploads, rejected rows that are not mended, approval
	Owed           []Missing          // totals and answers
	Missing        []Missing          // all of it in sentences, the most pressing first; empty when all is well
}

// SilentUnit is a unit with days that are silent. Since is the first day of the silence that still lasts, 0 when contacts (or a zero) came
// after it.
type SilentUnit struct {
	Unit  string
	Days  []model.Date
	Since model.Date
}

// SilentChannel is a channel that was silent on days on which its unit had other contacts.
type SilentChannel struct {
	Unit, Channel string // Channel is its name
	Days          []model.Date
}

// OutstandingOf tells what is missing in a municipality's round at a time, for reminders: what Board.Outstanding says.
func OutstandingOf(ctx context.Context, st *queries.Store, cb *model.Codebook, round model.Round, municipality uint16, now time.Time) (*Outstanding, error) {
	b, err := BoardOf(ctx, st, cb, round, municipality, 0, 0, now)
	if err != nil {
		return nil, err
	}
	return &b.Outstanding, nil
}

// Owed is what a municipality owes for a round beside its contacts: the totals of the year and the answers to the round's questions. The
// board, the front page's to-do list and reminders tell it; a Missing of each subject has a code of its own.
func Owed(ctx context.Context, st *queries.Store, cb *model.Codebook, round model.Round, municipality uint16) (all []Missing, err error) {
	for _, owed := range []func(context.Context, *queries.Store, *model.Codebook, model.Round, uint16) ([]Missing, error){TotalsOwed, QuestionsOwed} {
		list, err := owed(ctx, st, cb, round, municipality)
		if err != nil {
			return nil, err
		}
		all = append(all, list...)
	}
	return all, nil
}

func outstandingOf(ctx context.Context, st *queries.Store, cb *model.Codebook, round model.Round, m *model.Municipality, today model.Date, units []BoardUnit) (o Outstanding, err error) {
	o = Outstanding{Municipality: m}
	o.silences(units, today)
	if o.Tasks, err = tasksWithout(ctx, st, cb, round, m.Code); err != nil {
		return o, err
	}
	if o.State, err = stateOf(ctx, st, cb, round, m.Code); err != nil {
		return o, err
	}
	tests, err := st.TestContacts(ctx, queries.RoundFilter(round, m.Code))
	if err != nil {
		return o, err
	}
	for _, t := range tests {
		o.Test = t
	}
	if o.Owed, err = Owed(ctx, st, cb, round, m.Code); err != nil {
		return o, err
	}
	o.say(round, today)
	return o, nil
}

// stateOf is how far a municipality is with a round.
func stateOf(ctx context.Context, st *queries.Store, cb *model.Codebook, round model.Round, municipality uint16) (queries.RoundState, error) {
	states, err := st.RoundStates(ctx, round, nextRound(cb, round).First, municipality)
	if len(states) > 0 {
		return states[0], err
	}
	return queries.RoundState{Municipality: municipality}, err
}

func (o *Outstanding) silences(units []BoardUnit, today model.Date) {
	for _, u := range units {
		silent := SilentUnit{Unit: u.Unit}
		channels := map[string][]model.Date{}
		for _, cell := range u.Cells {
			if cell.Day >= today {
				break // what is declared ahead does not end a silence
			}
			switch cell.State {
			case CellSilent:
				silent.Days = append(silent.Days, cell.Day)
				if silent.Since == 0 {
					silent.Since = cell.Day
				}
			case CellData, CellZero:
				silent.Since = 0
			}
			for _, label := range cell.SilentChannels {
				channels[label] = append(channels[label], cell.Day)
			}
		}
		if len(silent.Days) > 0 {
			o.Silent = append(o.Silent, silent)
		}
		for _, ch := range u.Channels { // in the codebook's order
			if days := channels[ch.Label()]; len(days) > 0 {
				o.SilentChannels = append(o.SilentChannels, SilentChannel{u.Unit, ch.Label(), days})
			}
		}
	}
}

// say puts it into sentences.
func (o *Outstanding) say(round model.Round, today model.Date) {
	o.Missing = append(o.Missing, unmendedText(o.State)...)
	if o.Test.Contacts > 0 {
		o.Missing = append(o.Missing, Missing{Code: "test-rows", Text: fmt.Sprintf("%s fra rundens dage er sendt som prøvetælling, senest fra %s, og tæller ikke med. "+
			"Slå prøvetælling fra i registreringsprogrammet, eller send filen igen uden kryds i »Prøvetælling«.", contactsText(o.Test.Contacts), o.Test.Last)})
	}
	if o.State.Contacts == 0 {
		o.Missing = append(o.Missing, emptyRoundText(round, today)) // every unit is silent then, which need not be said one by one
		o.Missing = append(o.Missing, o.Owed...)
		return
	}
	for _, s := range o.Silent {
		o.Missing = append(o.Missing, Missing{Code: "silent-unit", Text: s.Text(), Unit: s.Unit})
	}
	o.Missing = append(o.Missing, silentChannelTexts(o.SilentChannels)...)
	if n := len(o.Tasks); n > 0 {
		o.Missing = append(o.Missing, tasksWithoutText(n))
	}
	o.Missing = append(o.Missing, o.Owed...)
	o.Missing = append(o.Missing, approvalMissing(o.State, round, today)...)
}

// Text says since when, or on which days.
func (s SilentUnit) Text() string {
	if s.Since == 0 {
		return fmt.Sprintf("%s har ingen henvendelser %s, men plejer at have det. Mangler der en fil, så send den; ellers erklær nul.", s.Unit, daysText(s.Days))
	}
	before := 0
	for before < len(s.Days) && s.Days[before] < s.Since {
		before++
	}
	text := fmt.Sprintf("%s plejer at have henvendelser, men har ingen haft siden %s (%d arbejdsdage). Send filen, eller erklær nul.", s.Unit, dayText(s.Since), len(s.Days)-before)
	if len(s.Days)-before == 1 {
		text = fmt.Sprintf("%s plejer at have henvendelser, men havde ingen %s. Send filen, eller erklær nul.", s.Unit, dayText(s.Since))
	}
	if before > 0 {
		text += fmt.Sprintf(" Der mangler også %s.", daysText(s.Days[:before]))
	}
	return text
}

// silentChannelTexts says it in a sentence for each unit.
func silentChannelTexts(list []SilentChannel) (out []Missing) {
	for i := 0; i < len(list); {
		unit, parts := list[i].Unit, []string{}
		for ; i < len(list) && list[i].Unit == unit; i++ {
			parts = append(parts, fmt.Sprintf("%s (%s)", list[i].Channel, daysText(list[i].Days)))
		}
		out = append(out, Missing{Code: "silent-channel", Unit: unit, Text: fmt.Sprintf("%s har andre henvendelser, men ingen på kanaler, hvor den plejer at have det: %s.", unit, listText(parts))})
	}
	return out
}

// dayText is "tirsdag 24-04-2012".
func dayText(d model.Date) string { return weekdays[d.Weekday()] + " " + d.String() }

// manyDays is how many days a sentence names.
const manyDays = 5

func daysText(days []model.Date) string {
	var texts []string
	for _, d := range days {
		texts = append(texts, dayText(d))
	}
	if len(texts) > manyDays {
		texts = append(texts[:manyDays], fmt.Sprintf("%d dage mere", len(days)-manyDays))
	}
	return listText(texts)
}
