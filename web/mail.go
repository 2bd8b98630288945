package web

import (
	"context"
	"net/mail"
	"time"

	"komhen/model"
	"komhen/web/account"
	"komhen/web/post"
	"komhen/web/schedule"
)

// mails tells whether there is a mail server to hand letters to.
func (s *Server) mails() bool { return s.config.Mail != nil }

// backOff is how long is waited after each failed try to make or send something. After the last one it is given up, and a person is told.
var backOff = []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour, 4 * time.Hour}

// letterTo is a mail to an account. id is its name for ever. why says why it came. topic is what its link stops (a job's ID, or a word that topicName
// knows); "" for a letter that nobody can stop.
func (s *Server) letterTo(a account.Account, id, topic, subject, why string, body ...post.Part) (post.Letter, error) {
	l := post.Letter{ID: id, To: mail.Address{Name: a.Name, Address: a.Email}, Subject: subject, Body: body, Footer: []post.Part{{Text: why}}, Date: s.now()}
	if topic == "" {
		return l, nil
	}
	ticket, err := s.schedule.Ticket(a.ID, topic)
	if err != nil {
		return l, err
	}
	l.Unsubscribe = s.linkTo("unsubscribe", ticket)
	l.Footer = append(l.Footer, post.Part{Link: "Afmeld disse mails", Href: l.Unsubscribe})
	return l, nil
}

// deliverLetter sends a letter of a run to an account (or a contact, both by ID), once: that it is being sent is on disk before its last byte leaves, and how it went after. What it
// gives is how the delivery stands: Sent, Unsure, Failed, Skipped (stopped by its reader), or Waiting for another try. A delivery that has ended is left as it
// is. word is for telling the owner that something went wrong. An error is that of the schedule's own files: nothing is known to have been sent then.
func (s *Server) deliverLetter(ctx context.Context, run, to, topic string, word bool, l post.Letter) (schedule.State, error) {
	r, ok := s.schedule.Run(run)
	if !ok {
		return "", &model.Problem{Code: "run-unknown", Message: "Kørslen findes ikke."}
	}
	d, _ := r.Delivery(to, word)
	if d.State.Ended() {
		return d.State, nil
	}
	end := func(what schedule.State, why string, next time.Time) (schedule.State, error) {
		return what, s.schedule.Note(run, schedule.Step{At: s.now(), What: what, To: to, Word: word, Why: why}, next)
	}
	switch {
	case d.State == schedule.Sending: // the end of an earlier try could not be written down
		return end(schedule.Unsure, "Det kunne ikke skrives ned, hvordan det gik, da mailen blev sendt.", time.Time{})
	case s.waits(d.Next):
		return d.State, nil
	case topic != "" && s.schedule.Stopped(to, topic):
		return end(schedule.Skipped, "Modtageren har afmeldt mails som denne.", time.Time{})
	}
	begun := false
	err := s.config.Mail.Send(ctx, l, func() error {
		begun = true
		return s.schedule.Note(run, schedule.Step{At: s.now(), What: schedule.Sending, To: to, Word: word}, time.Time{})
	})
	if err == nil {
		return end(schedule.Sent, "", time.Time{})
	}
	p, _ := problemOf(err)
	switch {
	case post.MayHaveBeenSent(err):
		return end(schedule.Unsure, p.Message, time.Time{})
	case post.WillNeverBeSent(err):
		return end(schedule.Failed, p.Message, time.Time{})
	case !post.IsAway(err):
		if !begun {
			s.log.Error("mail", "run", run, "error", err)
		}
		return "", err
	}
	s.log.Warn("mail server", "run", run, "error", err)
	if d.Tries >= len(backOff) {
		return end(schedule.Failed, p.Message+" Det er prøvet "+model.FormatInt(int64(d.Tries)+1)+" gange.", time.Time{})
	}
	return end(schedule.Waiting, p.Message, s.now().Add(backOff[d.Tries]))
}
