package web

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"komhen/web/account"
	"komhen/web/audit"
	"komhen/web/post"
	"komhen/web/post/posttest"
	"komhen/web/schedule"
)

// mailTo is a mail server and what a service hands letters to it with.
func mailTo(t *testing.T, o posttest.Options) (*posttest.Server, *post.Office) {
	t.Helper()
	o.StartTLS = true
	server := posttest.Start(t, o)
	office, err := post.New(post.Config{Server: "smtp://" + server.Address, From: "Tælleuger <taelleuger@kl.example>", TLS: server.Trust})
	check(t, err)
	return server, office
}

// TestDeliver: a letter of a run goes out once; what may pass is tried again with longer and longer waits, and given up; what nobody knows is never sent again.
func TestDeliver(t *testing.T) {
	now := at(2012, 4, 23)()
	var refusal error
	cut := false
	server, office := mailTo(t, posttest.Options{Recipient: func(string) error { return refusal }, Taken: func(posttest.Mail) bool { return cut }})
	s := newSite(t, Config{Mail: office, Now: func() time.Time { return now }})
	a := s.person(t, account.Account{Email: "tove@koege.example", Name: "Tove Ågård", Role: account.Coordinator, Municipality: 259})
	run, _, err := s.schedule.OpenRun(schedule.Opening{Job: "reminders", Due: now, Title: "Påmindelser"}, now)
	check(t, err)
	letter, err := s.letterTo(a, run.ID()+"."+a.ID, "reminders", "Fristen er på fredag", "Den kommer, fordi du er tovholder.", post.Part{Text: "Der mangler tal."})
	check(t, err)
	deliver := func(want schedule.State, arrived int) {
		t.Helper()
		state, err := s.deliverLetter(t.Context(), run.ID(), a.ID, "reminders", false, letter)
		if err != nil || state != want || len(server.Mails()) != arrived {
			t.Fatalf("%s %v, %d arrived; want %s, %d", state, err, len(server.Mails()), want, arrived)
		}
	}
	refusal = &smtp.SMTPError{Code: 451, Message: "later"}
	for _, wait := range backOff {
		deliver(schedule.Waiting, 0)
		refusal = nil
		deliver(schedule.Waiting, 0) // too soon
		refusal = &smtp.SMTPError{Code: 451, Message: "later"}
		now = now.Add(wait)
	}
	refusal = nil
	deliver(schedule.Sent, 1)
	deliver(schedule.Sent, 1)
	got := server.Mails()[0].Read(t)
	stop := strings.Trim(got.Header.Get("List-Unsubscribe"), "<>")
	if !strings.HasPrefix(stop, s.URL+"/unsubscribe/") || !strings.Contains(got.Text, stop) || !strings.Contains(got.Text, "Hej Tove Ågård") {
		t.Errorf("%q\n%s", stop, got.Text)
	}

	next := func() {
		now = now.Add(24 * time.Hour)
		run, _, err = s.schedule.OpenRun(schedule.Opening{Job: "reminders", Due: now, Title: "Påmindelser"}, now)
		check(t, err)
	}
	next()
	refusal = &smtp.SMTPError{Code: 451, Message: "later"}
	for range backOff {
		deliver(schedule.Waiting, 1)
		now = now.Add(5 * time.Hour)
	}
	deliver(schedule.Failed, 1)
	refusal = nil
	deliver(schedule.Failed, 1)
	next()
	refusal = &smtp.SMTPError{Code: 550, Message: "nobody"}
	deliver(schedule.Failed, 1)
	refusal = nil
	next()
	cut = true
	deliver(schedule.Unsure, 2)
	cut = false
	deliver(schedule.Unsure, 2)

	// one click, as a mail program does it: no cookie, another site's page
	guest := s.visit(t)
	if status, body := guest.get(strings.TrimPrefix(stop, s.URL)); status != 200 || !strings.Contains(body, "Påmindelser om tællerunder") || s.schedule.Stopped(a.ID, "reminders") {
		t.Error("looking at the link stops the mail", status)
	}
	r, err := http.NewRequest(http.MethodPost, stop, strings.NewReader("List-Unsubscribe=One-Click"))
	check(t, err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", "https://mail.example")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	answer, err := guest.Do(r)
	if status, body := guest.read(answer, err); status != 200 || !strings.Contains(body, "ikke flere") || !s.schedule.Stopped(a.ID, "reminders") {
		t.Error(status, words(body))
	}
	next()
	deliver(schedule.Skipped, 2)
	if status, _ := guest.post(strings.TrimPrefix(stop, s.URL)+"/undo", nil); status != 200 || s.schedule.Stopped(a.ID, "reminders") {
		t.Error(status)
	}
	if status, _ := guest.post(strings.TrimPrefix(stop, s.URL)+"x", nil); status != http.StatusNotFound {
		t.Error(status)
	}
	if got := s.actions(t, audit.Filter{Municipality: 259}); got != "mail.start mail.stop" {
		t.Error(got)
	}
	next()
	deliver(schedule.Sent, 3)
}
