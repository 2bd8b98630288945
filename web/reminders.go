package web

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"komhen/model"
	"komhen/web/account"
	"komhen/web/post"
	"komhen/web/schedule"
)

// Reminders: at most one letter a day to a person, at seven in the morning in Copenhagen, and only when there is something. A day is one run of the
// schedule's book (job "reminders"), so that a restart or a crash sends nothing twice; what a day could not finish is not sent on another.

// reminderTopic is the job of the runs, and what stops all reminders. One kind of them is stopped by the topic and its name.
const reminderTopic = "reminders"

const reminderHour = 7

// reminder is something that a person should do.
type reminder struct {
	kind string
	Text string // a Danish sentence or two: what, where, what to do
	Link string // what the way there is called
	Href string // below the service's address
	Now  bool   // reason enough for a letter today; the others come along in one
}

// reminderDay is the day that letters are for, and the last day before it on which letters were made, so that nothing that falls in between is lost.
type reminderDay struct{ before, today model.Date }

// weekly tells whether it is the morning for what is said once a week: Monday, or the first one after it.
func (d reminderDay) weekly() bool {
	for day := d.before + 1; day <= d.today; day++ {
		if day.Weekday() == time.Monday {
			return true
		}
	}
	return false
}

// reminderDays are how many days before a deadline there is a reminder (the issue's).
var reminderDays = []model.Date{7, 2, 0}

// reaches tells whether a deadline comes as near today as 7, 2 or 0 days.
func (d reminderDay) reaches(deadline model.Date) bool {
	return deadline != 0 && slices.ContainsFunc(reminderDays, func(left model.Date) bool { return deadline-left > d.before && deadline-left <= d.today })
}

// remind opens and carries out the day's run. It is called with every beat.
func (s *Server) remind(ctx context.Context, now time.Time) error {
	if !s.mails() {
		return nil
	}
	now = now.In(model.Copenhagen)
	today := model.DateOf(now)
	for _, r := range s.schedule.OpenRuns() {
		if r.Job == reminderTopic && model.DateOf(r.Due) != today {
			if err := s.dropReminders(r); err != nil {
				return err
			}
		}
	}
	due := reminderTime(today)
	if now.Before(due) || !due.After(s.schedule.Restored()) {
		return nil
	}
	r, _, err := s.schedule.OpenRun(schedule.Opening{Job: reminderTopic, Due: due, Title: otherTopics[reminderTopic]}, now)
	if err != nil || !r.Open() {
		return err
	}
	return s.sendReminders(ctx, r, reminderDay{s.remindedBefore(r), today})
}

// dropReminders ends a day that is over: the next letter says what still holds, and nobody gets two on a day.
func (s *Server) dropReminders(r schedule.Run) error {
	for _, d := range r.Deliveries {
		if !d.State.Ended() {
			if err := s.schedule.Note(r.ID(), schedule.Step{At: s.now(), What: schedule.Skipped, To: d.To, Why: "Dagen gik, uden at mailen kunne sendes. Den næste siger det samme."}, time.Time{}); err != nil {
				return err
			}
		}
	}
	return s.end(r, schedule.Skipped, "Dagen gik, før alle havde fået deres.")
}

// reminderTime is when a day's letters are due: seven is never skipped or doubled by a change of clocks.
func reminderTime(day model.Date) time.Time {
	t := day.Time()
	return time.Date(t.Year(), t.Month(), t.Day(), reminderHour, 0, 0, 0, model.Copenhagen)
}

// remindedBefore is the last day before a run's on which letters were made to the end.
func (s *Server) remindedBefore(r schedule.Run) model.Date {
	earlier := s.schedule.Runs(1, func(x schedule.Run) bool {
		return x.Job == reminderTopic && x.Due.Before(r.Due) && x.State.Ended() && x.State != schedule.Skipped
	})
	if len(earlier) == 0 {
		return model.DateOf(r.Due) - 1
	}
	return model.DateOf(earlier[0].Due)
}

// sendReminders makes the letters of a day that are not made, sends those that are not sent, and ends the run when nobody waits.
func (s *Server) sendReminders(ctx context.Context, r schedule.Run, day reminderDay) error {
	if s.scheduler.reminders.run != r.ID() { // once a day and process: what is left to do does not change with each beat
		list, err := s.allReminders(ctx, day)
		if err != nil {
			return err
		}
		s.scheduler.reminders.run, s.scheduler.reminders.of = r.ID(), list
	}
	waiting := false
	for _, a := range s.accounts.Accounts() {
		items := s.scheduler.reminders.of[a.ID]
		d, tried := r.Delivery(a.ID, false)
		switch {
		case ctx.Err() != nil:
			return nil
		case d.State.Ended() || len(items) == 0 && !tried:
			continue
		case s.scheduler.mailAway || s.waits(d.Next):
			waiting = true
			continue
		case len(items) == 0: // after a restart, and done meanwhile
			if err := s.schedule.Note(r.ID(), schedule.Step{At: s.now(), What: schedule.Skipped, To: a.ID, Why: "Der er ikke længere noget at minde om."}, time.Time{}); err != nil {
				return err
			}
			continue
		}
		l, err := s.reminderLetter(r, a, items)
		if err != nil {
			return err
		}
		state, err := s.deliverLetter(ctx, r.ID(), a.ID, reminderTopic, false, l)
		if err != nil {
			return err
		}
		if state == schedule.Waiting {
			waiting, s.scheduler.mailAway = true, true
		}
	}
	if waiting {
		return nil
	}
	r, _ = s.schedule.Run(r.ID())
	return s.end(r, r.Outcome(), "")
}

// allReminders are everybody's of a day; who has nothing that is reason for a letter has none.
func (s *Server) allReminders(ctx context.Context, day reminderDay) (map[string][]reminder, error) {
	of := map[string][]reminder{}
	found := map[string][]reminder{} // those of a municipality are the same to all its coordinators
	for _, a := range s.accounts.Accounts() {
		if !reminded(a) || s.schedule.Stopped(a.ID, reminderTopic) {
			continue
		}
		key := fmt.Sprint(a.Role, a.Municipality)
		if _, known := found[key]; !known {
			found[key] = []reminder{}
			for _, source := range remindersFor(a) {
				items, err := source.find(ctx, s, day, a)
				if err != nil {
					return nil, fmt.Errorf("reminders %s: %w", source.kind, err)
				}
				for _, item := range items {
					item.kind = source.kind
					found[key] = append(found[key], item)
				}
			}
		}
		wanted := slices.DeleteFunc(slices.Clone(found[key]), func(x reminder) bool { return s.schedule.Stopped(a.ID, kindTopic(x.kind)) })
		if slices.ContainsFunc(wanted, func(x reminder) bool { return x.Now }) {
			of[a.ID] = wanted
		}
	}
	return of, nil
}

// reminded tells whether there are reminders for an account: coordinators and KL's own people.
func reminded(a account.Account) bool {
	return !a.Disabled && a.Email != "" && (a.Role == account.Coordinator && a.Municipality != 0 || a.Role == account.Operator)
}

// reminderLetter is a day's letter to a person.
func (s *Server) reminderLetter(r schedule.Run, a account.Account, items []reminder) (post.Letter, error) {
	var body []post.Part
	var kinds []reminderSource
	for _, source := range reminderSources() {
		first := true
		for _, item := range items {
			if item.kind != source.kind {
				continue
			}
			if first {
				kinds, first = append(kinds, source), false
			}
			body = append(body, post.Part{Text: item.Text, Link: item.Link, Href: s.linkTo(strings.TrimPrefix(item.Href, "/"))})
		}
	}
	var words []string
	for _, k := range kinds {
		words = append(words, k.about)
	}
	why := "Du får mailen, fordi du er administrator i KL."
	if a.Municipality != 0 {
		why = fmt.Sprintf("Du får mailen, fordi du er tovholder i %s.", s.nameOf(a.Municipality))
	}
	l, err := s.letterTo(a, r.ID()+"."+a.ID, reminderTopic, "Påmindelse om "+inWords(words), why+" Der kommer højst én om dagen, og kun når der er noget.", body...)
	if err != nil {
		return l, err
	}
	for _, k := range kinds {
		ticket, err := s.schedule.Ticket(a.ID, kindTopic(k.kind))
		if err != nil {
			return l, err
		}
		l.Footer = append(l.Footer, post.Part{Link: "Stop kun påmindelser om " + k.about, Href: s.linkTo("unsubscribe", ticket)})
	}
	return l, nil
}

// kindTopic is what stops one kind of reminders.
func kindTopic(kind string) string { return reminderTopic + "-" + kind }

// reminderTopicName is what a topic of reminders is called to people; "" for another topic.
func reminderTopicName(topic string) string {
	for _, source := range reminderSources() {
		if topic == kindTopic(source.kind) {
			return "Påmindelser om " + source.about
		}
	}
	return otherTopics[topic]
}

// inWords is "frister, godkendelse og prøvetælling".
func inWords(list []string) string {
	if len(list) < 2 {
		return strings.Join(list, "")
	}
	return strings.Join(list[:len(list)-1], ", ") + " og " + list[len(list)-1]
}
