package web

import (
	"context"
	"fmt"

	"komhen/model"
	"komhen/reports"
	"komhen/web/account"
)

// silentReminders tell of units that said nothing on a day on which their habit says that they should have (reports/pattern.go), on the day after; and of what
// is still silent along with other reminders.
func silentReminders(ctx context.Context, s *Server, day reminderDay, a account.Account) (list []reminder, err error) {
	for _, r := range s.roundsNear(day.today) {
		if day.today <= r.First || day.today > r.DataDeadline {
			continue
		}
		o, err := reports.OutstandingOf(ctx, s.folder.Store, s.book, r, a.Municipality, s.now())
		if err != nil {
			return nil, err
		}
		var lately, earlier []string
		for _, u := range o.Silent {
			if n := len(u.Days); n > 0 && u.Days[n-1] >= day.before {
				lately = append(lately, fmt.Sprintf("%s (%s)", u.Unit, spanText(u.Days[n-1], u.Days[n-1])))
			} else if n > 0 {
				earlier = append(earlier, u.Unit)
			}
		}
		href := fmt.Sprintf("/board?municipality=%d&round=%s", a.Municipality, r.Name)
		if len(lately) > 0 {
			list = append(list, reminder{Text: fmt.Sprintf("%s uden henvendelser, hvor der plejer at være nogen: %s. Mangler der en fil, så send den; kom der ingen, så erklær nul.", unitsText(len(lately)), inWords(lately)),
				Link: "Se enhederne dag for dag", Href: href, Now: true})
		}
		if len(earlier) > 0 {
			list = append(list, reminder{Text: fmt.Sprintf("%s har haft dage uden henvendelser tidligere i %s: %s.", unitsText(len(earlier)), roundInWords(r), inWords(earlier)), Link: "Se enhederne dag for dag", Href: href, Now: day.weekly()})
		}
	}
	return list, nil
}

func unitsText(n int) string {
	if n == 1 {
		return "1 enhed"
	}
	return fmt.Sprintf("%d enheder", n)
}

// centralReminders tell a municipality of what KL has done with its part of a central delivery since the last letter, and 7, 2 and 0 days before a part that
// nobody has answered loads.
func centralReminders(ctx context.Context, s *Server, day reminderDay, a account.Account) (list []reminder, err error) {
	news, err := s.folder.Store.CentralNews(ctx, 0)
	if err != nil {
		return nil, err
	}
	from, until := reminderTime(day.before), reminderTime(day.today)
	for _, step := range news {
		switch step.What {
		case model.CentralApproved, model.CentralTaken, model.CentralGivenBack:
			continue // its own doing
		}
		if step.Municipality == a.Municipality && !step.At.Before(from) && step.At.Before(until) {
			list = append(list, reminder{Text: step.Sentence(), Link: "Se leveringen", Href: fmt.Sprintf("/central/%d", step.Delivery), Now: true})
		}
	}
	centrals, err := s.folder.Store.Centrals(ctx)
	if err != nil {
		return nil, err
	}
	for _, c := range centrals {
		p := c.Part(a.Municipality)
		if p == nil || p.State != model.PartWaiting || c.Withdrawn {
			continue
		}
		list = append(list, reminder{Text: fmt.Sprintf("KL’s tal fra %s (%s) venter på jeres svar. De bliver indlæst %s, medmindre I selv tager over.", c.What, countOf(p.Contacts, "henvendelse", "henvendelser"), day.deadline(c.On())),
			Link: "Godkend dem, eller tag over", Href: fmt.Sprintf("/central/%d", c.Number), Now: day.reaches(c.On())})
	}
	return list, nil
}

// delivered tells whether KL has made a delivery of a kind for a round: then that is what there are reminders about, and not the calendar.
func (s *Server) delivered(ctx context.Context, round, what string) (bool, error) {
	centrals, err := s.folder.Store.Centrals(ctx)
	for _, c := range centrals {
		if c.Round == round && c.What == what {
			return true, err
		}
	}
	return false, err
}
