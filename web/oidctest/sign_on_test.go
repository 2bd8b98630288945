package oidctest

import (
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"komhen/ingest"
	"komhen/model"
	"komhen/model/codebook"
	"komhen/web"
	"komhen/web/account"
)

const passphrase = "fire tilfældige ord her"

// site is komhen on a free port, with a provider beside it.
type site struct {
	*web.Server
	URL      string
	provider *provider
}

func newSite(t *testing.T, change func(*web.Config)) *site {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &site{URL: "http://" + listener.Addr().String()}
	s.provider = newProvider(t, s.URL)
	book, err := codebook.Load()
	if err != nil {
		t.Fatal(err)
	}
	folder, err := ingest.Open(t.Context(), t.TempDir(), book, ingest.OpenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { folder.Close() })
	c := web.Config{BaseURL: s.URL, Log: slog.New(slog.DiscardHandler), OIDC: &web.OIDCConfig{Name: "Log ind med Køge", Issuer: s.provider.URL, ClientID: clientID, ClientSecret: clientSecret, Scopes: []string{"groups"},
		Rules: []web.OIDCRule{
			{Claim: "groups", Value: "komhen-tovholder", Role: account.Coordinator, Municipality: 259},
			{Claim: "groups", Value: "komhen-analyse", Role: account.Analyst, Municipality: 259},
		}}}
	if change != nil {
		change(&c)
	}
	if s.Server, err = web.New(t.Context(), folder, c); err != nil {
		t.Fatal(err)
	}
	h := &http.Server{Handler: s.Handler()}
	go h.Serve(listener)
	t.Cleanup(func() {
		h.Close()
		s.Close()
	})
	return s
}

// visitor is a browser without a screen that stops at every redirect.
type visitor struct {
	t *testing.T
	s *site
	*http.Client
}

func (s *site) visit(t *testing.T) *visitor {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &visitor{t, s, &http.Client{Jar: jar, Timeout: time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// answer is a response that has been read.
type answer struct {
	status   int
	location string
	body     string
}

func (v *visitor) read(r *http.Response, err error) answer {
	v.t.Helper()
	if err != nil {
		v.t.Fatal(err)
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	return answer{r.StatusCode, r.Header.Get("Location"), string(b)}
}

func (v *visitor) open(address string) answer {
	v.t.Helper()
	if strings.HasPrefix(address, "/") {
		address = v.s.URL + address
	}
	r, err := v.Get(address)
	return v.read(r, err)
}

// start goes to the provider's sign-in page and gives its address.
func (v *visitor) start(next string) string {
	v.t.Helper()
	a := v.open("/oidc/start?next=" + url.QueryEscape(next))
	if a.status != http.StatusSeeOther || !strings.HasPrefix(a.location, v.s.provider.URL+"/authorize?") {
		v.t.Fatalf("%+v", a)
	}
	return a.location
}

var formAction = regexp.MustCompile(`action="([^"]*)"`)

// identify fills the provider's form in and gives the address it sends the person back to.
func (v *visitor) identify(address, email string) string {
	v.t.Helper()
	page := v.open(address)
	if page.location != "" {
		return page.location // refused before anybody was asked
	}
	m := formAction.FindStringSubmatch(page.body)
	if m == nil {
		v.t.Fatalf("%+v", page)
	}
	r, err := v.PostForm(v.s.provider.URL+strings.ReplaceAll(m[1], "&amp;", "&"), url.Values{"username": {email}, "password": {userPassword}})
	a := v.read(r, err)
	if !strings.HasPrefix(a.location, v.s.URL+"/oidc/callback?") {
		v.t.Fatalf("%+v", a)
	}
	return a.location
}

func (v *visitor) signOn(email, next string) answer {
	v.t.Helper()
	return v.open(v.identify(v.start(next), email))
}

// signedIn tells whether the visitor's own page is shown.
func (v *visitor) signedIn() bool { return v.open("/account").status == http.StatusOK }

func (v *visitor) refused(a answer, status int, words string) {
	v.t.Helper()
	if a.status != status || !strings.Contains(a.body, words) {
		v.t.Errorf("%d %s, want %d %q", a.status, a.body, status, words)
	}
	if v.signedIn() {
		v.t.Error("signed in all the same")
	}
}

// with changes a parameter of an address.
func with(t *testing.T, address, name, value string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	if value == "" {
		q.Del(name)
	} else {
		q.Set(name, value)
	}
	u.RawQuery = q.Encode()
	return u.String()
}

func get(t *testing.T, address, name string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u.Query().Get(name)
}

var (
	tove = user{subject: "sub-1", email: "tove@koege.example", name: "Tove Vad", verified: true, groups: []string{"alle", "komhen-tovholder"}}
	anna = user{subject: "sub-2", email: "anna@koege.example", name: "Anna Lind", groups: []string{"komhen-analyse"}}
)

func TestSignOn(t *testing.T) {
	s := newSite(t, nil)
	s.provider.add(tove)
	v := s.visit(t)
	if a := v.open("/login?next=/uploads"); !strings.Contains(a.body, "Log ind med Køge") {
		t.Error(a.body)
	}
	if a := v.signOn(tove.email, "/uploads"); a.status != http.StatusSeeOther || a.location != "/uploads" || !v.signedIn() {
		t.Errorf("%+v", a)
	}
	a, ok := s.Accounts().ByEmail(tove.email)
	if !ok || a.Role != account.Coordinator || a.Municipality != 259 || !a.External || a.Name != "Tove Vad" {
		t.Errorf("%+v", a)
	}
	// the provider takes the role away: the next sign-on gives less, and the session of before has ended
	again := s.visit(t)
	changed := tove
	changed.groups = []string{"komhen-analyse"}
	s.provider.add(changed)
	again.signOn(tove.email, "/")
	if b, _ := s.Accounts().Account(a.ID); b.Role != account.Analyst || b.ID != a.ID {
		t.Errorf("%+v", b)
	}
	if v.signedIn() || !again.signedIn() {
		t.Error("the session with the old rights lives on")
	}
	changed.groups = []string{"alle"}
	s.provider.add(changed)
	other := s.visit(t)
	other.refused(other.signOn(tove.email, "/"), http.StatusForbidden, "ingen rolle her")
	if a := v.signOn("", "https://evil.example/"); a.location != "" {
		t.Errorf("%+v", a)
	}
}

func TestNextStaysHere(t *testing.T) {
	s := newSite(t, nil)
	s.provider.add(tove)
	if a := s.visit(t).signOn(tove.email, "//evil.example/"); a.location != "/" {
		t.Errorf("%+v", a)
	}
}

func TestDenied(t *testing.T) {
	s := newSite(t, nil)
	v := s.visit(t)
	v.refused(v.signOn("nobody@koege.example", "/"), http.StatusForbidden, "afbrød login")
}

// TestAnswersOfOthers: an answer is good once, in the browser that asked, for the question it asked.
func TestAnswersOfOthers(t *testing.T) {
	s := newSite(t, nil)
	s.provider.add(tove)
	s.provider.add(anna)
	v := s.visit(t)
	callback := v.identify(v.start("/"), tove.email)
	stranger := s.visit(t)
	stranger.refused(stranger.open(callback), http.StatusBadRequest, "lykkedes ikke") // no question was asked
	stranger.start("/")
	stranger.refused(stranger.open(callback), http.StatusBadRequest, "lykkedes ikke") // another question
	if a := v.open(callback); a.status != http.StatusSeeOther || !v.signedIn() {
		t.Fatalf("%+v", a)
	}
	late := s.visit(t)
	late.refused(late.open(callback), http.StatusBadRequest, "lykkedes ikke")

	wrong := s.visit(t)
	wrong.refused(wrong.open(with(t, wrong.identify(wrong.start("/"), tove.email), "state", "x")), http.StatusBadRequest, "lykkedes ikke")
	wrong.refused(wrong.open(with(t, wrong.identify(wrong.start("/"), tove.email), "state", "")), http.StatusBadRequest, "lykkedes ikke")
	wrong.refused(wrong.open(with(t, wrong.identify(wrong.start("/"), tove.email), "iss", "https://other.example")), http.StatusBadRequest, "lykkedes ikke")
	wrong.refused(wrong.open(with(t, wrong.identify(wrong.start("/"), tove.email), "code", "x.y")), http.StatusBadRequest, "lykkedes ikke")
}

// TestStolenCode: PKCE. A code that was asked for by another browser is worth nothing, even with one's own state.
func TestStolenCode(t *testing.T) {
	s := newSite(t, nil)
	s.provider.add(tove)
	victim, thief := s.visit(t), s.visit(t)
	address := victim.start("/")
	if get(t, address, "code_challenge_method") != "S256" || len(get(t, address, "code_challenge")) != 43 || len(get(t, address, "nonce")) != 43 || get(t, address, "state") == get(t, address, "nonce") {
		t.Error(address)
	}
	code := get(t, victim.identify(address, tove.email), "code")
	state := get(t, thief.start("/"), "state")
	thief.refused(thief.open("/oidc/callback?code="+url.QueryEscape(code)+"&state="+url.QueryEscape(state)), http.StatusBadRequest, "lykkedes ikke")
	bare := s.visit(t)
	stripped := with(t, with(t, bare.start("/"), "code_challenge", ""), "code_challenge_method", "")
	bare.refused(bare.open(bare.identify(stripped, tove.email)), http.StatusBadRequest, "lykkedes ikke") // the provider insists
}

func TestNonce(t *testing.T) {
	s := newSite(t, nil)
	s.provider.add(tove)
	v := s.visit(t)
	v.refused(v.open(v.identify(with(t, v.start("/"), "nonce", "en nonce af en anden"), tove.email)), http.StatusBadRequest, "lykkedes ikke")
	v.refused(v.open(v.identify(with(t, v.start("/"), "nonce", ""), tove.email)), http.StatusBadRequest, "lykkedes ikke")
}

func TestExpiredToken(t *testing.T) {
	s := newSite(t, func(c *web.Config) { c.Now = func() time.Time { return time.Now().Add(time.Hour) } })
	s.provider.add(tove)
	v := s.visit(t)
	v.refused(v.signOn(tove.email, "/"), http.StatusBadRequest, "lykkedes ikke")
}

// TestOthersSignature: the ID token is signed with a key that the provider does not publish.
func TestOthersSignature(t *testing.T) {
	s := newSite(t, nil)
	s.provider.add(tove)
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	s.provider.keys = publicSet(key)
	v := s.visit(t)
	v.refused(v.signOn(tove.email, "/"), http.StatusBadRequest, "lykkedes ikke")
}

func TestWrongClientSecret(t *testing.T) {
	s := newSite(t, func(c *web.Config) { c.OIDC.ClientSecret = "forkert" })
	s.provider.add(tove)
	v := s.visit(t)
	v.refused(v.signOn(tove.email, "/"), http.StatusBadRequest, "lykkedes ikke")
}

// TestLocalAccounts: a local account with the same address is taken over only when the provider has verified the address.
func TestLocalAccounts(t *testing.T) {
	s := newSite(t, nil)
	local, err := s.Accounts().Create(account.Account{Email: tove.email, Name: "Tove", Role: account.Coordinator, Municipality: 259}, passphrase)
	if err != nil {
		t.Fatal(err)
	}
	unverified := tove
	unverified.verified = false
	s.provider.add(unverified)
	v := s.visit(t)
	v.refused(v.signOn(tove.email, "/"), http.StatusBadRequest, "kan ikke kobles")
	if a, _ := s.Accounts().Account(local.ID); a.External {
		t.Error("taken over")
	}
	s.provider.add(tove)
	if v.signOn(tove.email, "/"); !v.signedIn() {
		t.Error("not in")
	}
	if _, err := s.Accounts().Login(tove.email, passphrase, time.Now()); err == nil {
		t.Error("the old password still works")
	}
	a, _ := s.Accounts().Account(local.ID)
	a.Disabled = true
	if _, err := s.Accounts().Update(a); err != nil {
		t.Fatal(err)
	}
	closed := s.visit(t)
	closed.refused(closed.signOn(tove.email, "/"), http.StatusForbidden, "adgang er lukket")
}

// TestProviderAway: the service starts and lets people in by password while the provider is down, and finds it when it is back.
func TestProviderAway(t *testing.T) {
	s := newSite(t, nil)
	s.provider.Close()
	v := s.visit(t)
	v.refused(v.open("/oidc/start"), http.StatusBadGateway, "svarer ikke lige nu")
	if a := v.open("/login"); a.status != http.StatusOK {
		t.Error(a.status)
	}
}

func TestConfiguration(t *testing.T) {
	book, err := codebook.Load()
	if err != nil {
		t.Fatal(err)
	}
	folder, err := ingest.Open(t.Context(), t.TempDir(), book, ingest.OpenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer folder.Close()
	for name, change := range map[string]func(*web.OIDCConfig){
		"plain http":      func(c *web.OIDCConfig) { c.Issuer = "http://idp.example" },
		"no client":       func(c *web.OIDCConfig) { c.ClientID = "" },
		"no rules":        func(c *web.OIDCConfig) { c.Rules = nil },
		"no claim":        func(c *web.OIDCConfig) { c.Rules[0].Claim = "" },
		"unknown role":    func(c *web.OIDCConfig) { c.Rules[0].Role = "king" },
		"operator of one": func(c *web.OIDCConfig) { c.Rules[0].Role = account.Operator },
		"nobody's":        func(c *web.OIDCConfig) { c.Rules[0].Municipality = 0 },
		"unknown town":    func(c *web.OIDCConfig) { c.Rules[0].Municipality = 9999 },
		"unit without":    func(c *web.OIDCConfig) { c.Rules[0].Role = account.Unit },
	} {
		c := &web.OIDCConfig{Issuer: "https://idp.example", ClientID: "x", Rules: []web.OIDCRule{{Claim: "groups", Value: "g", Role: account.Reader, Municipality: 259}}}
		change(c)
		_, err := web.New(t.Context(), folder, web.Config{BaseURL: "https://komhen.example", OIDC: c})
		var p *model.Problem
		if !errors.As(err, &p) || p.Code != "oidc-config" {
			t.Error(name, err)
		}
	}
}
