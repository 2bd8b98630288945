package web

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"komhen/model"
	"komhen/web/account"
	"komhen/web/audit"
)

// keyShown is a secret that the next page shows, once.
const keyShown = "shown"

// tokenDays are how long a token may last, for the list to choose from.
var tokenDays = []struct {
	Days  int
	Label string
}{{30, "En måned"}, {182, "Et halvt år"}, {365, "Et år"}, {730, "To år"}}

// ownData is a person's own page.
type ownData struct {
	Password       *formData
	Token          *formData
	Person         account.Account
	Municipality   string
	Least          int
	Tokens         []tokenRow
	Roles          []account.Role // that a token may have; none: may issue none
	Municipalities []model.Municipality
	Days           any
	Shown          string // the secret of a token just made
	Reminders      []reminderWish
	Mails          bool
}

// tokenRow is a token as a list shows it.
type tokenRow struct {
	account.Token
	Owner, Where, State string
	Works               bool
}

func (s *Server) tokenRow(t account.Token) tokenRow {
	row := tokenRow{Token: t, Owner: s.actorName(t.AccountID), State: "Virker", Works: true}
	if t.Municipality != 0 {
		row.Where = s.nameOf(t.Municipality)
	}
	owner, there := s.accounts.Account(t.AccountID)
	switch {
	case !t.Revoked.IsZero():
		row.State, row.Works = "Trukket tilbage", false
	case !s.now().Before(t.Expires):
		row.State, row.Works = "Udløbet", false
	case !there || !owner.Covers(t.Role, t.Municipality, t.Unit):
		row.State = "Virker ikke: ejeren har ikke længere de rettigheder"
	}
	return row
}

// tokenRoles are the roles that a token of the viewer's may have.
func tokenRoles(v Viewer) (roles []account.Role) {
	for _, role := range account.AllRoles {
		if v.Account.Covers(role, v.Municipality, v.Unit) {
			roles = append(roles, role)
		}
	}
	return roles
}

func (s *Server) ownPage(w http.ResponseWriter, r *http.Request, v Viewer) error {
	return s.showOwn(w, r, v, http.StatusOK, ownData{})
}

func (s *Server) showOwn(w http.ResponseWriter, r *http.Request, v Viewer, status int, d ownData) error {
	d.Person, d.Least, d.Days = v.Account, account.PasswordMin, tokenDays
	d.Reminders, d.Mails = s.reminderWishes(v.Account), s.mails()
	if v.Municipality != 0 {
		d.Municipality = s.nameOf(v.Municipality)
	}
	if analysts.admits(v) {
		d.Roles = tokenRoles(v)
		if v.Operator() {
			d.Municipalities = s.book.Municipalities
		}
		for _, t := range s.accounts.Tokens(v.Account.ID) {
			d.Tokens = append(d.Tokens, s.tokenRow(t))
		}
	}
	d.Shown = s.sessions.PopString(r.Context(), keyShown)
	return s.pageWith(w, r, v, status, "account", d)
}

func (s *Server) changePassword(w http.ResponseWriter, r *http.Request, v Viewer) error {
	f, err := readForm(r, "old", "password", "repeat")
	if err != nil {
		return err
	}
	if err := s.brakes.try(w, r, v.Account.ID); err != nil {
		return err
	}
	f.same()
	if len(f.Errors) == 0 {
		a, err := s.accounts.ChangePassword(v.Account.ID, f.Values["old"], f.Values["password"])
		if err == nil {
			if err := s.begin(r, a); err != nil { // all other sessions have ended
				return err
			}
			s.note(r, v, audit.Record{Action: "account.password", Object: a.ID, Municipality: a.Municipality})
			s.flash(r, "Din adgangskode er ændret. Er du logget ind andre steder, så er du logget ud der.")
			http.Redirect(w, r, "/account", http.StatusSeeOther)
			return nil
		}
		if !f.takes(err) {
			return err
		}
	}
	return s.showOwn(w, r, v, http.StatusUnprocessableEntity, ownData{Password: f})
}

func (s *Server) issueToken(w http.ResponseWriter, r *http.Request, v Viewer) error {
	f, err := readForm(r, "name", "role", "municipality", "unit", "days", "test")
	if err != nil {
		return err
	}
	t := account.Token{AccountID: v.Account.ID, Name: f.Values["name"], Role: account.Role(f.Values["role"]), Municipality: v.Municipality, Test: f.Values["test"] != ""}
	if v.Operator() && t.Role != account.Operator {
		t.Municipality = s.municipalityIn(f)
	}
	if t.Role == account.Unit {
		t.Unit = f.plain("unit")
	}
	days, err := strconv.Atoi(f.Values["days"])
	if err == nil && slices.ContainsFunc(tokenDays, func(d struct {
		Days  int
		Label string
	}) bool {
		return d.Days == days
	}) {
		t.Expires = s.now().Add(time.Duration(days) * 24 * time.Hour)
	}
	if !slices.Contains(tokenRoles(v), t.Role) {
		f.wrong("role", "Vælg en af rollerne på listen.")
		return s.showOwn(w, r, v, http.StatusUnprocessableEntity, ownData{Token: f})
	}
	secret, t, err := s.accounts.IssueToken(t, s.now())
	if err != nil {
		if !f.takes(err) {
			return err
		}
		return s.showOwn(w, r, v, http.StatusUnprocessableEntity, ownData{Token: f})
	}
	s.note(r, v, audit.Record{Action: "token.issue", Object: t.ID, Municipality: t.Municipality, Detail: string(t.Role)})
	s.sessions.Put(r.Context(), keyShown, secret)
	http.Redirect(w, r, "/account#tokens", http.StatusSeeOther)
	return nil
}

// revokeToken ends a token of the viewer's own, or of someone whom the viewer manages. Another's is as if it did not exist.
func (s *Server) revokeToken(w http.ResponseWriter, r *http.Request, v Viewer) error {
	t, there := s.accounts.Token(r.PathValue("token"))
	owner, _ := s.accounts.Account(t.AccountID)
	if !there || t.AccountID != v.Account.ID && !manages(v, owner) && !(v.Is(account.Coordinator) && t.Municipality == v.Municipality) {
		return errNotFound
	}
	if _, err := s.accounts.Revoke(t.ID, s.now()); err != nil {
		return err
	}
	s.note(r, v, audit.Record{Action: "token.revoke", Object: t.ID, Municipality: t.Municipality})
	s.flash(r, "Nøglen »"+t.Name+"« er trukket tilbage og virker ikke mere.")
	to := "/account#tokens"
	if t.AccountID != v.Account.ID {
		to = "/people#tokens"
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// municipalityIn is the municipality chosen in a form, 0 if none or an unknown one.
func (s *Server) municipalityIn(f *formData) uint16 {
	n, err := strconv.ParseUint(f.plain("municipality"), 10, 16)
	if err != nil || s.book.Municipality(uint16(n)) == nil {
		return 0
	}
	return uint16(n)
}
