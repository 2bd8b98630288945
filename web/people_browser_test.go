package web

import (
	"fmt"
	"net/url"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

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
		for _, page := range []string{"/people", "/account", "/login"} { // forms sent empty: the summary and the errors at the fields
			who := b
			if page == "/login" {
				who = nobody
			}
			for _, width := range []int64{1280, 320} {
				who.size(width, 900)
				who.open(page)
				ask[chromedp.Void](who, `document.querySelectorAll("main form[method=post]").forEach(f => { if (f.getAttribute("action") === "`+page+`") f.submit() });undefined`)
				who.do(chromedp.WaitReady(chromedp.CSS(".error-summary")))
				who.axe(page + " with errors")
				who.fitsWidth(page + " with errors")
				who.full()
				who.picture(fmt.Sprintf("%s-errors-%d", page, width))
			}
		}
		for _, path := range []string{"/people", "/people/" + anna.ID, "/account", "/audit", "/audit?from=i+g%C3%A5r"} {
			b.lookOver(path)
		}
	}
}
