package web

import (
	"context"
	"fmt"

	"komhen/model"
	"komhen/queries"
	"komhen/reports"
	"komhen/web/account"
)

// reminderSource finds what a person should be reminded of on a day. kind is in stored wishes and never changes.
type reminderSource struct {
	kind  string
	about string // "frister"
	who   who    // whom it may concern
	find  func(ctx context.Context, s *Server, day reminderDay, a account.Account) ([]reminder, error)
}

// reminderSources is the list: a new one is a line here and its function. What it finds must hold for every account of the same role and municipality.
func reminderSources() []reminderSource {
	return []reminderSource{
		{"test", "prøvetælling", coordinators, testReminders},
		{"deadlines", "frister", uploaders, deadlineReminders},
		{"silent", "tavse enheder", coordinators, silentReminders},
		{"rows", "rækker, der skal rettes", uploaders, rowReminders},
		{"approval", "godkendelse", coordinators, approvalReminders},
		{"central", "centrale leveringer", coordinators, centralReminders},
		{"klik", "beskeder om KLIK-opgaver", coordinators, klikReminders},
		{"klik-deletion", "KLIK-opgaver, der bliver slettet", coordinators, klikDeletionReminders},
	}
}

var coordinators = who{account.Coordinator}

// remindersFor are the sources that concern an account.
func remindersFor(a account.Account) (list []reminderSource) {
	for _, source := range reminderSources() {
		if reminded(a) && source.who.admits(Viewer{Role: a.Role}) {
			list = append(list, source)
		}
	}
	return list
}

// afterDeadline is how long after its deadline there are reminders about a round. Ours: then it is the operator's to ask.
const afterDeadline = 28

// roundsNear are the rounds that a day belongs to, from a week before they begin.
func (s *Server) roundsNear(day model.Date) (list []model.Round) {
	for year := day.Year() - 1; year <= day.Year()+1; year++ {
		for _, r := range s.rounds(year) {
			if day >= r.First-8 && day <= max(r.DataDeadline, r.TotalsDeadline)+afterDeadline {
				list = append(list, r)
			}
		}
	}
	return list
}

// testReminders tell of rows in a count week that do not count, because somebody forgot to turn the trial off (codebook W06).
func testReminders(ctx context.Context, s *Server, day reminderDay, a account.Account) (list []reminder, err error) {
	for _, r := range s.roundsNear(day.today) {
		first, last := max(r.First, day.before), min(r.Last, day.today-1)
		if first > last {
			continue
		}
		n, err := s.folder.Store.TestsKeptOut(ctx, queries.Filter{Municipality: a.Municipality, From: first, To: last})
		if err != nil {
			return nil, err
		}
		if n > 0 {
			list = append(list, reminder{Text: fmt.Sprintf("Prøvetælling er slået til midt i %s: %s fra %s er meldt som prøve og tæller ikke med. Slå prøven fra i registreringsprogrammet, og send dagens rækker igen.",
				roundInWords(r), countOf(n, "henvendelse", "henvendelser"), spanText(first, last)), Link: "Se indmeldingerne", Href: "/uploads", Now: true})
		}
	}
	return list, nil
}

// deadlineReminders tell 7, 2 and 0 days before a deadline that something is missing for it.
func deadlineReminders(ctx context.Context, s *Server, day reminderDay, a account.Account) (list []reminder, err error) {
	for _, r := range s.roundsNear(day.today) {
		if day.reaches(r.DataDeadline) {
			found, err := s.dataReminder(ctx, day, r, a)
			if err != nil {
				return nil, err
			}
			list = append(list, found...)
		}
		if a.Role != account.Coordinator {
			continue
		}
		if day.reaches(r.TotalsDeadline) {
			owed, err := reports.TotalsOwed(ctx, s.folder.Store, s.book, r, a.Municipality)
			if err != nil {
				return nil, err
			}
			for _, m := range owed {
				list = append(list, reminder{Text: fmt.Sprintf("Fristen for at indmelde total-tal for %d er %s. %s", r.Year, day.deadline(r.TotalsDeadline), m.Text),
					Link: "Indmeld total-tal", Href: fmt.Sprintf("/totals?municipality=%d&year=%d", a.Municipality, r.Year), Now: true})
			}
		}
		if day.reaches(r.DataDeadline) { // the answers are due with the data
			owed, err := reports.QuestionsOwed(ctx, s.folder.Store, s.book, r, a.Municipality)
			if err != nil {
				return nil, err
			}
			for _, m := range owed {
				list = append(list, reminder{Text: fmt.Sprintf("Fristen for at svare på spørgsmålene for %s er %s. %s", roundInWords(r), day.deadline(r.DataDeadline), m.Text),
					Link: "Svar på spørgsmålene", Href: fmt.Sprintf("/questions/%s?municipality=%d", r.Name, a.Municipality), Now: true})
			}
		}
		for _, c := range r.CentralDelivery {
			made, err := s.delivered(ctx, r.Name, c.What)
			if err != nil {
				return nil, err
			}
			if day.reaches(c.Day) && !made {
				list = append(list, reminder{Text: fmt.Sprintf("KL indlæser statistikken for %s for %s %s, medmindre I selv gør det.", c.What, roundInWords(r), day.deadline(c.Day)),
					Link: "Se, hvad I har indmeldt", Href: "/uploads", Now: true})
			}
		}
	}
	return list, nil
}

// dataReminder is about the deadline for contacts: to a coordinator who has sent nothing or approved nothing, and to KL about all.
func (s *Server) dataReminder(ctx context.Context, day reminderDay, r model.Round, a account.Account) ([]reminder, error) {
	lead := fmt.Sprintf("Fristen for at sende henvendelser fra %s er %s.", roundInWords(r), day.deadline(r.DataDeadline))
	if a.Role == account.Operator {
		d, err := reports.DeliveriesOf(ctx, s.folder.Store, s.book, r, s.now())
		if err != nil || d.Missing == 0 && d.Approved == d.Delivered {
			return nil, err
		}
		return []reminder{{Text: fmt.Sprintf("%s %s har ikke sendt noget, og %d af de %d, der har, har ikke godkendt runden.", lead, countOf(int64(d.Missing), "kommune", "kommuner"), d.Delivered-d.Approved, d.Delivered),
			Link: "Se, hvem der mangler", Href: "/?round=" + r.Name + "&show=missing", Now: true}}, nil
	}
	state, err := reports.RoundStateOf(ctx, s.folder.Store, s.book, r, a.Municipality)
	switch {
	case err != nil || state.Approved():
		return nil, err
	case state.Contacts == 0:
		return []reminder{{Text: fmt.Sprintf("%s %s har ikke sendt nogen endnu.", lead, s.nameOf(a.Municipality)), Link: "Send filerne", Href: "/uploads", Now: true}}, nil
	}
	return []reminder{{Text: lead + " I har sendt henvendelser, men runden er ikke godkendt. Se efter, om alt er med.", Link: "Se, hvad der mangler", Href: "/?round=" + r.Name, Now: true}}, nil
}

// rowReminders tell once a week of rejected rows that nobody has mended: a municipality's own, and KL of those in files of several.
func rowReminders(ctx context.Context, s *Server, day reminderDay, a account.Account) (list []reminder, err error) {
	for _, r := range s.roundsNear(day.today) {
		if day.today < r.First || day.today > r.DataDeadline+afterDeadline {
			continue
		}
		state, err := reports.RoundStateOf(ctx, s.folder.Store, s.book, r, a.Municipality)
		if err != nil {
			return nil, err
		}
		for _, u := range state.Unmended {
			list = append(list, reminder{Text: fmt.Sprintf("%s i indmelding %d til %s er afvist og ikke rettet, så de tæller ikke med.", countOf(u.Rows, "række", "rækker"), u.Upload, roundInWords(r)),
				Link: "Ret dem", Href: fmt.Sprintf("/uploads/%d/mend", u.Upload), Now: day.weekly()})
		}
	}
	return list, nil
}

// approvalReminders tell once a week, when the weeks are over, that a round is not approved, and at once when something has reopened it.
func approvalReminders(ctx context.Context, s *Server, day reminderDay, a account.Account) (list []reminder, err error) {
	for _, r := range s.roundsNear(day.today) {
		if day.today <= r.Last || day.today > r.DataDeadline+afterDeadline {
			continue
		}
		state, err := reports.RoundStateOf(ctx, s.folder.Store, s.book, r, a.Municipality)
		if err != nil {
			return nil, err
		}
		if state.Contacts == 0 || state.Approved() {
			continue
		}
		item := reminder{Text: fmt.Sprintf("Tallene for %s er foreløbige, til du godkender dem.", roundInWords(r)), Link: "Se dem efter, og godkend", Href: "/?round=" + r.Name, Now: day.weekly()}
		if x := state.Approval; x != nil && x.ReopenedFor != 0 {
			item.Text = fmt.Sprintf("%s var godkendt, men indmelding %d ændrede tallene %s. Se dem efter, og godkend igen.", r.Title(), x.ReopenedFor, model.DateOf(x.Reopened))
			item.Now = item.Now || model.DateOf(x.Reopened) >= day.before
		}
		list = append(list, item)
	}
	return list, nil
}

// deadline is when a deadline is, seen from the day.
func (d reminderDay) deadline(on model.Date) string {
	switch left := on - d.today; {
	case left == 0:
		return fmt.Sprintf("i dag (%s)", on)
	case left == 1:
		return fmt.Sprintf("i morgen (%s)", on)
	case left > 1:
		return fmt.Sprintf("om %d dage (%s)", left, on)
	case left == -1:
		return fmt.Sprintf("i går (%s)", on)
	}
	return fmt.Sprintf("%s, for %d dage siden", on, d.today-on)
}

// roundInWords is a round inside a sentence.
func roundInWords(r model.Round) string {
	if r.Name[len(r.Name)-1] == 'F' {
		return fmt.Sprintf("foråret %d", r.Year)
	}
	return fmt.Sprintf("efteråret %d", r.Year)
}

func spanText(first, last model.Date) string {
	if first == last {
		return dayText(first)
	}
	return fmt.Sprintf("%s – %s", dayText(first), dayText(last))
}
