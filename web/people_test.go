package web

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"komhen/web/account"
	"komhen/web/audit"
)

var shownOnce = regexp.MustCompile(`id="shown" readonly value="([^"]*)"`)

func secretOn(body string) string {
	if m := shownOnce.FindStringSubmatch(body); m != nil {
		return m[1]
	}
	return ""
}

// TestInvitation goes the whole way: a coordinator invites, the link is shown once, the person chooses a password, forgets it and
// gets another link, and is deleted.
func TestInvitation(t *testing.T) {
	s := newSite(t, Config{})
	v := s.as(t, account.Coordinator, 259, "")
	status, body := v.post("/people", url.Values{"name": {"Anna Lind"}, "email": {"anna@koege.example"}, "role": {"unit"}, "unit": {" Borgerservice "}, "municipality": {"461"}})
	link := secretOn(body)
	if status != 200 || !strings.HasPrefix(link, s.URL+"/link/") {
		t.Fatal(status, words(body))
	}
	anna, _ := s.accounts.ByEmail("anna@koege.example")
	if anna.Municipality != 259 || anna.Unit != "Borgerservice" || anna.Role != account.Unit {
		t.Errorf("%+v", anna)
	}
	if _, body := v.get("/people/" + anna.ID); secretOn(body) != "" {
		t.Error("the link is shown twice")
	}
	path := strings.TrimPrefix(link, s.URL)
	guest := s.visit(t)
	r, err := guest.Get(link)
	if status, body := guest.read(r, err); status != 200 || !strings.Contains(body, "anna@koege.example") || r.Header.Get("Referrer-Policy") != "no-referrer" || r.Header.Get("Cache-Control") != "no-store" {
		t.Error(status, words(body), r.Header)
	}
	if status, body := guest.post(path, url.Values{"password": {"anna lind anna lind"}, "repeat": {"anna lind anna lind"}}); status != 422 || !strings.Contains(body, "password-error") {
		t.Error(status, words(body))
	}
	if status, body := guest.post(path, url.Values{"password": {passphrase}, "repeat": {passphrase}}); status != 200 || !strings.Contains(body, "Din konto") {
		t.Error(status, words(body))
	}
	if status, _ := guest.post(path, url.Values{"password": {passphrase}, "repeat": {passphrase}}); status != 404 {
		t.Error("used twice", status)
	}
	if where, status, _ := guest.login("anna@koege.example", passphrase, "/"); where != "/account" || status != 200 {
		t.Error(where, status)
	}
	_, body = v.post("/people/"+anna.ID+"/link", nil)
	if link := secretOn(body); link == "" || !strings.Contains(words(body), "et døgn") {
		t.Error(words(body))
	}
	if status, body := v.post("/people/"+anna.ID+"/delete", nil); status != 422 || !strings.Contains(body, "sure-error") {
		t.Error(status)
	}
	if status, body := v.post("/people/"+anna.ID+"/delete", url.Values{"sure": {"1"}}); status != 200 || strings.Contains(body, "Anna") {
		t.Error(status, words(body))
	}
	if status, _ := v.get("/people/" + anna.ID); status != 404 {
		t.Error(status)
	}
	if got := s.actions(t, audit.Filter{Municipality: 259, Action: "account"}); got != "account.delete account.link account.link-used account.link account.create" {
		t.Error(got)
	}
	_, body = v.get("/audit?action=account")
	v.wants(body, "Slettede bruger", "Slettet bruger ("+anna.ID+")", "invitation")
	if strings.Contains(body, "Anna") {
		t.Error("the name outlives the person")
	}
}

// TestCoordinatorsStayWithinTheirRights: they make and manage analysts, units and readers of their own municipality, nobody else.
func TestCoordinatorsStayWithinTheirRights(t *testing.T) {
	s := newSite(t, Config{})
	v := s.as(t, account.Coordinator, 259, "")
	others := []account.Account{
		s.person(t, account.Account{Email: "kl@kl.example", Name: "Karen", Role: account.Operator}),
		s.person(t, account.Account{Email: "kollega@koege.example", Name: "Kollega", Role: account.Coordinator, Municipality: 259}),
		s.person(t, account.Account{Email: "bo@odense.example", Name: "Bo Nabo", Role: account.Reader, Municipality: 461}),
	}
	before := s.accounts.Accounts()
	for _, a := range others {
		for _, path := range []string{"", "/link", "/delete"} {
			if status, _ := v.post("/people/"+a.ID+path, url.Values{"sure": {"1"}, "name": {"Ny"}, "role": {"reader"}, "disabled": {"1"}}); status != http.StatusNotFound {
				t.Error(a.Name, path, status)
			}
		}
		if status, _ := v.get("/people/" + a.ID); status != http.StatusNotFound {
			t.Error(a.Name, status)
		}
	}
	for _, role := range []string{"operator", "coordinator", "", "king"} {
		if status, _ := v.post("/people", url.Values{"name": {"X"}, "email": {"x@koege.example"}, "role": {role}, "municipality": {"259"}}); status != 422 {
			t.Error(role, status)
		}
	}
	after := s.accounts.Accounts()
	if len(before) != len(after) {
		t.Fatal(len(after))
	}
	for i := range after {
		if before[i] != after[i] {
			t.Errorf("%+v", after[i])
		}
	}
	if status, body := v.post("/people", nil); status != 422 || !strings.Contains(body, "Der er 3 fejl") {
		t.Error(status, words(body))
	}
	reader := s.person(t, account.Account{Email: "lis@koege.example", Name: "Lis", Role: account.Reader, Municipality: 259})
	for _, role := range []string{"operator", "coordinator"} {
		if status, _ := v.post("/people/"+reader.ID, url.Values{"name": {"Lis"}, "role": {role}}); status != 422 {
			t.Error(role, status)
		}
	}
	if status, _ := v.post("/people/"+reader.ID, url.Values{"name": {"Lis Leder"}, "role": {"analyst"}, "municipality": {"461"}, "unit": {"glemt"}}); status != 200 {
		t.Error(status)
	}
	if a, _ := s.accounts.Account(reader.ID); a.Name != "Lis Leder" || a.Role != account.Analyst || a.Municipality != 259 || a.Unit != "" {
		t.Errorf("%+v", a)
	}
	if status, body := v.post("/people", url.Values{"name": {"X"}, "email": {"kl@kl.example"}, "role": {"reader"}}); status != 422 || !strings.Contains(body, "email-error") {
		t.Error(status)
	}
}

func TestTheLastAdministratorStays(t *testing.T) {
	s := newSite(t, Config{})
	a := s.person(t, account.Account{Email: "kl@kl.example", Name: "Karen", Role: account.Operator})
	v := s.signedInAs(t, a)
	for path, form := range map[string]url.Values{"/delete": {"sure": {"1"}}, "": {"name": {"Karen"}, "role": {"operator"}, "disabled": {"1"}}} {
		if status, body := v.post("/people/"+a.ID+path, form); status != 422 || !strings.Contains(words(body), "sidste aktive administrator") {
			t.Error(path, status, words(body))
		}
	}
	if status, _ := v.post("/people/"+a.ID, url.Values{"name": {"Karen"}, "role": {"reader"}, "municipality": {"259"}}); status != 422 {
		t.Error(status)
	}
}

func TestOperatorMovesPeople(t *testing.T) {
	s := newSite(t, Config{})
	v := s.as(t, account.Operator, 0, "")
	a := s.person(t, account.Account{Email: "tove@koege.example", Name: "Tove", Role: account.Coordinator, Municipality: 259})
	if status, _ := v.post("/people/"+a.ID, url.Values{"name": {"Tove"}, "role": {"coordinator"}, "municipality": {"9999"}}); status != 422 {
		t.Error(status)
	}
	if status, _ := v.post("/people/"+a.ID, url.Values{"name": {"Tove"}, "role": {"coordinator"}, "municipality": {"461"}}); status != 200 {
		t.Error(status)
	}
	for _, municipality := range []uint16{259, 461} {
		if got := s.actions(t, audit.Filter{Municipality: municipality}); got != "account.change" {
			t.Error(municipality, got)
		}
	}
	if _, body := v.get("/people?municipality=461"); !strings.Contains(body, "tove@koege.example") {
		t.Error("not listed")
	}
	if _, body := v.get("/people?municipality=259"); strings.Contains(body, "tove@koege.example") {
		t.Error("listed where she was")
	}
}

func TestTokensOnPages(t *testing.T) {
	s := newSite(t, Config{})
	v := s.as(t, account.Coordinator, 259, "")
	status, body := v.post("/account/tokens", url.Values{"name": {"Kø"}, "role": {"unit"}, "unit": {"Borgerservice"}, "days": {"30"}, "test": {"1"}})
	secret := secretOn(body)
	if status != 200 || secret == "" {
		t.Fatal(status, words(body))
	}
	key, err := s.accounts.TokenBy(secret, s.now())
	if err != nil || key.Role != account.Unit || key.Municipality != 259 || key.Unit != "Borgerservice" || !key.Test {
		t.Errorf("%+v %v", key, err)
	}
	if _, body := v.get("/account"); secretOn(body) != "" || strings.Contains(body, secret) {
		t.Error("shown twice")
	}
	for _, wrong := range []url.Values{
		{"name": {"x"}, "role": {"operator"}, "days": {"30"}}, {"name": {""}, "role": {"reader"}, "days": {"30"}}, {"name": {"x"}, "role": {"reader"}, "days": {"99999"}}, {"name": {"x"}, "role": {"unit"}, "days": {"30"}},
	} {
		if status, body := v.post("/account/tokens", wrong); status != 422 || !strings.Contains(body, `form-error-message`) {
			t.Error(wrong, status)
		}
	}
	// a token opens no page
	r, _ := http.NewRequest("GET", s.URL+"/people", nil)
	r.Header.Set("Authorization", "Bearer "+secret)
	nobody := s.visit(t)
	answer, err := nobody.Do(r)
	if nobody.read(answer, err); answer.Request.URL.Path != "/login" {
		t.Error("a token opens a page")
	}
	for _, other := range []*visitor{s.as(t, account.Coordinator, 461, ""), s.as(t, account.Analyst, 259, ""), s.as(t, account.Analyst, 461, "")} {
		if status, _ := other.post("/tokens/"+key.ID+"/revoke", nil); status != http.StatusNotFound {
			t.Error(status)
		}
	}
	if status, body := s.as(t, account.Coordinator, 259, "").post("/tokens/"+key.ID+"/revoke", nil); status != 200 || !strings.Contains(body, "trukket tilbage") {
		t.Error(status)
	}
	if _, err := s.accounts.TokenBy(secret, s.now()); err == nil {
		t.Error("still works")
	}
}

// TestLogIsEachOnesOwn: a coordinator reads what belongs to the own municipality, whatever the address asks for.
func TestLogIsEachOnesOwn(t *testing.T) {
	s := newSite(t, Config{})
	bo := s.person(t, account.Account{Email: "bo@odense.example", Name: "Bo Nabo", Role: account.Coordinator, Municipality: 461})
	karen := s.person(t, account.Account{Email: "kl@kl.example", Name: "Karen", Role: account.Operator})
	s.visit(t).login(bo.Email, passphrase, "/")
	s.visit(t).login(karen.Email, passphrase, "/")
	s.visit(t).login("ingen@odense.example", passphrase, "/")
	v := s.as(t, account.Coordinator, 259, "")
	for _, query := range []string{"", "?municipality=461", "?municipality=0", "?municipality=", "?actor=" + bo.ID, "?before=2026-11:99999999"} {
		if status, body := v.get("/audit" + query); status != 200 || strings.Contains(body, "Bo Nabo") || strings.Contains(body, "Karen") || strings.Contains(body, "login</") {
			t.Error(query, status, words(body))
		}
	}
	for query, want := range map[string]int{"?before=forkert": 404, "?from=31-02-2026": 422, "?to=x": 422, "?from=2026-11-01&to=30-11-2099": 200} {
		if status, _ := v.get("/audit" + query); status != want {
			t.Error(query, status)
		}
	}
	_, body := s.as(t, account.Operator, 0, "").get("/audit")
	v.wants(body, "Bo Nabo", "Karen", "Forkert login", "Odense")
	if strings.Contains(body, "ingen@") {
		t.Error("the log keeps what was typed")
	}
	if _, body := s.as(t, account.Operator, 0, "").get("/audit?municipality=461"); strings.Contains(body, `data-title="Hvem">Karen`) || !strings.Contains(body, `data-title="Hvem">Bo Nabo`) {
		t.Error(words(body))
	}
}
