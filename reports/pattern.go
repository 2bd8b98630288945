package reports

import (
	"komhen/model"
	"komhen/model/holidays"
)

// When a unit is silent (the rule is ours, there is none in the seeds). A unit is judged by its habit: the open days of the weeks that it
// counted in the latest of the two rounds before this one in which it counted at all. Of those days the ones of the same weekday are
// compared; where there is none, all of them, if they are at least two. Contacts are expected when at least two of three compared days had
// three or more: with three on average only one day in twenty is without any by chance (Poisson), and a few large mailings are no habit. A week that the unit did not count then is expected only once it has contacts in it now. A unit that counted in
// neither round is judged by its own earlier days in this one, those with contacts and those declared as zero, in weeks that it has begun.
// Silence is never evidence, or a unit that stays silent would after a while be expected to. Channels are judged likewise, each for itself.
// On a closed day, or one that is not over, nothing is expected.
const (
	habitRounds = 2 // how many rounds back
	habitLeast  = 3 // contacts on a compared day
)

// SilenceRule is the rule for people, shown wherever something is called silent.
const SilenceRule = "Tavs er en arbejdsdag, der er slut uden henvendelser, selv om enheden plejer at have dem. Vi ser på den seneste af de to foregående runder, " +
	"som enheden talte i: var der mindst tre henvendelser på mindst to ud af tre af de samme ugedage, så venter vi nogen nu. " +
	"En uge, enheden ikke talte sidst, venter vi først noget fra, når den er begyndt på ugen. Er det enhedens første runde, ser vi på dens egne tidligere dage i runden. " +
	"Hver kanal bliver bedømt for sig på samme måde."

// dayCounts is the contacts of a day.
type dayCounts map[model.Date]int64

// unitHistory is what a unit brought in this round and in the rounds that it is judged by.
type unitHistory struct {
	all      dayCounts
	channels map[uint8]dayCounts
}

func newHistory() *unitHistory {
	return &unitHistory{dayCounts{}, map[uint8]dayCounts{}}
}

func (h *unitHistory) add(d model.Date, channel uint8, n int64) {
	h.all[d] += n
	if h.channels[channel] == nil {
		h.channels[channel] = dayCounts{}
	}
	h.channels[channel][d] += n
}

// calendar remembers which days are closed.
type calendar map[model.Date]string

func (c calendar) closed(d model.Date) string {
	why, known := c[d]
	if !known {
		why = holidays.Closed(d)
		c[d] = why
	}
	return why
}

// habit is what a unit is judged by. Nothing is expected of one without days.
type habit struct {
	days  []model.Date // compared with, oldest first
	weeks map[int]bool // of the round, from 0, that the unit counted then
	here  bool         // the days are of this round: only earlier ones are compared with
	round model.Round
	all   dayCounts
}

// habitOf finds what a unit is judged by. earlier are the rounds before this one, the latest first; zero tells which of its days are
// declared as zero.
func habitOf(h *unitHistory, round model.Round, earlier []model.Round, days calendar, zero func(model.Date) bool) habit {
	for _, r := range earlier {
		if found := (habit{weeks: map[int]bool{}, round: round, all: h.all}); found.learn(h, r, days) {
			return found
		}
	}
	found := habit{here: true, round: round, all: h.all}
	for d := round.First; d <= round.Last; d++ {
		if days.closed(d) == "" && (h.all[d] > 0 || zero(d)) {
			found.days = append(found.days, d)
		}
	}
	return found
}

// learn takes the weeks of an earlier round that the unit counted.
func (b *habit) learn(h *unitHistory, r model.Round, days calendar) bool {
	for monday := mondayOf(r.First); monday <= r.Last; monday += 7 {
		if !countsIn(h.all, max(monday, r.First), min(monday+6, r.Last)) {
			continue
		}
		b.weeks[int(monday-mondayOf(r.First))/7] = true
		for d := max(monday, r.First); d <= min(monday+6, r.Last); d++ {
			if days.closed(d) == "" {
				b.days = append(b.days, d)
			}
		}
	}
	return len(b.days) > 0
}

func countsIn(counts dayCounts, first, last model.Date) bool {
	for d := first; d <= last; d++ {
		if counts[d] > 0 {
			return true
		}
	}
	return false
}

// mondayOf is the first day of a day's week. 1970-01-05, day 4, was one.
func mondayOf(d model.Date) model.Date { return d - ((d-4)%7+7)%7 }

// expects tells whether contacts of a kind are expected on an open day: all of the unit's, or those of a channel.
func (b habit) expects(d model.Date, of dayCounts) bool {
	if monday := mondayOf(d); !b.weeks[int(monday-mondayOf(b.round.First))/7] && !countsIn(b.all, monday, monday+6) {
		return false
	}
	var same, other tally
	for _, e := range b.days {
		if b.here && e >= d {
			break
		}
		if e.Weekday() == d.Weekday() {
			same.add(of[e])
		} else {
			other.add(of[e])
		}
	}
	if same.days > 0 {
		return same.usual()
	}
	return other.days >= 2 && other.usual()
}

// tally is how many days there were, and how many of them had enough contacts to be missed.
type tally struct{ days, enough int }

func (t *tally) add(n int64) {
	t.days++
	if n >= habitLeast {
		t.enough++
	}
}

func (t tally) usual() bool { return 3*t.enough >= 2*t.days }

// habitsFrom are the rounds that units of a round are judged by, the latest first.
func habitsFrom(cb *model.Codebook, round model.Round) (earlier []model.Round) {
	all := roundsUntil(cb, round)
	for i := len(all) - 2; i >= 0 && len(earlier) < habitRounds; i-- {
		earlier = append(earlier, all[i])
	}
	return earlier
}
