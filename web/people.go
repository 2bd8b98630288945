package web

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"komhen/model"
	"komhen/web/account"
	"komhen/web/audit"
	"komhen/web/post"
)

// How long links to set a password last.
const (
	inviteLasts = 7 * 24 * time.Hour
	resetLasts  = 24 * time.Hour
)

// rolesUnder are the roles that a viewer may give and manage.
func rolesUnder(v Viewer) []account.Role {
	switch v.Role {
	case account.Operator:
		return account.AllRoles
	case account.Coordinator:
		return []account.Role{account.Analyst, account.Unit, account.Reader}
	}
	return nil
}

// manages tells whether the viewer may change, disable and delete an account: KL everybody, a coordinator the own municipality's
// people of lesser roles.
func manages(v Viewer, a account.Account) bool {
	return a.ID != "" && v.Account.ID != "" && slices.Contains(rolesUnder(v), a.Role) && (v.Operator() || a.Municipality == v.Municipality && v.Municipality != 0)
}

// personRow is a person as a list shows it.
type personRow struct {
	account.Account
	Where, State string
	Managed      bool
}

func (s *Server) personRow(v Viewer, a account.Account) personRow {
	row := personRow{Account: a, Where: "KL", Managed: manages(v, a)}
	if a.Municipality != 0 {
		row.Where = s.nameOf(a.Municipality)
	}
	switch {
	case a.Disabled:
		row.State = "Lukket"
	case a.LastLogin.IsZero():
		row.State = "Ikke logget ind endnu"
	case a.External:
		row.State = "Aktiv, logger ind udefra"
	default:
		row.State = "Aktiv"
	}
	return row
}

type peopleData struct {
	Form           *formData
	People         []personRow
	Tokens         []tokenRow
	Roles          []account.Role
	Municipalities []model.Municipality
	Chosen         uint16
	Mails          bool
}

func (s *Server) peoplePage(w http.ResponseWriter, r *http.Request, v Viewer) error {
	return s.showPeople(w, r, v, http.StatusOK, nil)
}

func (s *Server) showPeople(w http.ResponseWriter, r *http.Request, v Viewer, status int, f *formData) error {
	d := peopleData{Form: f, Roles: rolesUnder(v), Chosen: v.Municipality, Mails: s.mails()}
	if v.Operator() {
		d.Municipalities = s.book.Municipalities
		if n, err := strconv.ParseUint(r.URL.Query().Get("municipality"), 10, 16); err == nil {
			d.Chosen = uint16(n)
		}
	}
	inside := map[string]bool{}
	for _, a := range s.accounts.Accounts() {
		if d.Chosen == 0 || a.Municipality == d.Chosen {
			d.People = append(d.People, s.personRow(v, a))
			inside[a.ID] = true
		}
	}
	for _, t := range s.accounts.Tokens("") {
		if inside[t.AccountID] || t.Municipality == d.Chosen {
			d.Tokens = append(d.Tokens, s.tokenRow(t))
		}
	}
	return s.pageWith(w, r, v, status, "people", d)
}

// personIn takes a person from a form as far as the viewer may say it: a coordinator's people are of the own municipality. It says
// all that is wrong at once.
func (s *Server) personIn(v Viewer, f *formData, email string) account.Account {
	a := account.Account{Email: email, Name: f.Values["name"], Role: account.Role(f.Values["role"]), Municipality: v.Municipality, Disabled: f.Values["disabled"] != "",
		KlikAdmin: f.Values["klik"] != ""}
	if v.Operator() && a.Role != account.Operator {
		a.Municipality = s.municipalityIn(f)
	}
	if a.Role == account.Unit {
		a.Unit = f.plain("unit")
	}
	if !slices.Contains(rolesUnder(v), a.Role) {
		a.Role = "" // as if it were none
	}
	for _, fault := range account.Faults(a) {
		f.takes(fault)
	}
	return a
}

// invite makes an account and a link for its owner.
func (s *Server) invite(w http.ResponseWriter, r *http.Request, v Viewer) error {
	f, err := readForm(r, "email", "name", "role", "municipality", "unit", "klik")
	if err != nil {
		return err
	}
	a := s.personIn(v, f, f.Values["email"])
	if len(f.Errors) == 0 {
		a.Created = s.now()
		if a, err = s.accounts.Create(a, ""); err != nil && !f.takes(err) {
			return err
		}
	}
	if len(f.Errors) > 0 {
		return s.showPeople(w, r, v, http.StatusUnprocessableEntity, f)
	}
	s.note(r, v, audit.Record{Action: "account.create", Object: a.ID, Municipality: a.Municipality, Detail: string(a.Role)})
	return s.sendLink(w, r, v, a)
}

// managed is the account of the address. One that the viewer does not manage is as if it did not exist.
func (s *Server) managed(r *http.Request, v Viewer) (account.Account, error) {
	a, ok := s.accounts.Account(r.PathValue("account"))
	if !ok || !manages(v, a) {
		return account.Account{}, errNotFound
	}
	return a, nil
}

type personData struct {
	Form           *formData
	Person         personRow
	Roles          []account.Role
	Municipalities []model.Municipality
	Mails          bool
	Link           string // to give to the person, shown once
	LinkLasts      string
	NewLink        string // what the button makes; "" when no link can be made
	Sure           *formData
}

func (s *Server) personPage(w http.ResponseWriter, r *http.Request, v Viewer) error {
	a, err := s.managed(r, v)
	if err != nil {
		return err
	}
	return s.showPerson(w, r, v, http.StatusOK, a, personData{})
}

func (s *Server) showPerson(w http.ResponseWriter, r *http.Request, v Viewer, status int, a account.Account, d personData) error {
	if d.Form == nil {
		d.Form = formOf(map[string]string{"name": a.Name, "role": string(a.Role), "municipality": fmt.Sprint(a.Municipality), "unit": a.Unit})
		if a.Disabled {
			d.Form.Values["disabled"] = "1"
		}
		if a.KlikAdmin {
			d.Form.Values["klik"] = "1"
		}
	}
	d.Person, d.Roles = s.personRow(v, a), rolesUnder(v)
	if v.Operator() {
		d.Municipalities = s.book.Municipalities
	}
	d.Mails = s.mails()
	d.Link, d.LinkLasts = s.sessions.PopString(r.Context(), keyShown), "et døgn"
	if a.LastLogin.IsZero() {
		d.LinkLasts = "syv døgn"
	}
	switch {
	case a.Disabled || a.External:
	case a.LastLogin.IsZero():
		d.NewLink = map[bool]string{false: "Lav en ny invitation", true: "Send en ny invitation"}[d.Mails]
	default:
		d.NewLink = map[bool]string{false: "Lav et link til en ny adgangskode", true: "Send et link til en ny adgangskode"}[d.Mails]
	}
	return s.pageWith(w, r, v, status, "person", d)
}

func (s *Server) changePerson(w http.ResponseWriter, r *http.Request, v Viewer) error {
	before, err := s.managed(r, v)
	if err != nil {
		return err
	}
	f, err := readForm(r, "name", "role", "municipality", "unit", "disabled", "klik")
	if err != nil {
		return err
	}
	a := s.personIn(v, f, before.Email)
	a.ID = before.ID
	if len(f.Errors) == 0 {
		if a, err = s.accounts.Update(a); err != nil && !f.takes(err) {
			return err
		}
	}
	if len(f.Errors) > 0 {
		return s.showPerson(w, r, v, http.StatusUnprocessableEntity, before, personData{Form: f})
	}
	for _, municipality := range slices.Compact([]uint16{before.Municipality, a.Municipality}) { // who loses and who gets a person both see it
		s.note(r, v, audit.Record{Action: "account.change", Object: a.ID, Municipality: municipality, Detail: rightsChange(before, a)})
	}
	s.flash(r, "Ændringen er gemt.")
	if a.ID == v.Account.ID && a.Generation != before.Generation {
		http.Redirect(w, r, "/login", http.StatusSeeOther)
		return nil
	}
	http.Redirect(w, r, "/people/"+a.ID, http.StatusSeeOther)
	return nil
}

// rightsChange says in a few words what became of someone's rights; a new name is no matter for the log.
func rightsChange(before, after account.Account) string {
	text := ""
	if before.Role != after.Role {
		text += fmt.Sprintf("%s > %s ", before.Role, after.Role)
	}
	if before.Municipality != after.Municipality {
		text += fmt.Sprintf("%d > %d ", before.Municipality, after.Municipality)
	}
	if before.Unit != after.Unit {
		text += "renamed "
	}
	if before.Disabled != after.Disabled {
		text += map[bool]string{true: "disabled ", false: "enabled "}[after.Disabled]
	}
	if before.KlikAdmin != after.KlikAdmin {
		text += map[bool]string{true: "klik-admin ", false: "not-klik-admin "}[after.KlikAdmin]
	}
	return strings.TrimSpace(text)
}

func (s *Server) newLink(w http.ResponseWriter, r *http.Request, v Viewer) error {
	a, err := s.managed(r, v)
	if err != nil {
		return err
	}
	return s.sendLink(w, r, v, a)
}

// sendLink makes a link to set a password and mails it; where that cannot be, it is shown on the person's page, once.
func (s *Server) sendLink(w http.ResponseWriter, r *http.Request, v Viewer, a account.Account) error {
	kind, lasts := account.Reset, resetLasts
	if a.LastLogin.IsZero() {
		kind, lasts = account.Invited, inviteLasts
	}
	secret, err := s.accounts.Invite(a.ID, kind, lasts, s.now())
	if err != nil {
		return err
	}
	s.note(r, v, audit.Record{Action: "account.link", Object: a.ID, Municipality: a.Municipality, Detail: string(kind)})
	if s.mails() {
		if err := s.mailLink(r.Context(), a, kind, secret); err == nil || post.MayHaveBeenSent(err) {
			text := "Linket er sendt til " + a.Email + "."
			if err != nil {
				text = "Linket er måske sendt til " + a.Email + ": mailserverens svar mangler. Kommer det ikke frem, så lav et nyt."
			}
			s.flash(r, text)
			http.Redirect(w, r, "/people/"+a.ID, http.StatusSeeOther)
			return nil
		} else {
			s.log.Warn("mail server", "error", err)
			s.flash(r, "Mailen kunne ikke sendes, så giv selv linket videre.")
		}
	}
	s.sessions.Put(r.Context(), keyShown, s.linkTo("link", secret))
	http.Redirect(w, r, "/people/"+a.ID, http.StatusSeeOther)
	return nil
}

func (s *Server) deletePerson(w http.ResponseWriter, r *http.Request, v Viewer) error {
	a, err := s.managed(r, v)
	if err != nil {
		return err
	}
	f, err := readSure(r, "En slettet bruger kan ikke hentes frem igen.")
	if err != nil {
		return err
	}
	if len(f.Errors) == 0 {
		if err := s.accounts.Delete(a.ID); err != nil && !f.takes(err) {
			return err
		}
	}
	if len(f.Errors) > 0 {
		return s.showPerson(w, r, v, http.StatusUnprocessableEntity, a, personData{Sure: f})
	}
	if err := s.schedule.Forget(a.ID); err != nil {
		s.log.Error("schedule", "error", err) // it stays on lists, and gets nothing: there is no such account
	}
	s.note(r, v, audit.Record{Action: "account.delete", Object: a.ID, Municipality: a.Municipality, Detail: string(a.Role)})
	s.flash(r, "Brugeren er slettet med navn, mailadresse, adgangskode og nøgler.")
	http.Redirect(w, r, "/people", http.StatusSeeOther)
	return nil
}
