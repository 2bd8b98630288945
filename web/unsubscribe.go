package web

import (
	"net/http"

	"komhen/model"
	"komhen/web/audit"
)

// stopData is the page behind the link in a mail that stops it.
type stopData struct {
	Ticket, Topic string
	Stopped       bool
}

// otherTopics are what mail is about that belongs to no job.
var otherTopics = map[string]string{"reminders": "Påmindelser om tællerunder"}

// topicName is what letters of a topic are called to people; "" for a job that is gone.
func (s *Server) topicName(topic string) string {
	if name := reminderTopicName(topic); name != "" {
		return name
	}
	j, _ := s.schedule.Job(topic)
	return j.Title
}

// stopPage asks whether to stop letters: opening a link must not do it, for mail programs open links to look at them.
func (s *Server) stopPage(w http.ResponseWriter, r *http.Request, v Viewer) error {
	return s.showStop(w, r, v)
}

func (s *Server) showStop(w http.ResponseWriter, r *http.Request, v Viewer) error {
	id, topic, err := s.schedule.FromTicket(r.PathValue("ticket"))
	if err != nil {
		return err
	}
	w.Header().Set("Referrer-Policy", "no-referrer") // the address is the right to do it
	_, there := s.accounts.Account(id)
	name := s.topicName(topic)
	return s.page(w, r, v, "unsubscribe", stopData{Ticket: r.PathValue("ticket"), Topic: name, Stopped: !there || name == "" || s.schedule.Stopped(id, topic)})
}

// stopMail stops letters: one click, without signing in, from our page or from the mail program itself (RFC 8058).
func (s *Server) stopMail(w http.ResponseWriter, r *http.Request, v Viewer) error {
	id, topic, err := s.schedule.FromTicket(r.PathValue("ticket"))
	if err != nil {
		return err
	}
	if a, there := s.accounts.Account(id); there && s.topicName(topic) != "" && !s.schedule.Stopped(id, topic) {
		if err := s.schedule.Stop(id, topic, s.now()); err != nil {
			return err
		}
		s.note(r, Viewer{Account: a}, audit.Record{Action: "mail.stop", Object: topic, Municipality: a.Municipality})
	}
	return s.showStop(w, r, v)
}

// startMail takes a stop back, from the same link.
func (s *Server) startMail(w http.ResponseWriter, r *http.Request, v Viewer) error {
	id, topic, err := s.schedule.FromTicket(r.PathValue("ticket"))
	if err != nil {
		return err
	}
	a, there := s.accounts.Account(id)
	if !there || s.topicName(topic) == "" {
		return &model.Problem{Code: "ticket-invalid", Message: "Det, linket hører til, findes ikke længere."}
	}
	if err := s.schedule.Start(id, topic); err != nil {
		return err
	}
	s.note(r, Viewer{Account: a}, audit.Record{Action: "mail.start", Object: topic, Municipality: a.Municipality})
	return s.showStop(w, r, v)
}
