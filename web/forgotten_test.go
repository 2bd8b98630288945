package web

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"komhen/web/account"
	"komhen/web/post/posttest"
)

var mailedLink = regexp.MustCompile(`/link/[A-Za-z0-9_-]+`)

// awaitMails waits for letters that are sent beside the requests.
func awaitMails(t *testing.T, server *posttest.Server, n int) []posttest.Mail {
	t.Helper()
	for range 2000 {
		if len(server.Mails()) >= n {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	if len(server.Mails()) != n {
		t.Fatalf("%d mails, want %d", len(server.Mails()), n)
	}
	return server.Mails()
}

// TestInvitationByMail: with a mail server the link goes to the person and is not shown; a server that refuses leaves it to be handed on.
func TestInvitationByMail(t *testing.T) {
	refuse := false
	server, office := mailTo(t, posttest.Options{Recipient: func(string) error {
		if refuse {
			return http.ErrServerClosed
		}
		return nil
	}})
	s := newSite(t, Config{Mail: office})
	v := s.as(t, account.Coordinator, 259, "")
	status, body := v.post("/people", url.Values{"name": {"Åse Lind"}, "email": {"aase@koege.example"}, "role": {"analyst"}})
	if status != 200 || secretOn(body) != "" || strings.Contains(body, "/link/") {
		t.Error("the link is shown too", status)
	}
	v.wants(body, "Linket er sendt til aase@koege.example")
	letter := awaitMails(t, server, 1)[0].Read(t)
	if link := mailedLink.FindString(letter.Text); link == "" || !strings.Contains(letter.Text, "Hej Åse Lind") || letter.Header.Get("List-Unsubscribe") != "" || !strings.Contains(letter.HTML, link) {
		t.Errorf("%v\n%s", letter.Header, letter.Text)
	} else if status, body := s.visit(t).post(link, url.Values{"password": {passphrase}, "repeat": {passphrase}}); status != 200 || !strings.Contains(body, "Log ud") {
		t.Error(status)
	}
	refuse = true
	_, body = v.post("/people", url.Values{"name": {"Bo"}, "email": {"bo@koege.example"}, "role": {"reader"}})
	if secretOn(body) == "" {
		t.Error("no link to hand on")
	}
	v.wants(body, "Mailen kunne ikke sendes")
}

// TestForgotten: the page answers the same whoever it is asked for, and only who has an account gets a mail, at most three an hour.
func TestForgotten(t *testing.T) {
	server, office := mailTo(t, posttest.Options{})
	s := newSite(t, Config{Mail: office})
	tove := s.person(t, account.Account{Email: "tove@koege.example", Name: "Tove", Role: account.Coordinator, Municipality: 259})
	closed := s.person(t, account.Account{Email: "lukket@koege.example", Role: account.Reader, Municipality: 259})
	closed.Disabled = true
	_, err := s.accounts.Update(closed)
	check(t, err)
	if _, body := s.visit(t).get("/login"); !strings.Contains(body, "/login/forgotten") {
		t.Error("no way there")
	}
	pages := map[string]bool{}
	for _, email := range []string{"ingen@koege.example", "lukket@koege.example", " Tove@koege.example "} {
		status, body := s.visit(t).post("/login/forgotten", url.Values{"email": {email}})
		if status != 200 {
			t.Error(email, status)
		}
		pages[body] = true
	}
	if len(pages) != 1 {
		t.Error(len(pages), "different answers")
	}
	mails := awaitMails(t, server, 1)
	link := mailedLink.FindString(mails[0].Read(t).Text)
	if mails[0].To != tove.Email || link == "" {
		t.Fatal(mails[0].To, link)
	}
	const other = "fire helt nye ord herfra"
	if status, _ := s.visit(t).post(link, url.Values{"password": {other}, "repeat": {other}}); status != 200 {
		t.Error(status)
	}
	if where, _, _ := s.visit(t).login(tove.Email, other, "/uploads"); where != "/uploads" {
		t.Error(where)
	}
	for range 6 {
		s.visit(t).post("/login/forgotten", url.Values{"email": {tove.Email}})
	}
	awaitMails(t, server, mailsPerAccount)
	if status, _ := s.visit(t).post("/login/forgotten", url.Values{"email": {"x"}}); status != http.StatusUnprocessableEntity {
		t.Error(status)
	}
	without := newSite(t, Config{})
	if status, _ := without.visit(t).post("/login/forgotten", url.Values{"email": {"tove@koege.example"}}); status != http.StatusNotFound {
		t.Error(status)
	}
}
