package web

import (
	"net/http"

	"komhen/model"
	"komhen/web/audit"
	"komhen/web/contactlist"
)

type contactView struct {
	Form    *formData
	Sure    *formData
	Row     contactRow
	Where   string
	Back    string
	Roles   []model.KlikRole
	Link    string // to give to the contact, shown once
	LastsIn string
	Mails   bool // letters are sent
	Peace   int  // days between them
}

// edited is the contact of the address. One that the viewer may not edit is as if it did not exist.
func (s *Server) edited(r *http.Request, v Viewer) (contactlist.Contact, error) {
	c, ok := s.contacts.Contact(r.PathValue("contact"))
	if !ok || !v.EditsContacts(c.Municipality) {
		return contactlist.Contact{}, errNotFound
	}
	return c, nil
}

func (s *Server) contactPage(w http.ResponseWriter, r *http.Request, v Viewer) error {
	c, err := s.edited(r, v)
	if err != nil {
		return err
	}
	return s.showContact(w, r, v, http.StatusOK, c, contactView{})
}

func (s *Server) showContact(w http.ResponseWriter, r *http.Request, v Viewer, status int, c contactlist.Contact, d contactView) error {
	if d.Form == nil {
		d.Form = formOf(map[string]string{"role": c.Role, "name": c.Name, "email": c.Email, "phone": c.Phone})
	}
	d.Row, d.Roles, d.Where, d.Back = s.contactRow(c, s.contactLetters()), s.contacts.Roles(), s.nameOf(c.Municipality), contactsHref(v, c.Municipality)
	d.Mails, d.Peace = s.mails(), askedDays
	d.Link, d.LastsIn = s.sessions.PopString(r.Context(), keyShown), countOf(int64(contactlist.LinkLasts.Hours()/24), "dag", "dage")
	return s.pageWith(w, r, v, status, "klik-contact", d)
}

func (s *Server) changeContact(w http.ResponseWriter, r *http.Request, v Viewer) error {
	before, err := s.edited(r, v)
	if err != nil {
		return err
	}
	f, err := readForm(r, "role", "name", "email", "phone")
	if err != nil {
		return err
	}
	c := s.contactIn(f, before)
	if len(f.Errors) == 0 {
		if c, err = s.contacts.Save(c, s.now()); err != nil && !f.takes(err) {
			return err
		}
	}
	if len(f.Errors) > 0 {
		return s.showContact(w, r, v, http.StatusUnprocessableEntity, before, contactView{Form: f})
	}
	s.note(r, v, audit.Record{Action: "contact.change", Object: c.ID, Municipality: c.Municipality, Detail: c.Role})
	s.flash(r, "Ændringen er gemt, og kontakten er bekræftet i dag.")
	http.Redirect(w, r, contactsHref(v, c.Municipality), http.StatusSeeOther)
	return nil
}

// confirmContact is for an administrator who has asked in person.
func (s *Server) confirmContact(w http.ResponseWriter, r *http.Request, v Viewer) error {
	c, err := s.edited(r, v)
	if err != nil {
		return err
	}
	if err := s.contacts.Confirm(c.ID, s.now()); err != nil {
		return err
	}
	s.note(r, v, audit.Record{Action: "contact.confirm", Object: c.ID, Municipality: c.Municipality})
	s.flash(r, "Kontakten er bekræftet i dag.")
	http.Redirect(w, r, contactsHref(v, c.Municipality), http.StatusSeeOther)
	return nil
}

// askContact makes a link with which the contact itself confirms, and shows it once.
func (s *Server) askContact(w http.ResponseWriter, r *http.Request, v Viewer) error {
	c, err := s.edited(r, v)
	if err != nil {
		return err
	}
	secret, err := s.contacts.Link(c.ID, s.now())
	if err == nil {
		err = s.contacts.Asked(s.now(), c.ID)
	}
	if err != nil {
		return err
	}
	s.note(r, v, audit.Record{Action: "contact.ask", Object: c.ID, Municipality: c.Municipality})
	s.sessions.Put(r.Context(), keyShown, s.linkTo("klik", "confirm", secret))
	http.Redirect(w, r, "/klik/contacts/"+c.ID, http.StatusSeeOther)
	return nil
}

func (s *Server) deleteContact(w http.ResponseWriter, r *http.Request, v Viewer) error {
	c, err := s.edited(r, v)
	if err != nil {
		return err
	}
	f, err := readSure(r, "En slettet kontakt kan ikke hentes frem igen.")
	if err != nil {
		return err
	}
	if len(f.Errors) > 0 {
		return s.showContact(w, r, v, http.StatusUnprocessableEntity, c, contactView{Sure: f})
	}
	if err := s.contacts.Delete(c.ID); err != nil {
		return err
	}
	s.note(r, v, audit.Record{Action: "contact.delete", Object: c.ID, Municipality: c.Municipality, Detail: c.Role})
	s.flash(r, "Kontakten er slettet med navn, mailadresse og telefonnummer.")
	http.Redirect(w, r, contactsHref(v, c.Municipality), http.StatusSeeOther)
	return nil
}

type confirmView struct {
	Row         contactRow
	Where       string
	Right, Done bool
}

// confirmPage is behind the link in a letter. Looking changes nothing: mail programs open links to see whether they are safe. It shows what
// the letter's receiver has written down of themselves, and nothing else of the list.
func (s *Server) confirmPage(w http.ResponseWriter, r *http.Request, v Viewer) error {
	c, err := s.contacts.ByLink(r.PathValue("secret"), s.now())
	if err != nil {
		return err
	}
	return s.showConfirm(w, r, v, confirmView{Row: s.contactRow(c, nil), Where: s.nameOf(c.Municipality)})
}

func (s *Server) showConfirm(w http.ResponseWriter, r *http.Request, v Viewer, d confirmView) error {
	w.Header().Set("Referrer-Policy", "no-referrer") // the address is the secret
	return s.page(w, r, v, "klik-confirm", d)
}

func (s *Server) useConfirm(w http.ResponseWriter, r *http.Request, v Viewer) error {
	f, err := readForm(r, "answer")
	if err != nil {
		return err
	}
	right := f.Values["answer"] == "right"
	if !right && f.Values["answer"] != "wrong" {
		return &model.Problem{Code: "form", Message: "Vælg, om oplysningerne er rigtige, og send igen."}
	}
	c, err := s.contacts.UseLink(r.PathValue("secret"), right, s.now())
	if err != nil {
		return err
	}
	action := "contact.confirm"
	if !right {
		action = "contact.wrong"
	}
	s.note(r, Viewer{}, audit.Record{Action: action, Object: c.ID, Municipality: c.Municipality, Detail: "link"})
	return s.showConfirm(w, r, v, confirmView{Where: s.nameOf(c.Municipality), Right: right, Done: true})
}
