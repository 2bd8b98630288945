package account

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestLinksWorkOnce(t *testing.T) {
	b := open(t, t.TempDir())
	co := coordinator(t, b)
	old, err := b.Invite(co.ID, Invited, time.Hour, now)
	is(t, err, "")
	secret, err := b.Invite(co.ID, Reset, time.Hour, now)
	is(t, err, "")
	_, _, err = b.LinkOwner(old, now) // the newer one took its place
	is(t, err, "link-invalid")
	owner, kind, err := b.LinkOwner(secret, now)
	if is(t, err, ""); owner.ID != co.ID || kind != Reset {
		t.Error(owner, kind)
	}
	_, err = b.Redeem(secret, "kort", now)
	is(t, err, "password-weak")
	a, err := b.Redeem(secret, "en helt ny lang kode", now)
	if is(t, err, ""); a.Generation != co.Generation+1 || !a.LastLogin.Equal(now) {
		t.Error(a.Generation)
	}
	_, err = b.Redeem(secret, "en anden ny lang kode", now)
	is(t, err, "link-invalid")
	_, err = b.Login(co.Email, "en helt ny lang kode", now)
	is(t, err, "")
}

func TestLinksEnd(t *testing.T) {
	b := open(t, t.TempDir())
	co := coordinator(t, b)
	for name, end := range map[string]func() time.Time{
		"time":     func() time.Time { return now.Add(time.Hour) },
		"password": func() time.Time { _, err := b.ChangePassword(co.ID, good, good+"!"); is(t, err, ""); return now },
		"disabled": func() time.Time { co.Disabled = true; _, err := b.Update(co); is(t, err, ""); return now },
	} {
		co.Disabled = false
		if _, err := b.Update(co); err != nil {
			t.Fatal(err)
		}
		secret, err := b.Invite(co.ID, Reset, time.Hour, now)
		is(t, err, "")
		at := end()
		_, err = b.Redeem(secret, "en helt ny lang kode", at)
		if code(err) != "link-invalid" {
			t.Error(name, err)
		}
	}
	for _, kind := range []Kind{First, "other"} {
		_, err := b.Invite(co.ID, kind, time.Hour, now)
		if err == nil {
			t.Error(kind)
		}
	}
	_, err := b.Invite("a0", Reset, time.Hour, now)
	is(t, err, "account-unknown")
	for _, secret := range []string{"", "x"} {
		_, err := b.Redeem(secret, good, now)
		is(t, err, "link-invalid")
	}
}

func TestTwoCannotUseOneLink(t *testing.T) {
	b := open(t, t.TempDir())
	co := coordinator(t, b)
	secret, err := b.Invite(co.ID, Reset, time.Hour, now)
	is(t, err, "")
	var wait sync.WaitGroup
	var used atomic.Int32
	for range 8 {
		wait.Go(func() {
			if _, err := b.Redeem(secret, "en helt ny lang kode", now); err == nil {
				used.Add(1)
			}
		})
	}
	wait.Wait()
	if used.Load() != 1 {
		t.Error(used.Load())
	}
}

func TestFirstOperator(t *testing.T) {
	b := open(t, t.TempDir())
	secret, err := b.Invite("", First, time.Hour, now)
	is(t, err, "")
	newer, err := b.Invite("", First, time.Hour, now)
	is(t, err, "")
	_, err = b.RedeemFirst(secret, "kl@kl.dk", "Karen", good, now)
	is(t, err, "link-invalid")
	_, err = b.Redeem(newer, good, now)
	is(t, err, "link-invalid")
	_, err = b.RedeemFirst(newer, "kl", "Karen", good, now)
	is(t, err, "account-invalid")
	_, err = b.RedeemFirst(newer, "kl@kl.dk", "Karen", "kort", now)
	is(t, err, "password-weak")
	a, err := b.RedeemFirst(newer, "kl@kl.dk", "Karen", good, now)
	if is(t, err, ""); a.Role != Operator || a.ID == "" {
		t.Error(a)
	}
	_, err = b.RedeemFirst(newer, "k2@kl.dk", "Karen", good, now)
	is(t, err, "link-invalid")
	_, err = b.Invite("", First, time.Hour, now)
	is(t, err, "link-refused")
	_, err = b.Login("kl@kl.dk", good, now)
	is(t, err, "")
}
