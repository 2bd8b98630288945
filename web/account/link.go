package account

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"slices"
	"time"

	"komhen/model"
)

// Kind is what a link is for.
type Kind string

const (
	Invited Kind = "invite" // a new account's first password
	Reset   Kind = "reset"  // a new password for one that is forgotten
	First   Kind = "first"  // the first operator of an empty service; belongs to no account yet
)

// link lets its holder set a password once. Only the hash of its secret is kept.
type link struct {
	Hash      []byte    `json:"hash"`
	AccountID string    `json:"account,omitempty"`
	Kind      Kind      `json:"kind"`
	Expires   time.Time `json:"expires"`
}

func (c *content) dropLinks(accountID string) {
	c.Links = slices.DeleteFunc(c.Links, func(l link) bool { return l.AccountID == accountID })
}

// Invite makes a link that lasts for ttl and gives its secret, which is kept nowhere. It takes the place of the account's
// earlier links. Kind First wants no account, and that nobody can manage the service yet.
// Problems: "account-unknown", "account-external", "link-refused".
func (b *Book) Invite(accountID string, kind Kind, ttl time.Duration, now time.Time) (secret string, err error) {
	var raw [32]byte
	rand.Read(raw[:])
	secret = base64.RawURLEncoding.EncodeToString(raw[:])
	err = b.change(func(c *content) error {
		switch i := c.find(accountID); {
		case kind == First && (accountID != "" || activeOperators(c) > 0):
			return &model.Problem{Code: "link-refused", Message: "Der er allerede en administrator. Log ind, eller bed administratoren om et link."}
		case kind == First:
		case kind != Invited && kind != Reset:
			return &model.Problem{Code: "link-refused", Message: "Sådan et link findes ikke."}
		case i < 0 || c.Accounts[i].Disabled:
			return unknown()
		case c.Accounts[i].External:
			return &model.Problem{Code: "account-external", Message: "Personen logger ind med sin kommunes login og har ingen adgangskode her."}
		}
		c.dropLinks(accountID)
		c.Links = slices.DeleteFunc(c.Links, func(l link) bool { return !now.Before(l.Expires) })
		c.Links = append(c.Links, link{Hash: hashSecret(secret), AccountID: accountID, Kind: kind, Expires: now.Add(ttl)})
		return nil
	})
	if err != nil {
		return "", err
	}
	return secret, nil
}

func hashSecret(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

// open finds a link that still can be used, -1 if there is none.
func (c *content) open(secret string, now time.Time) (at int) {
	at = -1
	want := hashSecret(secret)
	for i, l := range c.Links {
		if subtle.ConstantTimeCompare(l.Hash, want) == 1 && now.Before(l.Expires) {
			at = i
		}
	}
	if at < 0 {
		return -1
	}
	if l := c.Links[at]; l.Kind == First {
		if activeOperators(c) > 0 {
			return -1
		}
	} else if i := c.find(l.AccountID); i < 0 || c.Accounts[i].Disabled || c.Accounts[i].External {
		return -1
	}
	return at
}

func linkInvalid() error {
	return &model.Problem{Code: "link-invalid", Message: "Linket er brugt, for gammelt eller ikke skrevet rigtigt af. Bed din tovholder eller administrator om et nyt."}
}

// LinkOwner tells whose link it is and what for, without using it. The account of a First link is an operator without ID.
// Problem: "link-invalid", the same for every reason.
func (b *Book) LinkOwner(secret string, now time.Time) (Account, Kind, error) {
	c := b.now.Load()
	at := c.open(secret, now)
	if at < 0 {
		return Account{}, "", linkInvalid()
	}
	l := c.Links[at]
	if l.Kind == First {
		return Account{Role: Operator}, First, nil
	}
	return c.Accounts[c.find(l.AccountID)].Account, l.Kind, nil
}

// Redeem uses a link of kind Invited or Reset, which is a login too: it sets the password, ends the account's sessions and takes its links away. A
// refused password leaves the link. Problems: "link-invalid", "password-weak", "login-busy".
func (b *Book) Redeem(secret, password string, now time.Time) (Account, error) {
	owner, kind, err := b.LinkOwner(secret, now)
	if err != nil {
		return Account{}, err
	}
	if kind == First {
		return Account{}, linkInvalid()
	}
	if err := checkPassword(password, owner); err != nil {
		return Account{}, err
	}
	h, err := b.hasher.make(password)
	if err != nil {
		return Account{}, err
	}
	var a Account
	err = b.change(func(c *content) error {
		at := c.open(secret, now)
		if at < 0 { // used by another request while we were hashing
			return linkInvalid()
		}
		i := c.find(c.Links[at].AccountID)
		c.Accounts[i].LastLogin = now
		a = c.setPassword(i, h)
		return nil
	})
	return a, err
}

// RedeemFirst uses a link of kind First: it makes the first operator. Problems: as of Redeem and Create.
func (b *Book) RedeemFirst(secret, email, name, password string, now time.Time) (Account, error) {
	if _, kind, err := b.LinkOwner(secret, now); err != nil || kind != First {
		return Account{}, linkInvalid()
	}
	a := tidied(Account{Email: email, Name: name, Role: Operator, Created: now, LastLogin: now})
	if err := valid(a); err != nil {
		return Account{}, err
	}
	if err := checkPassword(password, a); err != nil {
		return Account{}, err
	}
	h, err := b.hasher.make(password)
	if err != nil {
		return Account{}, err
	}
	a.ID = newID("a")
	err = b.change(func(c *content) error {
		if at := c.open(secret, now); at < 0 {
			return linkInvalid()
		}
		if c.findEmail(a.Email) >= 0 {
			return emailTaken()
		}
		c.dropLinks("")
		c.Accounts = append(c.Accounts, person{Account: a, Password: h})
		return nil
	})
	if err != nil {
		return Account{}, err
	}
	return a, nil
}
