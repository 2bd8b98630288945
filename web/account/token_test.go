package account

import (
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func unitToken(owner string) Token {
	return Token{AccountID: owner, Name: "Kø-system", Role: Unit, Municipality: 259, Unit: "Borgerservice", Expires: now.AddDate(0, 1, 0)}
}

func TestTokensLive(t *testing.T) {
	b := open(t, t.TempDir())
	co := coordinator(t, b)
	secret, tok, err := b.IssueToken(unitToken(co.ID), now)
	is(t, err, "")
	if !strings.HasPrefix(secret, "komhen_") || len(secret) != tokenLength {
		t.Error(secret)
	}
	got, err := b.TokenBy(secret, now.Add(time.Minute))
	if is(t, err, ""); got.ID != tok.ID || got.Unit != "Borgerservice" || got.Role != Unit || !got.LastUsed.Equal(now.Add(time.Minute)) {
		t.Errorf("%+v", got)
	}
	if again := open(t, filepath.Dir(b.path)).Tokens(co.ID); !again[0].LastUsed.Equal(now.Add(time.Minute)) {
		t.Error("the first use is not on disk", again)
	}
	_, err = b.TokenBy(secret, tok.Expires)
	is(t, err, "token-expired")
	_, err = b.Revoke(tok.ID, now)
	is(t, err, "")
	_, err = b.TokenBy(secret, now)
	is(t, err, "token-revoked")
	_, err = b.Revoke("t0", now)
	is(t, err, "token-gone")
	for _, bad := range []string{"", "komhen_", secret[1:], secret[:len(secret)-1], strings.ToUpper(secret), secret + "x", newSecret()} {
		_, err := b.TokenBy(bad, now)
		is(t, err, "token-unknown")
	}
}

// TestTokensNeverHoldMoreThanTheirOwner: not when they are issued, and not when the owner's rights shrink later.
func TestTokensNeverHoldMoreThanTheirOwner(t *testing.T) {
	b := open(t, t.TempDir())
	operator(t, b)
	co := coordinator(t, b)
	for _, more := range []Token{
		{AccountID: co.ID, Name: "n", Role: Operator, Expires: now.AddDate(0, 1, 0)},
		{AccountID: co.ID, Name: "n", Role: Reader, Municipality: 101, Expires: now.AddDate(0, 1, 0)},
	} {
		_, _, err := b.IssueToken(more, now)
		is(t, err, "token-rights")
	}
	for _, wrong := range []Token{{AccountID: co.ID}, {AccountID: co.ID, Name: "n", Role: Reader, Municipality: 259}, {AccountID: co.ID, Name: "n", Role: Unit, Municipality: 259, Expires: now.AddDate(0, 1, 0)},
		{AccountID: co.ID, Name: "n", Role: Reader, Municipality: 259, Expires: now.AddDate(9, 0, 0)}} {
		_, _, err := b.IssueToken(wrong, now)
		is(t, err, "token-invalid")
	}
	secret, _, err := b.IssueToken(unitToken(co.ID), now)
	is(t, err, "")
	for _, change := range []func(*Account){
		func(a *Account) { a.Disabled = true }, func(a *Account) { a.Municipality = 101 }, func(a *Account) { a.Role = Reader }, func(a *Account) { a.Role, a.Unit = Unit, "Jobcenter" },
	} {
		a := co
		change(&a)
		_, err := b.Update(a)
		is(t, err, "")
		_, err = b.TokenBy(secret, now)
		is(t, err, "token-unknown")
	}
	_, err = b.Update(co)
	is(t, err, "")
	_, err = b.TokenBy(secret, now)
	is(t, err, "")
}

func TestProfilesStayInTheirMunicipality(t *testing.T) {
	b := open(t, t.TempDir())
	p, err := b.SaveProfile(Profile{Municipality: 259, Name: " Kø-system ", Source: "Kø", Mapping: []byte(`{}`)})
	is(t, err, "")
	again, err := b.SaveProfile(Profile{Municipality: 259, Name: "Kø-system", Source: "Kø", Mapping: []byte(`[1]`)})
	if is(t, err, ""); again.ID != p.ID || len(b.Profiles(259)) != 1 || string(b.Profiles(259)[0].Mapping) != "[1]" {
		t.Error(again)
	}
	_, err = b.SaveProfile(Profile{ID: p.ID, Municipality: 101, Name: "Mine now", Mapping: []byte(`{}`)})
	is(t, err, "profile-unknown")
	is(t, b.DeleteProfile(101, p.ID), "profile-unknown")
	for _, wrong := range []Profile{{Name: "x"}, {Mapping: []byte(`{}`)}, {Name: "x", Mapping: []byte(`{`)}, {Name: "x", Mapping: []byte(`"` + strings.Repeat("x", MappingMax) + `"`)}} {
		_, err := b.SaveProfile(wrong)
		is(t, err, "profile-invalid")
	}
	is(t, b.DeleteProfile(259, p.ID), "")
	if len(b.Profiles(259)) != 0 {
		t.Error("still there")
	}
}

func TestExternal(t *testing.T) {
	b := open(t, t.TempDir())
	operator(t, b)
	co := coordinator(t, b)
	id := Identity{Issuer: "https://idp", Subject: "1", Email: "ny@koege.dk", Name: "Ny", Role: Analyst, Municipality: 259}
	a, err := b.External(id, now)
	if is(t, err, ""); !a.External || a.Role != Analyst || !a.LastLogin.Equal(now) {
		t.Errorf("%+v", a)
	}
	_, err = b.Login("ny@koege.dk", "", now)
	is(t, err, "login-failed")
	_, err = b.Invite(a.ID, Reset, time.Hour, now)
	is(t, err, "account-external")
	id.Role, id.Email = Coordinator, "nyt@koege.dk"
	again, err := b.External(id, now)
	if is(t, err, ""); again.ID != a.ID || again.Role != Coordinator || again.Generation != a.Generation+1 || again.Email != "nyt@koege.dk" {
		t.Errorf("%+v", again)
	}
	again.Disabled = true
	_, err = b.Update(again)
	is(t, err, "")
	_, err = b.External(id, now)
	is(t, err, "external-disabled")

	// a local account is taken over only by a verified address of the same municipality with no wider rights
	taken := Identity{Issuer: "https://idp", Subject: "2", Email: "tove@KOEGE.dk", Name: "Tove", Role: Coordinator, Municipality: 259}
	for _, change := range []func(*Identity){func(*Identity) {}, func(i *Identity) { i.EmailVerified, i.Municipality = true, 101 }, func(i *Identity) { i.EmailVerified, i.Role = true, Reader },
		func(i *Identity) { i.EmailVerified, i.Email = true, "kl@kl.dk" }} {
		i := taken
		change(&i)
		_, err := b.External(i, now)
		is(t, err, "account-exists")
	}
	taken.EmailVerified = true
	linked, err := b.External(taken, now)
	if is(t, err, ""); linked.ID != co.ID || linked.Generation != co.Generation+1 {
		t.Errorf("%+v", linked)
	}
	_, err = b.Login("tove@koege.dk", good, now) // from now on the provider decides
	is(t, err, "login-failed")
	taken.Subject = "3" // the address passed to another person
	_, err = b.External(taken, now)
	is(t, err, "account-exists")
	_, err = b.External(Identity{Issuer: "https://idp", Email: "x@y.dk", Role: Reader, Municipality: 259}, now)
	is(t, err, "account-invalid")
}
