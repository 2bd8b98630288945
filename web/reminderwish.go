package web

import (
	"net/http"

	"komhen/web/account"
	"komhen/web/audit"
)

// reminderWish is a kind of reminders on a person's own page.
type reminderWish struct {
	Kind, About string
	Wanted      bool
}

// reminderWishes are what an account gets by mail; nil for those that get none.
func (s *Server) reminderWishes(a account.Account) (list []reminderWish) {
	if !reminded(a) {
		return nil
	}
	for _, k := range reminderSources() {
		list = append(list, reminderWish{k.kind, k.about, !s.schedule.Stopped(a.ID, reminderTopic) && !s.schedule.Stopped(a.ID, kindTopic(k.kind))})
	}
	return list
}

// saveReminders stores which reminders a person wants. None is all stopped, also kinds that come with a later version.
func (s *Server) saveReminders(w http.ResponseWriter, r *http.Request, v Viewer) error {
	any := false
	for _, k := range reminderSources() {
		wanted := r.PostFormValue("get-"+k.kind) != ""
		any = any || wanted
		if err := s.wish(v.Account.ID, kindTopic(k.kind), wanted); err != nil {
			return err
		}
	}
	if err := s.wish(v.Account.ID, reminderTopic, any); err != nil {
		return err
	}
	s.note(r, v, audit.Record{Action: "mail.reminders", Object: v.Account.ID, Municipality: v.Municipality})
	said := "Gemt. Du får højst én påmindelse om dagen, og kun når der er noget."
	if !any {
		said = "Gemt. Du får ingen påmindelser."
	}
	s.flash(r, said)
	http.Redirect(w, r, "/account#reminders", http.StatusSeeOther)
	return nil
}

func (s *Server) wish(id, topic string, wanted bool) error {
	switch stopped := s.schedule.Stopped(id, topic); {
	case stopped && wanted:
		return s.schedule.Start(id, topic)
	case !stopped && !wanted:
		return s.schedule.Stop(id, topic, s.now())
	}
	return nil
}
