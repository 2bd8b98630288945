package web

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"komhen/web/account"
	"komhen/web/audit"
)

const passphrase = "fire tilfældige ord her"

// person makes an account with a known password.
func (s *site) person(t *testing.T, a account.Account) account.Account {
	t.Helper()
	if a.Name == "" {
		a.Name = "Prøve Person"
	}
	a.Created = s.now()
	a, err := s.accounts.Create(a, passphrase)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func (v *visitor) login(email, password, next string) (where string, status int, body string) {
	v.t.Helper()
	r, err := v.PostForm(v.s.URL+"/login", url.Values{"email": {email}, "password": {password}, "next": {next}})
	if err != nil {
		v.t.Fatal(err)
	}
	where = r.Request.URL.Path
	status, body = v.read(r, nil)
	return where, status, body
}

func (v *visitor) cookie() string {
	home, _ := url.Parse(v.s.URL)
	for _, c := range v.Jar.Cookies(home) {
		return c.Value
	}
	return ""
}

// actions are what the log holds, newest first, with the object.
func (s *site) actions(t *testing.T, f audit.Filter) string {
	t.Helper()
	records, _, err := s.audit.Read(f, "", 50)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, r := range records {
		list = append(list, r.Action)
	}
	return strings.Join(list, " ")
}

func TestSignInAndOut(t *testing.T) {
	s := newSite(t, Config{})
	a := s.person(t, account.Account{Email: "tove@koege.example", Role: account.Coordinator, Municipality: 259})
	v := s.visit(t)
	v.get("/login?next=/uploads")
	before := v.cookie()
	where, status, _ := v.login("Tove@Koege.example", passphrase, "/uploads")
	if where != "/uploads" || status != http.StatusOK {
		t.Error(where, status)
	}
	token := v.cookie()
	if token == "" || token == before {
		t.Error("the session is not a new one")
	}
	if _, status, _ := v.login("tove@koege.example", passphrase, "https://evil.example/"); status != http.StatusOK {
		t.Error(status)
	}
	v.post("/logout", nil)
	thief := s.visit(t)
	home, _ := url.Parse(s.URL)
	thief.Jar.SetCookies(home, []*http.Cookie{{Name: s.sessions.Cookie.Name, Value: token, Path: "/"}})
	for _, who := range []*visitor{v, thief} {
		r, err := who.Get(s.URL + "/uploads")
		if err != nil || r.Request.URL.Path != "/login" {
			t.Error("still in after signing out", err)
		}
	}
	if got := s.actions(t, audit.Filter{Municipality: 259}); got != "login.out login login" || a.ID == "" {
		t.Error(got)
	}
}

// TestNextStaysHere: a link to the sign-in page cannot send people elsewhere.
func TestNextStaysHere(t *testing.T) {
	s := newSite(t, Config{})
	s.person(t, account.Account{Email: "tove@koege.example", Role: account.Coordinator, Municipality: 259})
	for _, next := range []string{"https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)", "/a\r\nSet-Cookie: x=y", "evil"} {
		v := s.visit(t)
		v.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		r, err := v.PostForm(s.URL+"/login", url.Values{"email": {"tove@koege.example"}, "password": {passphrase}, "next": {next}})
		if err != nil {
			t.Fatal(err)
		}
		if to := r.Header.Get("Location"); r.StatusCode != http.StatusSeeOther || to != "/" {
			t.Errorf("%q: %d %q", next, r.StatusCode, to)
		}
	}
}

// TestFailedSignInsLookAlike: the page for an unknown, closed, invited and wrongly typed account is the same, byte for byte.
func TestFailedSignInsLookAlike(t *testing.T) {
	s := newSite(t, Config{})
	s.person(t, account.Account{Email: "tove@koege.example", Role: account.Coordinator, Municipality: 259})
	closed := s.person(t, account.Account{Email: "lukket@koege.example", Role: account.Reader, Municipality: 259})
	closed.Disabled = true
	if _, err := s.accounts.Update(closed); err != nil {
		t.Fatal(err)
	}
	if _, err := s.accounts.Create(account.Account{Email: "ny@koege.example", Name: "Ny", Role: account.Reader, Municipality: 259}, ""); err != nil {
		t.Fatal(err)
	}
	pages := map[string]bool{}
	for _, try := range [][2]string{{"tove@koege.example", "forkert kodeord her"}, {"ingen@koege.example", passphrase}, {"lukket@koege.example", passphrase}, {"ny@koege.example", ""}} {
		_, status, body := s.visit(t).login(try[0], try[1], "/")
		if status != http.StatusUnprocessableEntity || try[1] != "" && strings.Contains(body, try[1]) || !strings.Contains(body, `value="`+try[0]+`"`) {
			t.Error(try, status)
		}
		pages[strings.ReplaceAll(body, try[0], "")] = true
	}
	if len(pages) != 1 {
		t.Error(len(pages), "different pages")
	}
	if got := s.actions(t, audit.Filter{Municipality: 259}); got != "login.failed login.failed login.failed" {
		t.Error(got)
	}
}

func TestGuessingIsSlowedDown(t *testing.T) {
	s := newSite(t, Config{})
	s.person(t, account.Account{Email: "tove@koege.example", Role: account.Coordinator, Municipality: 259})
	s.person(t, account.Account{Email: "anna@koege.example", Role: account.Reader, Municipality: 259})
	v := s.visit(t)
	for i := range loginsPerPair {
		if _, status, _ := v.login(" TOVE@koege.example", "forkert", "/"); status != http.StatusUnprocessableEntity {
			t.Fatal(i, status)
		}
	}
	r, err := v.PostForm(s.URL+"/login", url.Values{"email": {"tove@koege.example"}, "password": {passphrase}})
	status, body := v.read(r, err)
	if status != http.StatusTooManyRequests || r.Header.Get("Retry-After") == "" || !strings.Contains(words(body), "Vent ti minutter") {
		t.Error(status, words(body))
	}
	if _, status, _ := v.login("anna@koege.example", passphrase, "/"); status != http.StatusOK {
		t.Error("another person of the same house is kept out:", status)
	}
	b := newBrakes(3)
	for i := range 4 {
		w, r := httptest.NewRecorder(), httptest.NewRequest("POST", "/login", nil)
		r.RemoteAddr = "[2001:db8::" + string(rune('1'+i)) + "]:80" // one house has many addresses
		if err := b.try(w, r, string(rune('a'+i))); (err != nil) != (i == 3) {
			t.Error(i, err)
		}
	}
}

func TestCookies(t *testing.T) {
	for base, want := range map[string]string{"": "komhen=", "https://taelleuger.example": "__Host-komhen="} {
		s := newSite(t, Config{BaseURL: base})
		s.person(t, account.Account{Email: "tove@koege.example", Role: account.Coordinator, Municipality: 259})
		v := s.visit(t)
		v.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		r, err := v.PostForm(s.URL+"/login", url.Values{"email": {"tove@koege.example"}, "password": {passphrase}})
		if err != nil {
			t.Fatal(err)
		}
		c := r.Header.Get("Set-Cookie")
		if !strings.HasPrefix(c, want) || !strings.Contains(c, "HttpOnly") || !strings.Contains(c, "SameSite=Lax") || !strings.Contains(c, "Path=/") || strings.Contains(c, "Secure") != (base != "") || strings.Contains(c, "Domain") {
			t.Error(c)
		}
	}
}

// TestChangesFromElsewhereAreRefused: a form on another site cannot act for who is signed in here.
func TestChangesFromElsewhereAreRefused(t *testing.T) {
	s := newSite(t, Config{})
	v := s.as(t, account.Coordinator, 259, "")
	for _, h := range [][2]string{{"Sec-Fetch-Site", "cross-site"}, {"Origin", "https://evil.example"}} {
		r, err := http.NewRequest("POST", s.URL+"/people", strings.NewReader("name=X&email=x@y.dk&role=reader"))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set(h[0], h[1])
		if status, _ := v.read(v.Do(r)); status != http.StatusForbidden {
			t.Error(h, status)
		}
	}
	if _, there := s.accounts.ByEmail("x@y.dk"); there {
		t.Error("it was done")
	}
}

func TestSessionsEndWithTheRights(t *testing.T) {
	s := newSite(t, Config{})
	a := s.person(t, account.Account{Email: "tove@koege.example", Role: account.Coordinator, Municipality: 259})
	signedOut := func(v *visitor) bool {
		r, err := v.Get(s.URL + "/account")
		v.read(r, err)
		return r.Request.URL.Path == "/login"
	}
	here, there := s.visit(t), s.visit(t)
	here.login(a.Email, passphrase, "/")
	there.login(a.Email, passphrase, "/")
	for form, want := range map[string]int{"old=forkert&password=helt+andre+lange+ord&repeat=helt+andre+lange+ord": 422, "old=" + url.QueryEscape(passphrase) + "&password=kort&repeat=kort": 422, "old=" + url.QueryEscape(passphrase) + "&password=helt+andre+lange+ord&repeat=noget+andet": 422} {
		values, _ := url.ParseQuery(form)
		if status, body := here.post("/account", values); status != want || !strings.Contains(body, `aria-invalid="true"`) {
			t.Error(form, status)
		}
	}
	if status, body := here.post("/account", url.Values{"old": {passphrase}, "password": {"helt andre lange ord"}, "repeat": {"helt andre lange ord"}}); status != 200 || !strings.Contains(body, "er ændret") {
		t.Error(status, words(body))
	}
	if signedOut(here) || !signedOut(there) {
		t.Error("the others should be out, and only they")
	}
	a.Disabled = true
	if _, err := s.accounts.Update(a); err != nil {
		t.Fatal(err)
	}
	if !signedOut(here) {
		t.Error("a closed account is still in")
	}
}

// TestSessionsEndWithTime: idle for half an hour, and eight hours after sign-in at the latest.
func TestSessionsEndWithTime(t *testing.T) {
	m := newSessions(true)
	if m.IdleTimeout != 30*time.Minute || m.Lifetime != 8*time.Hour {
		t.Error(m.IdleTimeout, m.Lifetime)
	}
}

func TestFirstAdministrator(t *testing.T) {
	s := newSite(t, Config{})
	link, err := s.FirstLink()
	if err != nil {
		t.Fatal(err)
	}
	path := strings.TrimPrefix(link, s.URL)
	v := s.visit(t)
	if status, body := v.get(path); status != 200 || !strings.Contains(body, "første administrator") {
		t.Error(status)
	}
	for form, want := range map[string]string{
		"email=kl&name=Karen&password=fire+lange+gode+ord&repeat=fire+lange+gode+ord":                 "Mailadressen er ikke rigtig",
		"email=kl@kl.example&name=Karen&password=kort&repeat=kort":                                    "for kort",
		"email=kl@kl.example&name=Karen&password=fire+lange+gode+ord&repeat=fire+lange+andre+ord":     "ikke ens",
		"email=kl@kl.example&name=&password=fire+lange+gode+ord&repeat=fire+lange+gode+ord":           "Navnet mangler",
		"email=kl@kl.example&name=Karen&password=karenkaren12&repeat=karenkaren12":                    "dit navn",
		"email=kl@kl.example&name=Karen&password=" + strings.Repeat("x", 12) + "&repeat=xxxxxxxxxxxx": "prøves først",
	} {
		values, _ := url.ParseQuery(form)
		if status, body := v.post(path, values); status != 422 || !strings.Contains(words(body), want) {
			t.Error(form, status, words(body))
		}
	}
	status, body := v.post(path, url.Values{"email": {"kl@kl.example"}, "name": {"Karen"}, "password": {"fire lange gode ord"}, "repeat": {"fire lange gode ord"}})
	if status != 200 || !strings.Contains(body, "du er logget ind") {
		t.Error(status, words(body))
	}
	r, err := s.visit(t).Get(s.URL + path)
	if err != nil || r.StatusCode != 404 {
		t.Error("the link works twice", r.StatusCode)
	}
	if link, err = s.FirstLink(); link != "" || err != nil {
		t.Error(link, err)
	}
}

func TestBehindProxy(t *testing.T) {
	proxies := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("10.1.0.0/16")}
	for _, c := range []struct{ peer, header, want string }{
		{"127.0.0.1:5", "192.0.2.7", "192.0.2.7"},
		{"127.0.0.1:5", "203.0.113.9, 192.0.2.7", "192.0.2.7"}, // the first was sent by the caller
		{"127.0.0.1:5", "192.0.2.7, 10.1.2.3", "192.0.2.7"},
		{"127.0.0.1:5", "192.0.2.7, nonsense", "127.0.0.1"},
		{"127.0.0.1:5", "", "127.0.0.1"},
		{"198.51.100.1:5", "192.0.2.7", "198.51.100.1"}, // no proxy of ours
		{"127.0.0.1:5", "2001:db8::5", "2001:db8::5"},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = c.peer
		if c.header != "" {
			r.Header.Set("X-Forwarded-For", c.header)
		}
		got := ""
		behindProxy(proxies, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = addressOf(r) })).ServeHTTP(httptest.NewRecorder(), r)
		if got != c.want || r.RemoteAddr != c.peer {
			t.Errorf("%+v: %s", c, got)
		}
	}
}
