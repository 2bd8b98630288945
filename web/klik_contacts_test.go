package web

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"komhen/web/account"
	"komhen/web/audit"
	"komhen/web/contactlist"
)

// clerk is a service whose clock the test sets, with a KLIK administrator of Køge.
func clerk(t *testing.T) (s *site, admin *visitor, clock *time.Time) {
	t.Helper()
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	s = newSite(t, Config{Now: func() time.Time { return now }})
	a, err := s.accounts.Create(account.Account{Email: "klik@koege.example", Name: "Kim Klik", Role: account.Reader, Municipality: 259, KlikAdmin: true}, "")
	if err != nil {
		t.Fatal(err)
	}
	return s, s.signedInAs(t, a), &now
}

// TestContactList: only the KLIK administrator edits, the rest of the municipality reads, nobody else sees anything; KL sees sums; the log names
// no one, and a deleted contact is nowhere.
func TestContactList(t *testing.T) {
	s, admin, clock := clerk(t)
	_, body := admin.get("/klik/contacts")
	admin.wants(body, "7 roller uden kontakt", "Tilføj en kontakt", "Her er ingen kontakter endnu.")
	anna := url.Values{"role": {"spoc"}, "name": {"Anna Lind"}, "email": {"anna@koege.example"}, "phone": {"12 34 56 78"}}
	reader := s.as(t, account.Reader, 259, "")
	if status, body := reader.post("/klik/contacts", anna); status != http.StatusForbidden || !strings.Contains(body, "KLIK-administrator") {
		t.Error(status)
	}
	stolen := url.Values{"municipality": {"461"}}
	for k, v := range anna {
		stolen[k] = v
	}
	if status, _ := admin.post("/klik/contacts", stolen); status != http.StatusForbidden {
		t.Error(status)
	}
	if status, body := admin.post("/klik/contacts", url.Values{"role": {"infrastructure-mailbox"}, "name": {"Anna"}, "email": {"x"}}); status != http.StatusUnprocessableEntity || !strings.Contains(body, "email-error") || !strings.Contains(body, "name-error") {
		t.Error(status)
	}
	_, body = admin.post("/klik/contacts", anna)
	admin.wants(body, "Kontakten er føjet til listen.", "6 roller uden kontakt", "Anna Lind", "i dag", "Bekræftet")
	_, body = admin.post("/klik/contacts", url.Values{"role": {"spoc"}, "name": {"Bo Prøve"}, "email": {"bo@koege.example"}})
	admin.wants(body, "Bo Prøve")
	_, body = reader.get("/klik/contacts")
	if reader.wants(body, "Anna Lind", "12 34 56 78"); strings.Contains(body, "/klik/contacts/k") || strings.Contains(body, "Tilføj en kontakt") {
		t.Error("a reader is offered to edit")
	}
	id := s.contacts.Contacts(259)[0].ID
	for _, v := range []*visitor{reader, s.as(t, account.Coordinator, 259, ""), s.as(t, account.Coordinator, 461, "")} {
		if status, _ := v.get("/klik/contacts/" + id); status != http.StatusNotFound {
			t.Error(status)
		}
		if status, _ := v.post("/klik/contacts/"+id+"/delete", url.Values{"sure": {"1"}}); status != http.StatusNotFound {
			t.Error(status)
		}
	}
	*clock = clock.AddDate(0, 7, 0)
	admin = s.signedInAs(t, admin.account("klik@koege.example"))
	_, body = admin.get("/klik/contacts")
	admin.wants(body, "for 7 måneder siden", "Skal bekræftes")
	kl := s.as(t, account.Operator, 0, "")
	_, body = kl.get("/klik/contacts")
	if kl.wants(body, "2 kontakter. 2 skal bekræftes", "for 7 måneder siden"); strings.Contains(body, "Anna") {
		t.Error("the overview of all names people")
	}
	_, body = kl.get("/klik/contacts?municipality=259")
	kl.wants(body, "Anna Lind")
	_, body = kl.post("/klik/contacts/months", url.Values{"months": {"12"}})
	kl.wants(body, "En bekræftelse gælder nu i 12 måneder.", "0 skal bekræftes")
	for _, wrong := range []string{"0", "37", "6 uger", ""} {
		if status, _ := kl.post("/klik/contacts/months", url.Values{"months": {wrong}}); status != http.StatusUnprocessableEntity {
			t.Errorf("%q: %d", wrong, status)
		}
	}
	for _, format := range []string{"csv", "xlsx"} {
		if status, body := kl.get("/klik/contacts/download?format=" + format); status != http.StatusOK || strings.Contains(body, "Anna") {
			t.Error(status)
		}
		if status, body := admin.get("/klik/contacts/download?municipality=259&format=" + format); status != http.StatusOK || format == "csv" && !strings.Contains(body, "Anna Lind;anna@koege.example") {
			t.Error(status, body)
		}
	}
	if status, body := admin.post("/klik/contacts/"+id+"/delete", nil); status != http.StatusUnprocessableEntity || !strings.Contains(body, "sure-error") {
		t.Error(status)
	}
	_, body = admin.post("/klik/contacts/"+id+"/delete", url.Values{"sure": {"1"}})
	admin.wants(body, "Kontakten er slettet")
	filepath.WalkDir(s.folder.Dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if raw, err := os.ReadFile(path); err == nil && strings.Contains(string(raw), "anna@koege") {
			t.Errorf("%s still knows a deleted contact", path)
		}
		return nil
	})
	if got := s.actions(t, audit.Filter{Municipality: 259, Action: "contact"}); got != "contact.delete contact.create contact.create" {
		t.Error(got)
	}
	_, body = s.as(t, account.Coordinator, 259, "").get("/audit?action=contact")
	if admin.wants(body, "Slettede kontakt", id); strings.Contains(body, "Anna") || strings.Contains(body, "Bo Prøve") {
		t.Error("the log names a contact")
	}
}

func (v *visitor) account(email string) account.Account {
	a, _ := v.s.accounts.ByEmail(email)
	return a
}

// TestKlikAdministrator: KL gives a coordinator the right, a coordinator gives it to the municipality's readers, and who has neither role gets none.
func TestKlikAdministrator(t *testing.T) {
	s, _, _ := clerk(t)
	kl, coordinator := s.as(t, account.Operator, 0, ""), s.as(t, account.Coordinator, 259, "")
	coordinator.post("/people", url.Values{"name": {"Rie"}, "email": {"rie@koege.example"}, "role": {"reader"}, "klik": {"1"}})
	if rie := kl.account("rie@koege.example"); !rie.KlikAdmin {
		t.Errorf("%+v", rie)
	} else if _, body := coordinator.post("/people/"+rie.ID, url.Values{"name": {"Rie"}, "role": {"reader"}}); kl.account("rie@koege.example").KlikAdmin {
		t.Error(words(body))
	}
	if status, body := coordinator.post("/people", url.Values{"name": {"Uni"}, "email": {"uni@koege.example"}, "role": {"unit"}, "unit": {"B"}, "klik": {"1"}}); status != http.StatusUnprocessableEntity || !strings.Contains(body, "klik-error") {
		t.Error(status)
	}
	kl.post("/people", url.Values{"name": {"Tove"}, "email": {"tove@koege.example"}, "role": {"coordinator"}, "municipality": {"259"}, "klik": {"1"}})
	tove := s.signedInAs(t, kl.account("tove@koege.example"))
	if _, body := tove.post("/klik/contacts", url.Values{"role": {"spoc"}, "name": {"Anna"}, "email": {"anna@koege.example"}}); !strings.Contains(body, "Kontakten er føjet") {
		t.Error(words(body))
	}
	_, body := coordinator.get("/audit?action=account")
	coordinator.wants(body, "ikke KLIK-administrator")
}

// TestConfirmLink: looking changes nothing, a click confirms once, a no is the municipality's to mend, every dead link says the same, and the page shows
// nobody but its receiver.
func TestConfirmLink(t *testing.T) {
	s, admin, clock := clerk(t)
	add := func(name, email string) contactlist.Contact {
		c, err := s.contacts.Save(contactlist.Contact{Municipality: 259, Role: "spoc", Name: name, Email: email}, s.now())
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	anna := add("Anna Lind", "anna@koege.example")
	add("Bo Prøve", "bo@koege.example")
	*clock = clock.AddDate(0, 6, 0)
	admin = s.signedInAs(t, admin.account("klik@koege.example"))
	link := func(i int) string {
		t.Helper()
		list := s.contacts.ToAsk(s.now())
		if len(list) != 2 || list[0].ID != anna.ID {
			t.Fatalf("%+v", list)
		}
		secret, err := s.contacts.Link(list[i].ID, s.now())
		check(t, err)
		return s.linkTo("klik", "confirm", secret)
	}
	own, other := link(0), link(1)
	guest := s.visit(t)
	path := strings.TrimPrefix(own, s.URL)
	for range 2 {
		r, err := guest.Get(own)
		status, body := guest.read(r, err)
		if status != http.StatusOK || strings.Contains(body, "Bo Prøve") || !strings.Contains(body, "Anna Lind") || r.Header.Get("Referrer-Policy") != "no-referrer" || r.Header.Get("Cache-Control") != "no-store" {
			t.Error(status, words(body), r.Header)
		}
	}
	if c, _ := s.contacts.Contact(anna.ID); !s.contacts.Due(c, s.now()) {
		t.Error("looking confirmed it")
	}
	if status, _ := guest.post(path, nil); status != http.StatusBadRequest {
		t.Error(status)
	}
	_, body := guest.post(path, url.Values{"answer": {"right"}})
	guest.wants(body, "Du har bekræftet")
	if c, _ := s.contacts.Contact(anna.ID); s.contacts.Due(c, s.now()) {
		t.Error("not confirmed")
	}
	dead := map[string]bool{}
	for _, p := range []string{path, path + "x", "/klik/confirm/" + anna.ID, "/klik/confirm/x.y.z"} {
		status, body := guest.get(p)
		dead[words(mainOf(t, body))] = true
		if status != http.StatusNotFound || strings.Contains(body, "Anna") {
			t.Error(p, status)
		}
	}
	if len(dead) != 1 {
		t.Error("dead links can be told apart", dead)
	}
	_, body = guest.post(strings.TrimPrefix(other, s.URL), url.Values{"answer": {"wrong"}})
	guest.wants(body, "noteret")
	_, body = admin.get("/klik/contacts")
	admin.wants(body, "Meldt forkert: skal rettes")
	if got := s.actions(t, audit.Filter{Municipality: 259, Action: "contact"}); got != "contact.wrong contact.confirm" {
		t.Error(got)
	}
}

// TestConfirmStory re-confirms a contact in a browser: the administrator makes the link, and its receiver opens it and clicks, without script and
// without signing in.
func TestConfirmStory(t *testing.T) {
	t.Parallel()
	s := demoService(t)
	b := s.visit(t).browse()
	b.signIn("tovholder@koege.example")
	b.open("/klik/contacts")
	b.wants("Skal bekræftes", "Palle Program", "Meldt forkert")
	b.press("a[aria-label^='Ret Palle Program']", "form[action$='/ask']")
	b.press("form[action$='/ask'] button", "#shown")
	secret := ask[string](b, `document.querySelector("#shown").value`)
	b.axe("the link shown once")
	b.become(s.visit(t))
	b.scripts(false)
	b.open(strings.TrimPrefix(secret, s.URL))
	b.scripts(true)
	b.wants("Er det stadig rigtigt?", "KOMBIT-programleder", "palle@koege.example")
	b.axe("the page behind the link")
	b.press("button[value=right]", ".thanks")
	b.wants("Du har bekræftet")
	b.axe("thanks")
	b.signIn("tovholder@koege.example")
	b.open("/klik/contacts")
	b.wants("Palle Program palle@koege.example – i dag – Bekræftet")
}
