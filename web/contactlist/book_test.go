package contactlist

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"komhen/model"
	"komhen/model/codebook"
)

var when = time.Date(2026, 11, 22, 12, 0, 0, 0, model.Copenhagen)

func open(t *testing.T, dir string) *Book {
	t.Helper()
	roles, err := codebook.KlikRoles()
	if err != nil {
		t.Fatal(err)
	}
	b, err := Open(dir, roles)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func code(err error) string {
	var p *model.Problem
	if errors.As(err, &p) {
		return p.Code
	}
	return ""
}

func save(t *testing.T, b *Book, c Contact, at time.Time) Contact {
	t.Helper()
	saved, err := b.Save(c, at)
	if err != nil {
		t.Fatal(err)
	}
	return saved
}

func anna() Contact {
	return Contact{Municipality: 259, Role: "spoc", Name: " Anna  Prøve ", Email: "anna@koege.example", Phone: "+45 12 34 56 78"}
}

// TestContacts: several people have one role, roles without anybody are named, and what is deleted is nowhere in the file.
func TestContacts(t *testing.T) {
	dir := t.TempDir()
	b := open(t, dir)
	before := len(b.Unfilled(259))
	first := save(t, b, anna(), when)
	save(t, b, Contact{Municipality: 259, Role: "spoc", Name: "Bo Prøve", Email: "bo@koege.example"}, when)
	save(t, b, Contact{Municipality: 259, Role: "infrastructure-mailbox", Email: "infra@koege.example"}, when)
	save(t, b, Contact{Municipality: 461, Role: "spoc", Name: "Anna Prøve", Email: "anna@koege.example"}, when)
	if got := b.Contacts(259); len(got) != 3 || got[0].Role != "infrastructure-mailbox" || got[1].Name != "Anna Prøve" || len(b.Unfilled(259)) != before-2 || len(b.Contacts(0)) != 4 {
		t.Errorf("%+v, %d unfilled", got, len(b.Unfilled(259)))
	}
	for _, wrong := range []Contact{{Municipality: 259, Role: "spoc", Email: "x@y.example"}, {Municipality: 259, Role: "nothing", Name: "x", Email: "x@y.example"},
		{Municipality: 259, Role: "spoc", Name: "x", Email: "x"}, {Role: "spoc", Name: "x", Email: "x@y.example"}, {Municipality: 259, Role: "infrastructure-mailbox", Name: "x", Email: "x@y.example"},
		{Municipality: 259, Role: "spoc", Name: "x", Email: "x@y.example", Phone: "010190-1234 eller"}} {
		if _, err := b.Save(wrong, when); code(err) != "contact-invalid" || model.FieldOf(err) == "" {
			t.Errorf("%+v: %v", wrong, err)
		}
	}
	if _, err := b.Save(anna(), when); code(err) != "contact-exists" {
		t.Error(err)
	}
	stolen := first
	stolen.Municipality = 461
	if _, err := b.Save(stolen, when); code(err) == "" {
		t.Error("a contact changed municipality")
	}
	if again := open(t, dir); len(again.Contacts(0)) != 4 || again.Months() != UsualMonths {
		t.Error("something is lost on disk")
	}
	if err := b.Delete(first.ID); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(filepath.Join(dir, FileName))
	if err != nil || strings.Contains(string(raw), first.ID) || strings.Contains(string(raw), "12 34 56 78") {
		t.Errorf("a deleted contact is in the file: %v\n%s", err, raw)
	}
	if err := b.Delete(first.ID); code(err) != "contact-unknown" {
		t.Error(err)
	}
	if info, err := os.Stat(filepath.Join(dir, FileName)); err != nil || info.Mode().Perm() != 0o600 {
		t.Error(info.Mode(), err)
	}
}

// TestAge: a confirmation lasts so many months to the day; who is asked is left in peace for a fortnight; who says it is wrong is the
// municipality's to mend and is not asked again.
func TestAge(t *testing.T) {
	b := open(t, t.TempDir())
	c := save(t, b, anna(), when)
	due := when.AddDate(0, UsualMonths, 0)
	toAsk := func(at time.Time) int { return len(b.ToAsk(at)) }
	if toAsk(due.Add(-time.Second)) != 0 || toAsk(due) != 1 {
		t.Error("not due to the day")
	}
	if err := b.Asked(due, c.ID, "gone"); err != nil {
		t.Fatal(err)
	}
	if toAsk(due.AddDate(0, 0, 13)) != 0 || toAsk(due.AddDate(0, 0, 14)) != 1 {
		t.Error("not in peace for a fortnight")
	}
	secret, err := b.Link(c.ID, due)
	if err != nil {
		t.Fatal(err)
	}
	if c, err = b.UseLink(secret, false, due); err != nil || c.Wrong.IsZero() || !b.Due(c, due) || toAsk(due.AddDate(1, 0, 0)) != 0 {
		t.Errorf("%+v %v", c, err)
	}
	if err := b.Confirm(c.ID, due); err != nil {
		t.Fatal(err)
	}
	if c, _ = b.Contact(c.ID); b.Due(c, due) || !c.Wrong.IsZero() {
		t.Errorf("%+v", c)
	}
	if err := b.SetMonths(0); code(err) != "contact-invalid" {
		t.Error(err)
	}
	if err := b.SetMonths(1); err != nil || toAsk(due.AddDate(0, 1, 0)) != 1 {
		t.Error("the new interval does not hold", err)
	}
}

// TestLink: a link works once, for its own contact as it stood when the link was made, until it ends, also after a restart; whatever is
// wrong with it, the answer is the same.
func TestLink(t *testing.T) {
	dir := t.TempDir()
	b := open(t, dir)
	c := save(t, b, anna(), when)
	other := save(t, b, Contact{Municipality: 259, Role: "spoc", Name: "Bo", Email: "bo@koege.example"}, when)
	secret, err := b.Link(c.ID, when)
	if err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(secret, "/?#@ ") || strings.Contains(secret, "anna") {
		t.Errorf("%q", secret)
	}
	parts := strings.Split(secret, ".")
	refused := map[string]string{"other contact": other.ID + "." + parts[1] + "." + parts[2], "longer": parts[0] + ".zzzzzz." + parts[2], "cut": secret[:len(secret)-1], "empty": "", "dots": "..",
		"more": secret + ".x"}
	messages := map[string]bool{}
	for what, s := range refused {
		_, err := b.UseLink(s, true, when)
		if code(err) != "link-invalid" {
			t.Errorf("%s: %v", what, err)
			continue
		}
		messages[err.Error()] = true
	}
	if _, err := b.ByLink(secret, when.Add(LinkLasts)); code(err) != "link-invalid" {
		t.Error("it never ends", err)
	}
	if err := b.Asked(when, c.ID); err != nil {
		t.Fatal(err)
	}
	b = open(t, dir)
	if got, err := b.ByLink(secret, when); err != nil || got.ID != c.ID {
		t.Fatal("after a restart", err)
	}
	later := when.Add(time.Hour)
	if got, err := b.UseLink(secret, true, later); err != nil || !got.Confirmed.Equal(later) {
		t.Fatal(got, err)
	}
	if _, err := b.UseLink(secret, true, later); code(err) != "link-invalid" {
		t.Error("used twice")
	}
	if secret, err = b.Link(c.ID, later); err != nil {
		t.Fatal(err)
	}
	c.Phone = "87654321"
	save(t, b, c, later)
	if _, err := b.ByLink(secret, later); code(err) != "link-invalid" {
		t.Error("it confirms what its receiver never saw")
	}
	secret, _ = b.Link(c.ID, later)
	if err := b.Delete(c.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := b.ByLink(secret, later); code(err) != "link-invalid" {
		t.Error("it outlives its contact")
	}
	if len(messages) != 1 {
		t.Errorf("the answer tells what is wrong: %v", messages)
	}
}

// FuzzLink: no secret but the one that was signed opens anything.
func FuzzLink(f *testing.F) {
	roles, err := codebook.KlikRoles()
	if err != nil {
		f.Fatal(err)
	}
	b, err := Open(f.TempDir(), roles)
	if err != nil {
		f.Fatal(err)
	}
	c, err := b.Save(anna(), when)
	if err != nil {
		f.Fatal(err)
	}
	good, err := b.Link(c.ID, when)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add(c.ID + ".zz.")
	f.Add("..")
	f.Fuzz(func(t *testing.T, secret string) {
		if _, err := b.ByLink(secret, when); (err == nil) != (secret == good) {
			t.Fatalf("%q: %v", secret, err)
		}
	})
}
