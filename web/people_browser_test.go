package web

import (
	"net/url"
	"testing"
	"time"

	"komhen/web/account"
)

// TestPeoplePages looks over every page about people and rights, with errors and with secrets shown.
func TestPeoplePages(t *testing.T) {
	s := newSite(t, Config{Demo: DemoUsers()})
	first, err := s.FirstLink()
	if err != nil {
		t.Fatal(err)
	}
	nobody := s.visit(t).browse()
	nobody.lookOver(first[len(s.config.BaseURL):])
	nobody.lookOver("/login")
	operator := s.as(t, account.Operator, 0, "")
	coordinator := s.as(t, account.Coordinator, 259, "")
	coordinator.post("/people", url.Values{"name": {"Anna Lind"}, "email": {"anna@koege.example"}, "role": {"unit"}, "unit": {"Borgerservice"}})
	anna, ok := s.accounts.ByEmail("anna@koege.example")
	if !ok {
		t.Fatal("not invited")
	}
	secret, err := s.accounts.Invite(anna.ID, account.Invited, time.Hour, s.now())
	if err != nil {
		t.Fatal(err)
	}
	nobody.lookOver("/link/" + secret)
	coordinator.post("/account/tokens", url.Values{"name": {"Kø"}, "role": {"unit"}, "unit": {"Borgerservice"}, "days": {"30"}})
	for _, v := range []*visitor{operator, coordinator} {
		b := v.browse()
		for _, path := range []string{"/people", "/people/" + anna.ID, "/account", "/audit", "/audit?from=i+g%C3%A5r"} {
			b.lookOver(path)
		}
	}
}
