package account

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"komhen/model"
)

var now = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

const good = "fire tilfældige ord her"

// cheap hashes: what is tested is not how slow they are.
var cheap = cost{Passes: 1, KiB: 64, Lanes: 1}

func open(t testing.TB, dir string) *Book {
	t.Helper()
	b, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	b.hasher = newHasher(cheap)
	return b
}

func code(err error) string {
	var p *model.Problem
	if errors.As(err, &p) {
		return p.Code
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

func is(t testing.TB, err error, want string) {
	t.Helper()
	if code(err) != want {
		t.Errorf("%q, want %q", code(err), want)
	}
}

func operator(t testing.TB, b *Book) Account {
	return create(t, b, Account{Email: "kl@kl.dk", Name: "Karen Holm", Role: Operator})
}

func coordinator(t testing.TB, b *Book) Account {
	return create(t, b, Account{Email: "Tove@koege.dk", Name: "Tove Vad", Role: Coordinator, Municipality: 259})
}

func create(t testing.TB, b *Book, a Account) Account {
	t.Helper()
	a, err := b.Create(a, good)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestEverythingIsThereAgain(t *testing.T) {
	dir := t.TempDir()
	b := open(t, dir)
	op, co := operator(t, b), coordinator(t, b)
	secret, tok, err := b.IssueToken(Token{AccountID: co.ID, Name: "Kø-system", Role: Unit, Municipality: 259, Unit: "Borgerservice", Expires: now.AddDate(1, 0, 0)}, now)
	is(t, err, "")
	profile, err := b.SaveProfile(Profile{Municipality: 259, Name: "Kø", Mapping: []byte(`{"dato":"A"}`), Changed: now, By: co.ID})
	is(t, err, "")
	invite, err := b.Invite(co.ID, Reset, time.Hour, now)
	is(t, err, "")
	_, err = b.Login("TOVE@KOEGE.DK ", good, now)
	is(t, err, "")

	info, err := os.Stat(filepath.Join(dir, FileName))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Error(info.Mode(), err)
	}
	raw, _ := os.ReadFile(filepath.Join(dir, FileName))
	for _, s := range []string{good, secret, invite} {
		if strings.Contains(string(raw), s) {
			t.Error("a secret stands in the file")
		}
	}
	b = open(t, dir)
	if got := fmt.Sprint(len(b.Accounts()), b.Accounts()[0].ID == op.ID, b.Tokens(co.ID)[0].ID == tok.ID, b.Profiles(259)[0].ID == profile.ID, string(b.Profiles(259)[0].Mapping)); !strings.HasPrefix(got, "2 true true true") {
		t.Error(got)
	}
	_, err = b.Login("tove@koege.dk", good, now)
	is(t, err, "")
	if a, ok := b.ByEmail("tove@Koege.dk"); !ok || !a.LastLogin.Equal(now) {
		t.Error(a, ok)
	}
	_, err = b.TokenBy(secret, now)
	is(t, err, "")
	_, kind, err := b.LinkOwner(invite, now)
	if is(t, err, ""); kind != Reset {
		t.Error(kind)
	}
}

func TestBrokenFileIsRefused(t *testing.T) {
	for _, text := range []string{"", "{", "[]", `{"version":2}`, `{"version":1,"later":[]}`} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, FileName), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := Open(dir)
		is(t, err, "service-file")
	}
}

// TestFailedWriteChangesNothing: when the disk says no, memory still says what the file says.
func TestFailedWriteChangesNothing(t *testing.T) {
	dir := t.TempDir()
	b := open(t, dir)
	operator(t, b)
	if err := os.Mkdir(b.path+".tmp", 0o700); err != nil {
		t.Fatal(err)
	}
	_, err := b.Create(Account{Email: "x@x.dk", Name: "X", Role: Operator}, "")
	is(t, err, "service-file")
	if _, ok := b.ByEmail("x@x.dk"); ok {
		t.Error("there all the same")
	}
}

func TestOneAnswerForEveryFailedLogin(t *testing.T) {
	b := open(t, t.TempDir())
	operator(t, b)
	co := coordinator(t, b)
	invited, err := b.Create(Account{Email: "ny@koege.dk", Name: "Ny", Role: Reader, Municipality: 259}, "")
	is(t, err, "")
	co.Disabled = true
	_, err = b.Update(co)
	is(t, err, "")
	_, first := b.Login("nobody@koege.dk", good, now)
	for _, try := range [][2]string{{co.Email, good}, {invited.Email, ""}, {invited.Email, good}, {"kl@kl.dk", "wrong"}, {"kl@kl.dk", ""}, {"", ""}, {"kl@kl.dk", good + strings.Repeat("x", 1<<20)}} {
		_, err := b.Login(try[0], try[1], now)
		if is(t, err, "login-failed"); err.Error() != first.Error() {
			t.Error(err)
		}
	}
}

// TestEveryLoginHashesOnce: an unknown, disabled or invited account costs the same work as a wrong password.
func TestEveryLoginHashesOnce(t *testing.T) {
	h := newHasher(usualCost)
	if h.nobody.cost != usualCost || len(h.nobody.Salt) != 16 {
		t.Error(h.nobody)
	}
	if ok, err := h.matches(nil, ""); ok || err != nil {
		t.Error("a missing password matches", err)
	}
}

func TestHashIsRenewedWhenItsCostChanges(t *testing.T) {
	b := open(t, t.TempDir())
	operator(t, b)
	b.hasher = newHasher(cost{Passes: 2, KiB: 128, Lanes: 1})
	for range 2 {
		_, err := b.Login("kl@kl.dk", good, now)
		is(t, err, "")
	}
	if got := b.now.Load().Accounts[0].Password.cost; got != b.hasher.cost {
		t.Error(got)
	}
}

func TestTooManyLoginsAtOnceAreTurnedAway(t *testing.T) {
	b := open(t, t.TempDir())
	b.hasher.waiting.Store(hashesAtOnce + hashesWaiting)
	_, err := b.Login("kl@kl.dk", good, now)
	is(t, err, "login-busy")
	b.hasher.waiting.Store(0)
	_, err = b.Login("kl@kl.dk", good, now)
	is(t, err, "login-failed")
}

func TestPasswordRules(t *testing.T) {
	a := Account{Name: "Margit Østergård", Email: "margit.oestergaard@randers.dk"}
	for _, weak := range []string{"", "kort", "elleve tegn", "aaaaaaaaaaaaaaaa", "123456789012", "234567890123", "passwordpassword", "Password1234", "KODEORD-2026!",
		"Margit.Østergård", "margitmargit1", "oestergaard2026", "Velkommen2026", "komhenkomhen", "abababababab", "sommer2026!!", strings.Repeat("hest og vogn ", 20), "fire \xff\xff ord her nu"} {
		if err := checkPassword(weak, a); code(err) != "password-weak" {
			t.Errorf("%q is taken", weak)
		}
	}
	for _, fine := range []string{good, "lampe hest traktor regnvejr", "x7#Kq9!mZ2pL", "margit kan lide rugbrød med sild", "æøåæøå grød på blå ø", "correct horse battery staple"} {
		if err := checkPassword(fine, a); err != nil {
			t.Errorf("%q: %v", fine, err)
		}
	}
}

// TestSameLettersOtherBytes: å typed as one sign or as a with a ring is one password.
func TestSameLettersOtherBytes(t *testing.T) {
	b := open(t, t.TempDir())
	_, err := b.Create(Account{Email: "kl@kl.dk", Name: "K", Role: Operator}, "blå grøn gul hvid")
	is(t, err, "")
	_, err = b.Login("kl@kl.dk", "bla\u030a grøn gul hvid", now)
	is(t, err, "")
}

func TestAccountsAreKeptWhole(t *testing.T) {
	b := open(t, t.TempDir())
	coordinator(t, b)
	for _, a := range []Account{
		{}, {Email: "a@b.dk"}, {Email: "a@b.dk", Name: "A"}, {Email: "a@b.dk", Name: "A", Role: "king", Municipality: 259},
		{Email: "a@b.dk", Name: "A", Role: Reader}, {Email: "a@b.dk", Name: "A", Role: Operator, Municipality: 259}, {Email: "a@b.dk", Name: "A", Role: Unit, Municipality: 259},
		{Email: "a@b.dk", Name: "A", Role: Reader, Municipality: 259, Unit: "x"}, {Email: "A <a@b.dk>", Name: "A", Role: Reader, Municipality: 259},
		{Email: "a@b.dk\r\nBcc: x@y.dk", Name: "A", Role: Reader, Municipality: 259}, {Email: "no", Name: "A", Role: Reader, Municipality: 259},
		{Email: "a@b.dk", Name: strings.Repeat("A", 101), Role: Reader, Municipality: 259}, {Email: "a@b.dk", Name: "A\x00", Role: Reader, Municipality: 259},
	} {
		_, err := b.Create(a, "")
		is(t, err, "account-invalid")
	}
	_, err := b.Create(Account{Email: " TOVE@koege.DK", Name: "A", Role: Reader, Municipality: 259}, "")
	is(t, err, "account-exists")
	if n := len(b.Accounts()); n != 1 {
		t.Error(n)
	}
}

func TestTheLastOperatorStays(t *testing.T) {
	b := open(t, t.TempDir())
	op := operator(t, b)
	invited, err := b.Create(Account{Email: "ny@kl.dk", Name: "Ny", Role: Operator}, "") // cannot log in yet, so does not count
	is(t, err, "")
	for _, change := range []func() error{
		func() error { return b.Delete(op.ID) },
		func() error { a := op; a.Disabled = true; _, err := b.Update(a); return err },
		func() error { a := op; a.Role, a.Municipality = Reader, 259; _, err := b.Update(a); return err },
	} {
		is(t, change(), "last-operator")
	}
	secret, err := b.Invite(invited.ID, Invited, time.Hour, now)
	is(t, err, "")
	_, err = b.Redeem(secret, good, now)
	is(t, err, "")
	is(t, b.Delete(op.ID), "")
	is(t, b.Delete(invited.ID), "last-operator")
}

func TestChangedRightsEndSessions(t *testing.T) {
	b := open(t, t.TempDir())
	co := coordinator(t, b)
	co.Name = "Tove Hansen"
	named, err := b.Update(co)
	if is(t, err, ""); named.Generation != co.Generation {
		t.Error("a new name ends sessions")
	}
	co.Role, co.Email, co.LastLogin = Analyst, "other@koege.dk", now
	changed, err := b.Update(co)
	if is(t, err, ""); changed.Generation != named.Generation+1 || changed.Email != "Tove@koege.dk" || !changed.LastLogin.IsZero() {
		t.Errorf("%+v", changed)
	}
	changed, err = b.ChangePassword(co.ID, good, "helt andre ord end før")
	if is(t, err, ""); changed.Generation != named.Generation+2 {
		t.Error(changed.Generation)
	}
	_, err = b.Login("tove@koege.dk", good, now)
	is(t, err, "login-failed")
	_, err = b.ChangePassword(co.ID, good, "igen andre ord end før")
	is(t, err, "password-wrong")
	_, err = b.ChangePassword(co.ID, "helt andre ord end før", "kort")
	is(t, err, "password-weak")
	_, err = b.ChangePassword(co.ID, "helt andre ord end før", "helt andre ord end før")
	is(t, err, "password-weak")
}

func TestDeletedPeopleLeaveNothing(t *testing.T) {
	dir := t.TempDir()
	b := open(t, dir)
	operator(t, b)
	co := coordinator(t, b)
	secret, _, err := b.IssueToken(Token{AccountID: co.ID, Name: "Toves nøgle", Role: Reader, Municipality: 259, Expires: now.AddDate(0, 1, 0)}, now)
	is(t, err, "")
	link, err := b.Invite(co.ID, Reset, time.Hour, now)
	is(t, err, "")
	is(t, b.Delete(co.ID), "")
	raw, _ := os.ReadFile(filepath.Join(dir, FileName))
	for _, word := range []string{"Tove", "tove", co.ID} {
		if strings.Contains(string(raw), word) {
			t.Error(word, "is still there")
		}
	}
	_, err = b.TokenBy(secret, now)
	is(t, err, "token-unknown")
	_, err = b.Redeem(link, good, now)
	is(t, err, "link-invalid")
	is(t, b.Delete(co.ID), "account-unknown")
	if again := coordinator(t, b); again.ID == co.ID {
		t.Error("an ID came back")
	}
}

func TestManyAtOnce(t *testing.T) {
	b := open(t, t.TempDir())
	op := operator(t, b)
	var wait sync.WaitGroup
	for i := range 8 {
		wait.Go(func() {
			email := fmt.Sprintf("p%d@koege.dk", i)
			a, err := b.Create(Account{Email: email, Name: "P", Role: Reader, Municipality: 259}, good)
			is(t, err, "")
			_, err = b.Login(email, good, now)
			is(t, err, "")
			b.Accounts()
			secret, _, err := b.IssueToken(Token{AccountID: op.ID, Name: "n", Role: Operator, Expires: now.AddDate(0, 1, 0)}, now)
			is(t, err, "")
			_, err = b.TokenBy(secret, now)
			is(t, err, "")
			if i%2 == 0 {
				is(t, b.Delete(a.ID), "")
			}
		})
	}
	wait.Wait()
	if n := len(b.Accounts()); n != 5 {
		t.Error(n)
	}
	if n := len(open(t, filepath.Dir(b.path)).Tokens("")); n != 8 {
		t.Error(n)
	}
}
