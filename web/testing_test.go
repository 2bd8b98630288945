package web

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"komhen/ingest"
	"komhen/model/codebook"
	"komhen/web/account"
)

// site is a service on a free port of this machine, over a data folder of its own.
type site struct {
	*Server
	URL string
}

// newSite starts a service. Everything it needs ends with the test.
func newSite(t *testing.T, config Config) *site {
	t.Helper()
	return newSiteAt(t, t.TempDir(), config)
}

// newSiteAt starts a service over a data folder.
func newSiteAt(t *testing.T, dir string, config Config) *site {
	t.Helper()
	book, err := codebook.Load()
	if err != nil {
		t.Fatal(err)
	}
	folder, err := ingest.Open(t.Context(), dir, book, ingest.OpenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { folder.Close() })
	if config.Log == nil {
		config.Log = slog.New(slog.NewTextHandler(testLog{t}, &slog.HandlerOptions{Level: slog.LevelWarn}))
	}
	s, err := New(t.Context(), folder, config)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(s.Handler())
	t.Cleanup(func() {
		server.Close()
		s.Close()
	})
	if s.config.BaseURL == "" {
		s.config.BaseURL = server.URL
	}
	return &site{s, server.URL}
}

// testLog keeps a service's complaints with the test they belong to.
type testLog struct{ t *testing.T }

func (l testLog) Write(b []byte) (int, error) {
	if l.t.Context().Err() == nil {
		l.t.Log(strings.TrimSpace(string(b)))
	}
	return len(b), nil
}

// visitor is a browser without a screen: it keeps cookies and follows redirects.
type visitor struct {
	t *testing.T
	s *site
	*http.Client
}

// visit gives a visitor who is nobody yet.
func (s *site) visit(t *testing.T) *visitor {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &visitor{t, s, &http.Client{Jar: jar, Timeout: time.Minute}}
}

// as gives a visitor who is signed in, as a new account of that role. It has no password: making one takes a processor some 80 ms.
func (s *site) as(t *testing.T, role account.Role, municipality uint16, unit string) *visitor {
	t.Helper()
	a, err := s.accounts.Create(account.Account{Email: strings.ToLower(t.Name()+string(role)+time.Now().Format("150405.000000000")) + "@test.example", Name: "Prøve " + role.Label(), Role: role,
		Municipality: municipality, Unit: unit, Created: time.Now()}, "")
	if err != nil {
		t.Fatal(err)
	}
	return s.signedInAs(t, a)
}

// signedInAs gives a visitor with a session of the account.
func (s *site) signedInAs(t *testing.T, a account.Account) *visitor {
	t.Helper()
	ctx, err := s.sessions.Load(context.Background(), "")
	if err != nil {
		t.Fatal(err)
	}
	s.sessions.Put(ctx, keyAccount, a.ID)
	s.sessions.Put(ctx, keyGeneration, a.Generation)
	token, _, err := s.sessions.Commit(ctx)
	if err != nil {
		t.Fatal(err)
	}
	v := s.visit(t)
	home, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	v.Jar.SetCookies(home, []*http.Cookie{{Name: s.sessions.Cookie.Name, Value: token, Path: "/"}})
	return v
}

// get fetches a page.
func (v *visitor) get(path string) (status int, body string) {
	v.t.Helper()
	r, err := v.Get(v.s.URL + path)
	return v.read(r, err)
}

// post sends a form.
func (v *visitor) post(path string, form url.Values) (status int, body string) {
	v.t.Helper()
	r, err := v.PostForm(v.s.URL+path, form)
	return v.read(r, err)
}

func (v *visitor) read(r *http.Response, err error) (int, string) {
	v.t.Helper()
	if err != nil {
		v.t.Fatal(err)
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	return r.StatusCode, string(b)
}
