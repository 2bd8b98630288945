package web

import (
	"cmp"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"komhen/model"
	"komhen/reports"
	"komhen/web/account"
	"komhen/web/audit"
	"komhen/web/contactlist"
)

// EditsContacts tells whether the viewer may change a municipality's contact list: KL, and the municipality's own KLIK administrators. No
// token may.
func (v Viewer) EditsContacts(municipality uint16) bool {
	if v.Account.ID == "" || municipality == 0 {
		return false
	}
	return v.Operator() || v.Account.KlikAdmin && v.Is(account.Coordinator, account.Analyst, account.Reader) && v.Municipality == municipality
}

// contactRow is a contact as a list shows it.
type contactRow struct {
	contactlist.Contact
	RoleName string
	System   bool
	Age      string // since it was confirmed
	State    string
	Due      bool
	AskedOn  string // the day of the latest letter or link since it was confirmed
}

// askedDays is how many days somebody is left in peace who was asked.
const askedDays = int(contactlist.AskAgain / (24 * time.Hour))

// contactRow tells of a contact. letters are those of contactLetters, or nil where it does not matter what became of them.
func (s *Server) contactRow(c contactlist.Contact, letters map[string]askedContact) contactRow {
	row := contactRow{Contact: c, RoleName: c.Role, Age: ageOf(c.Confirmed, s.now()), Due: s.contacts.Due(c, s.now()), State: "Bekræftet", AskedOn: model.Missing}
	if !c.Asked.IsZero() {
		row.AskedOn = model.DateOf(c.Asked).String()
	}
	if role := s.contacts.Role(c.Role); role != nil {
		row.RoleName, row.System = role.Name, role.Kind == model.ContactSystem
	}
	switch {
	case !c.Wrong.IsZero():
		row.State = "Meldt forkert: skal rettes"
	case row.Due && letters[c.ID].refused && !c.Asked.After(letters[c.ID].due):
		row.State = "Skal bekræftes: mailen kunne ikke afleveres. Se, om adressen er rigtig."
	case row.Due && !c.Asked.IsZero():
		row.State = "Skal bekræftes, er spurgt"
	case row.Due:
		row.State = "Skal bekræftes"
	}
	return row
}

// ageOf is how long ago something was, in days and from two months on in months.
func ageOf(then, now time.Time) string {
	if then.IsZero() {
		return "aldrig"
	}
	from, to := model.DateOf(then), model.DateOf(now)
	days := int64(to - from)
	months := int64(model.MonthOf(to) - model.MonthOf(from))
	if to.Day() < from.Day() {
		months--
	}
	switch {
	case days <= 0:
		return "i dag"
	case months < 2:
		return "for " + countOf(days, "dag", "dage") + " siden"
	}
	return "for " + countOf(months, "måned", "måneder") + " siden"
}

// contactSum is a municipality in the overview of all; nothing in it is about anybody.
type contactSum struct {
	Code            uint16
	Name            string
	Contacts, Due   int64
	Unfilled, Wrong int64
	Oldest          string
	Days            int64 // since then; what its column is sorted by
}

type contactsView struct {
	Form           *formData
	Sums           []contactSum // for KL, when no municipality is chosen
	All            contactSum
	Code           uint16
	Name           string
	Rows           []contactRow
	Unfilled       []model.KlikRole
	Roles          []model.KlikRole
	Municipalities []model.Municipality
	Edits          bool
	Months         int
	MonthsForm     *formData
	Mails          bool // letters are sent
	Peace          int  // days between them
}

// contactsOf is the municipality whose list is asked for; 0 is KL's overview.
func (s *Server) contactsOf(r *http.Request, v Viewer) (uint16, error) {
	code := v.Municipality
	if text := strings.TrimSpace(r.FormValue("municipality")); text != "" {
		if code = s.book.MunicipalityCode(text); code == 0 {
			return 0, errMunicipality
		}
	}
	if !v.Operator() && (code == 0 || code != v.Municipality) {
		return 0, errForbidden
	}
	return code, nil
}

func (s *Server) contactsPage(w http.ResponseWriter, r *http.Request, v Viewer) error {
	code, err := s.contactsOf(r, v)
	if err != nil {
		return err
	}
	return s.showContacts(w, r, v, http.StatusOK, code, nil, nil)
}

func (s *Server) showContacts(w http.ResponseWriter, r *http.Request, v Viewer, status int, code uint16, f, months *formData) error {
	d := contactsView{Form: f, MonthsForm: months, Code: code, Months: s.contacts.Months(), Roles: s.contacts.Roles(), Edits: v.EditsContacts(code), Mails: s.mails(), Peace: askedDays}
	if d.MonthsForm == nil {
		d.MonthsForm = formOf(map[string]string{"months": fmt.Sprint(d.Months)})
	}
	if v.Operator() {
		d.Municipalities = s.book.Municipalities
	}
	if code == 0 {
		d.Sums, d.All = s.contactSums()
		return s.pageWith(w, r, v, status, "klik-contacts", d)
	}
	d.Name, d.Unfilled = s.nameOf(code), s.contacts.Unfilled(code)
	letters := s.contactLetters()
	for _, c := range s.contacts.Contacts(code) {
		d.Rows = append(d.Rows, s.contactRow(c, letters))
	}
	return s.pageWith(w, r, v, status, "klik-contacts", d)
}

// contactSums counts every municipality's contacts, those with most to do first.
func (s *Server) contactSums() (list []contactSum, all contactSum) {
	for _, m := range s.book.Municipalities {
		sum := contactSum{Code: m.Code, Name: m.Name, Unfilled: int64(len(s.contacts.Unfilled(m.Code))), Oldest: model.Missing}
		var oldest time.Time
		for _, c := range s.contacts.Contacts(m.Code) {
			sum.Contacts++
			if s.contacts.Due(c, s.now()) {
				sum.Due++
			}
			if !c.Wrong.IsZero() {
				sum.Wrong++
			}
			if oldest.IsZero() || c.Confirmed.Before(oldest) {
				oldest = c.Confirmed
				sum.Oldest, sum.Days = ageOf(oldest, s.now()), int64(model.DateOf(s.now())-model.DateOf(oldest))
			}
		}
		all.Contacts, all.Due, all.Wrong, all.Unfilled = all.Contacts+sum.Contacts, all.Due+sum.Due, all.Wrong+sum.Wrong, all.Unfilled+sum.Unfilled
		list = append(list, sum)
	}
	slices.SortStableFunc(list, func(a, b contactSum) int {
		return cmp.Or(-cmp.Compare(min(a.Contacts, 1), min(b.Contacts, 1)), -cmp.Compare(a.Due, b.Due), -cmp.Compare(a.Unfilled, b.Unfilled))
	})
	return list, all
}

// contactIn takes a contact from a form.
func (s *Server) contactIn(f *formData, c contactlist.Contact) contactlist.Contact {
	c.Role, c.Name, c.Email, c.Phone = f.plain("role"), f.plain("name"), f.plain("email"), f.plain("phone")
	for _, fault := range s.contacts.Faults(c) {
		f.takes(fault)
	}
	return c
}

func (s *Server) addContact(w http.ResponseWriter, r *http.Request, v Viewer) error {
	code, err := s.contactsOf(r, v)
	if err != nil {
		return err
	}
	if !v.EditsContacts(code) {
		return errNotKlikAdmin
	}
	f, err := readForm(r, "role", "name", "email", "phone")
	if err != nil {
		return err
	}
	c := s.contactIn(f, contactlist.Contact{Municipality: code})
	if len(f.Errors) == 0 {
		if c, err = s.contacts.Save(c, s.now()); err != nil && !f.takes(err) {
			return err
		}
	}
	if len(f.Errors) > 0 {
		return s.showContacts(w, r, v, http.StatusUnprocessableEntity, code, f, nil)
	}
	s.note(r, v, audit.Record{Action: "contact.create", Object: c.ID, Municipality: code, Detail: c.Role})
	s.flash(r, "Kontakten er føjet til listen.")
	http.Redirect(w, r, contactsHref(v, code), http.StatusSeeOther)
	return nil
}

var errNotKlikAdmin = &model.Problem{Code: "forbidden", Message: "Det er kun kommunens KLIK-administrator, der må rette kontaktlisten. Din tovholder eller KL kan give den ret under Brugere."}

// contactsHref is the address of a municipality's list.
func contactsHref(v Viewer, code uint16) string {
	if v.Operator() {
		return fmt.Sprintf("/klik/contacts?municipality=%d", code)
	}
	return "/klik/contacts"
}

// setContactMonths changes how long a confirmation lasts, for all.
func (s *Server) setContactMonths(w http.ResponseWriter, r *http.Request, v Viewer) error {
	f, err := readForm(r, "months")
	if err != nil {
		return err
	}
	n, _ := strconv.Atoi(f.plain("months")) // what is no number is 0, which is refused
	if err := s.contacts.SetMonths(n); err != nil {
		if !f.takes(err) {
			return err
		}
		return s.showContacts(w, r, v, http.StatusUnprocessableEntity, 0, nil, f)
	}
	s.note(r, v, audit.Record{Action: "contact.months", Object: fmt.Sprint(n)})
	s.flash(r, "En bekræftelse gælder nu i "+countOf(int64(n), "måned", "måneder")+".")
	http.Redirect(w, r, "/klik/contacts", http.StatusSeeOther)
	return nil
}

// contactsReport is the list with ages, as a table to take away: a municipality's, or for KL the sums of all.
func (s *Server) contactsReport(code uint16) *reports.Report {
	rep := &reports.Report{Name: "contacts", Title: "Kontakter, der skal holdes ved lige", Notes: []string{fmt.Sprintf("En bekræftelse gælder i %s. Opgjort %s.",
		countOf(int64(s.contacts.Months()), "måned", "måneder"), model.DateOf(s.now()))}}
	if code == 0 {
		rep.About = "Alle kommuner"
		rep.Columns = []reports.Column{{Name: "municipality", Label: "Kommune", Unit: reports.Text}, {Name: "contacts", Label: "Kontakter", Unit: reports.Number}, {Name: "due", Label: "Skal bekræftes", Unit: reports.Number},
			{Name: "wrong", Label: "Meldt forkert", Unit: reports.Number}, {Name: "unfilled", Label: "Roller uden kontakt", Unit: reports.Number}, {Name: "oldest", Label: "Ældste bekræftelse", Unit: reports.Text}}
		sums, _ := s.contactSums()
		for _, x := range sums {
			rep.Rows = append(rep.Rows, []any{x.Name, x.Contacts, x.Due, x.Wrong, x.Unfilled, x.Oldest})
		}
		return rep
	}
	rep.About = s.nameOf(code)
	rep.Columns = []reports.Column{{Name: "role", Label: "Rolle", Unit: reports.Text}, {Name: "name", Label: "Navn", Unit: reports.Text}, {Name: "email", Label: "Mailadresse", Unit: reports.Text},
		{Name: "phone", Label: "Telefon", Unit: reports.Text}, {Name: "confirmed", Label: "Bekræftet", Unit: reports.Day}, {Name: "days", Label: "Dage siden", Unit: reports.Number}, {Name: "asked", Label: "Sidst spurgt", Unit: reports.Day}, {Name: "state", Label: "Tilstand", Unit: reports.Text}}
	letters := s.contactLetters()
	for _, c := range s.contacts.Contacts(code) {
		row := s.contactRow(c, letters)
		confirmed, asked := model.DateOf(c.Confirmed), any(nil)
		if !c.Asked.IsZero() {
			asked = model.DateOf(c.Asked)
		}
		rep.Rows = append(rep.Rows, []any{row.RoleName, c.Name, c.Email, c.Phone, confirmed, int64(model.DateOf(s.now()) - confirmed), asked, row.State})
	}
	for _, role := range s.contacts.Unfilled(code) {
		rep.Rows = append(rep.Rows, []any{role.Name, nil, nil, nil, nil, nil, nil, "Ingen kontakt"})
	}
	return rep
}

func (s *Server) downloadContacts(w http.ResponseWriter, r *http.Request, v Viewer) error {
	code, err := s.contactsOf(r, v)
	if err != nil {
		return err
	}
	format, write, err := reportFormat(r)
	if err != nil {
		return err
	}
	if format == "json" {
		return errKlikFormat
	}
	rep := s.contactsReport(code)
	return s.download(w, r, v, "download.klik-contacts", s.book.Municipality(code), "kontakter-"+codeOf(s.book.Municipality(code))+"."+format, func(w io.Writer) error { return write(w, rep) })
}

// addDemoContacts fills the lists of a demonstration, where they are empty: some confirmed lately, some too long ago, one said to be wrong.
func (s *Server) addDemoContacts() error {
	if len(s.contacts.Contacts(0)) > 0 {
		return nil
	}
	for _, x := range []struct {
		municipality      uint16
		role, name, email string
		days              int
		wrong             bool
	}{
		{259, "klik-admin", "Tove Tovholder", "tovholder@koege.example", 20, false}, {259, "programme-leader", "Palle Program", "palle@koege.example", 250, false},
		{259, "it-manager", "Ditte Digital", "ditte@koege.example", 400, false}, {259, "infrastructure-mailbox", "", "infrastruktur@koege.example", 90, false},
		{259, "spoc", "Sofie Spids", "sofie@koege.example", 35, false}, {259, "spoc", "Steen Stedfortræder", "steen@koege.example", 300, true},
		{461, "klik-admin", "Bo Nabo", "tovholder@odense.example", 10, false}, {461, "infrastructure-mailbox", "", "infrastruktur@odense.example", 200, false},
	} {
		at := s.now().AddDate(0, 0, -x.days)
		c, err := s.contacts.Save(contactlist.Contact{Municipality: x.municipality, Role: x.role, Name: x.name, Email: x.email}, at)
		if err != nil {
			return err
		}
		if !x.wrong {
			continue
		}
		secret, err := s.contacts.Link(c.ID, at)
		if err == nil {
			_, err = s.contacts.UseLink(secret, false, at.AddDate(0, 0, 1))
		}
		if err != nil {
			return err
		}
	}
	return nil
}
