package web

import (
	"context"
	"fmt"
	"time"

	"komhen/model"
	"komhen/web/account"
	"komhen/web/contactlist"
	"komhen/web/post"
	"komhen/web/schedule"
)

// Letters to those on the contact lists who must confirm again. A day is one run of the schedule's book (job "klikcontacts", at seven, as reminders have), whose
// deliveries are to contacts' IDs: nobody gets two letters within a fortnight, whatever is down or killed.
//
// Danger: the link in a letter confirms without signing in. It stands in the letter and nowhere else.

const (
	contactTopic      = "klikcontacts"
	contactTopicTitle = "Mails til KLIK-kontakter"
)

// askContacts opens and carries out the day's run. It is called with every beat.
func (s *Server) askContacts(ctx context.Context, now time.Time) error {
	if !s.mails() {
		return nil // the contacts' pages say to copy a link
	}
	now = now.In(model.Copenhagen)
	today := model.DateOf(now)
	for _, r := range s.schedule.OpenRuns() {
		if r.Job == contactTopic && model.DateOf(r.Due) != today {
			if err := s.contactsAsked(r); err != nil {
				return err
			}
			if err := s.dropReminders(r); err != nil {
				return err
			}
		}
	}
	due := reminderTime(today)
	if now.Before(due) {
		return nil
	}
	if at := s.schedule.Restored(); !at.IsZero() && now.Before(at.Add(contactlist.AskAgain)) { // the copy does not know who was asked since it was taken
		return nil
	}
	o := schedule.Opening{Job: contactTopic, Due: due, Title: contactTopicTitle}
	r, begun := s.schedule.Run(o.ID())
	if begun && !r.Open() || !begun && len(s.contacts.ToAsk(due)) == 0 {
		return nil
	}
	r, _, err := s.schedule.OpenRun(o, now)
	if err != nil {
		return err
	}
	return s.sendAsks(ctx, r)
}

// sendAsks sends the letters of a day that are not sent, and ends the run when nobody waits.
func (s *Server) sendAsks(ctx context.Context, r schedule.Run) error {
	waiting := false
	asked := map[string]bool{}
	for _, c := range s.contacts.ToAsk(r.Due) {
		asked[c.ID] = true
		d, _ := r.Delivery(c.ID, false)
		switch {
		case ctx.Err() != nil:
			return nil
		case d.State.Ended():
			continue
		case s.scheduler.mailAway || s.waits(d.Next):
			waiting = true
			continue
		}
		l, err := s.contactLetter(r, c)
		if err != nil {
			return err
		}
		state, err := s.deliverLetter(ctx, r.ID(), c.ID, "", false, l)
		if err != nil {
			return err
		}
		if state == schedule.Waiting {
			waiting, s.scheduler.mailAway = true, true
		}
	}
	r, _ = s.schedule.Run(r.ID())
	for _, d := range r.Deliveries { // who was confirmed, changed or deleted while a try was waiting
		if !d.State.Ended() && !asked[d.To] {
			if err := s.schedule.Note(r.ID(), schedule.Step{At: s.now(), What: schedule.Skipped, To: d.To, Why: "Der er ikke længere noget at spørge om."}, time.Time{}); err != nil {
				return err
			}
		}
	}
	if err := s.contactsAsked(r); err != nil || waiting {
		return err
	}
	r, _ = s.schedule.Run(r.ID())
	return s.end(r, r.Outcome(), "")
}

// contactsAsked notes in the lists whom a run has asked. It is worked out from the run, so a crash after a letter loses nothing. A letter that the server refused,
// or may have taken, is not written again for a fortnight either; one that the server was never there for is.
func (s *Server) contactsAsked(r schedule.Run) error {
	var ids []string
	for _, d := range r.Deliveries {
		if !d.State.Ended() || d.State == schedule.Skipped || d.State == schedule.Failed && !refused(d) {
			continue
		}
		if c, there := s.contacts.Contact(d.To); there && c.Wrong.IsZero() && c.Asked.Before(r.Due) && c.Confirmed.Before(r.Due) {
			ids = append(ids, c.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	return s.contacts.Asked(r.Due, ids...)
}

// refused tells whether a letter that failed did so because of its address, and not because the server was away until it was given up.
func refused(d schedule.Delivery) bool { return d.State == schedule.Failed && d.Tries < len(backOff) }

// contactLetter asks somebody on a contact list whether what stands there is still right. Nobody can stop it but by answering: it is the municipality that
// has named them.
func (s *Server) contactLetter(r schedule.Run, c contactlist.Contact) (post.Letter, error) {
	secret, err := s.contacts.Link(c.ID, s.now())
	if err != nil {
		return post.Letter{}, err
	}
	row := s.contactRow(c, nil)
	where := s.nameOf(c.Municipality)
	who := "Du står"
	if row.System {
		who = "Denne mailadresse står"
	}
	lead := fmt.Sprintf("%s på kontaktlisten i KLIK for %s som %s. Det blev sidst bekræftet %s.", who, where, row.RoleName, row.Age)
	how := "Åbn linket, og sig, om det stadig er rigtigt. Du skal ikke logge ind. Linket virker én gang og i " + countOf(int64(contactlist.LinkLasts.Hours()/24), "dag", "dage") + "."
	why := fmt.Sprintf("Du får mailen, fordi %s har skrevet adressen på sin kontaktliste. Skal den ikke stå der mere, så svar nej bag linket. Svarer du ikke, spørger vi igen om %s.", where,
		countOf(int64(contactlist.AskAgain.Hours()/24), "dag", "dage"))
	return s.letterTo(account.Account{Name: c.Name, Email: c.Email}, r.ID()+"."+c.ID, "", row.RoleName+" i "+where+": er det stadig rigtigt?", why,
		post.Part{Text: lead}, post.Part{Text: how, Link: "Svar her", Href: s.linkTo("klik", "confirm", secret)})
}

// contactLetters is what became of the latest letter to each contact.
func (s *Server) contactLetters() map[string]askedContact {
	latest := map[string]askedContact{}
	s.schedule.Runs(0, func(r schedule.Run) bool {
		if r.Job != contactTopic {
			return false
		}
		for _, d := range r.Deliveries {
			if _, later := latest[d.To]; !later && d.State != schedule.Skipped {
				latest[d.To] = askedContact{r.Due, refused(d)}
			}
		}
		return false
	})
	return latest
}

// askedContact is the latest letter to a contact.
type askedContact struct {
	due     time.Time
	refused bool // its address takes no mail
}

// contactWord is what a run's page calls a contact. A contact that is deleted is nobody any more.
func (s *Server) contactWord(id string) string {
	c, there := s.contacts.Contact(id)
	if !there {
		return "en slettet kontakt"
	}
	return s.contactRow(c, nil).RoleName + " i " + s.nameOf(c.Municipality)
}
