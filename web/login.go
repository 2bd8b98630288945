package web

import (
	"net/http"
	"strings"

	"komhen/web/account"
	"komhen/web/audit"
)

// loginData is the sign-in page.
type loginData struct {
	Form  *formData
	Next  string
	Demo  []DemoUser
	Mails bool
	OIDC  string // what the other way in is called; "" without one
}

func (s *Server) loginData(f *formData, next string) loginData {
	d := loginData{Form: f, Next: localPath(next), Demo: s.config.Demo, Mails: s.mails()}
	if s.signOn != nil {
		d.OIDC = s.signOn.config.Name
	}
	return d
}

func (s *Server) loginPage(w http.ResponseWriter, r *http.Request, v Viewer) error {
	next := r.URL.Query().Get("next")
	if v.SignedIn() {
		http.Redirect(w, r, homeOf(v, next), http.StatusSeeOther)
		return nil
	}
	return s.page(w, r, v, "login", s.loginData(nil, next))
}

// homeOf is where to go after sign-in: where the person was going, or to a first page that the role may see.
func homeOf(v Viewer, next string) string {
	if next = localPath(next); next == "/" && v.Is(account.Unit) {
		return "/account"
	}
	return next
}

func (s *Server) login(w http.ResponseWriter, r *http.Request, v Viewer) error {
	f, err := readForm(r, "email", "password", "next")
	if err != nil {
		return err
	}
	if err := s.brakes.try(w, r, f.Values["email"]); err != nil {
		return err // not logged: the log would be what fills the disk
	}
	a, err := s.accounts.Login(f.Values["email"], f.Values["password"], s.now())
	if err != nil {
		if !f.takes(err) {
			return err
		}
		s.noteFailedLogin(r, f.Values["email"])
		return s.pageWith(w, r, v, http.StatusUnprocessableEntity, "login", s.loginData(f, f.Values["next"]))
	}
	if err := s.signIn(r, a, "password"); err != nil {
		return err
	}
	http.Redirect(w, r, homeOf(viewerFor(a), f.Values["next"]), http.StatusSeeOther)
	return nil
}

func viewerFor(a account.Account) Viewer {
	return Viewer{Account: a, Role: a.Role, Municipality: a.Municipality, Unit: a.Unit}
}

// signIn gives the browser a session of its own for an account; nothing of an earlier one stays.
func (s *Server) signIn(r *http.Request, a account.Account, how string) error {
	if err := s.sessions.Clear(r.Context()); err != nil {
		return err
	}
	if err := s.begin(r, a); err != nil {
		return err
	}
	s.note(r, viewerFor(a), audit.Record{Action: "login", Municipality: a.Municipality, Detail: how})
	return nil
}

// noteFailedLogin lets those whose account it is see that somebody tries; an address that nobody has is not kept.
func (s *Server) noteFailedLogin(r *http.Request, email string) {
	a, _ := s.accounts.ByEmail(email)
	s.note(r, Viewer{}, audit.Record{Action: "login.failed", Object: a.ID, Municipality: a.Municipality})
}

func (s *Server) logout(w http.ResponseWriter, r *http.Request, v Viewer) error {
	if v.SignedIn() {
		s.note(r, v, audit.Record{Action: "login.out", Municipality: v.Municipality})
	}
	if err := s.sessions.Destroy(r.Context()); err != nil {
		return err
	}
	http.Redirect(w, r, "/login", http.StatusSeeOther)
	return nil
}

// linkData is the page behind an invitation, a reset or the link for the first administrator.
type linkData struct {
	Form  *formData
	Kind  account.Kind
	Owner account.Account
	Least int
}

func (s *Server) linkPage(w http.ResponseWriter, r *http.Request, v Viewer) error {
	owner, kind, err := s.accounts.LinkOwner(r.PathValue("secret"), s.now())
	if err != nil {
		return err
	}
	return s.showLink(w, r, v, http.StatusOK, linkData{Kind: kind, Owner: owner})
}

func (s *Server) showLink(w http.ResponseWriter, r *http.Request, v Viewer, status int, d linkData) error {
	w.Header().Set("Referrer-Policy", "no-referrer") // the address is the secret
	d.Least = account.PasswordMin
	return s.pageWith(w, r, v, status, "link", d)
}

func (s *Server) useLink(w http.ResponseWriter, r *http.Request, v Viewer) error {
	secret := r.PathValue("secret")
	owner, kind, err := s.accounts.LinkOwner(secret, s.now())
	if err != nil {
		return err
	}
	f, err := readForm(r, "email", "name", "password", "repeat")
	if err != nil {
		return err
	}
	f.same()
	var a account.Account
	if len(f.Errors) == 0 {
		if kind == account.First {
			a, err = s.accounts.RedeemFirst(secret, f.Values["email"], f.Values["name"], f.Values["password"], s.now())
		} else {
			a, err = s.accounts.Redeem(secret, f.Values["password"], s.now())
		}
		if err != nil && !f.takes(err) {
			return err
		}
	}
	if len(f.Errors) > 0 {
		return s.showLink(w, r, v, http.StatusUnprocessableEntity, linkData{Form: f, Kind: kind, Owner: owner})
	}
	s.note(r, viewerFor(a), audit.Record{Action: "account.link-used", Object: a.ID, Municipality: a.Municipality, Detail: string(kind)})
	if err := s.signIn(r, a, "link"); err != nil {
		return err
	}
	s.flash(r, "Din adgangskode er gemt, og du er logget ind.")
	http.Redirect(w, r, homeOf(viewerFor(a), "/"), http.StatusSeeOther)
	return nil
}

// note writes to the log who did something, from where and when. A log that cannot be written is told to those who run the
// service; what was done is done.
func (s *Server) note(r *http.Request, v Viewer, rec audit.Record) {
	rec.At, rec.Actor, rec.Address = s.now(), v.ID(), addressOf(r)
	if err := s.audit.Append(rec); err != nil {
		s.log.Error("audit log", "action", rec.Action, "error", err)
	}
}

// linkTo is a link of the service as people get it.
func (s *Server) linkTo(parts ...string) string {
	return strings.TrimSuffix(s.config.BaseURL, "/") + "/" + strings.Join(parts, "/")
}
