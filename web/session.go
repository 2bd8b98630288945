package web

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"

	"komhen/web/account"
)

// A session ends half an hour after it was last used, and eight hours after sign-in at the latest. Sessions live in memory: a
// restart of the service signs everybody out.
const (
	sessionIdle     = 30 * time.Minute
	sessionLifetime = 8 * time.Hour

	keyAccount    = "account"
	keyGeneration = "generation"
	keyFlashes    = "flashes"
)

func newSessions(secure bool) *scs.SessionManager {
	m := scs.New()
	m.Lifetime, m.IdleTimeout = sessionLifetime, sessionIdle
	m.Cookie.HttpOnly, m.Cookie.SameSite, m.Cookie.Path, m.Cookie.Persist = true, http.SameSiteLaxMode, "/", false
	m.Cookie.Name = "komhen"
	if secure {
		m.Cookie.Secure, m.Cookie.Name = true, "__Host-komhen"
	}
	m.HashTokenInStore = true
	return m
}

// secure tells whether people reach the service over https.
func (c Config) secure() bool { return strings.HasPrefix(c.BaseURL, "https://") }

// begin signs an account in: a new session, so that one fixed beforehand is worth nothing.
func (s *Server) begin(r *http.Request, a account.Account) error {
	if err := s.sessions.RenewToken(r.Context()); err != nil {
		return err
	}
	s.sessions.Put(r.Context(), keyAccount, a.ID)
	s.sessions.Put(r.Context(), keyGeneration, a.Generation)
	return nil
}

// signedIn is the account of the request's session. A disabled account, or one whose sessions were ended, has none.
func (s *Server) signedIn(r *http.Request) (account.Account, bool) {
	id := s.sessions.GetString(r.Context(), keyAccount)
	if id == "" {
		return account.Account{}, false
	}
	a, ok := s.accounts.Account(id)
	if !ok || a.Disabled || a.Generation != s.sessions.GetInt(r.Context(), keyGeneration) {
		return account.Account{}, false
	}
	return a, true
}

// flash says something on the next page the viewer sees.
func (s *Server) flash(r *http.Request, text string) {
	list, _ := s.sessions.Get(r.Context(), keyFlashes).([]string)
	s.sessions.Put(r.Context(), keyFlashes, append(list, text))
}

// flashes are what is to be said on this page. A page that only our script reads leaves them for the one a person sees.
func (s *Server) flashes(r *http.Request) []string {
	if r.Header.Get("Komhen-Script") != "" {
		return nil
	}
	list, _ := s.sessions.Pop(r.Context(), keyFlashes).([]string)
	return list
}

// escapedNext is where to go after sign-in, for a query.
func escapedNext(r *http.Request) string { return url.QueryEscape(r.URL.RequestURI()) }

// localPath is a path to go on to that lies in this service; anything else is the front page.
func localPath(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || !strings.HasPrefix(u.Path, "/") || strings.HasPrefix(u.Path, "//") || strings.ContainsAny(next, "\\\r\n\t") {
		return "/"
	}
	return u.RequestURI()
}
