package account

import (
	"slices"
	"time"

	"komhen/model"
)

// Identity is what an identity provider vouches for, and the rights that our mapping gives it.
type Identity struct {
	Issuer, Subject string // together they are the person; an address may pass to another
	Email           string
	EmailVerified   bool
	Name            string
	Role            Role
	Municipality    uint16
	Unit            string
}

// External gives the account of someone whom an identity provider has let in. It makes the account the first time, and brings name
// and rights up to what the provider says each time.
//
// An account with a password here and the same address is taken over only if the provider has verified the address and the account
// belongs to the same municipality with no wider rights; from then on the person logs in with the provider only. Otherwise:
// "account-exists". Others: "account-invalid", "external-disabled", "last-operator".
func (b *Book) External(id Identity, now time.Time) (Account, error) {
	fresh := tidied(Account{Email: id.Email, Name: id.Name, Role: id.Role, Municipality: id.Municipality, Unit: id.Unit, External: true, Created: now, LastLogin: now})
	if fresh.Name == "" {
		fresh.Name = fresh.Email
	}
	if id.Issuer == "" || id.Subject == "" {
		return Account{}, &model.Problem{Code: "account-invalid", Message: "Login-tjenesten siger ikke, hvem du er. Bed din administrator se på opsætningen."}
	}
	if err := valid(fresh); err != nil {
		return Account{}, err
	}
	var a Account
	err := b.change(func(c *content) error {
		i := slices.IndexFunc(c.Accounts, func(p person) bool { return p.Issuer == id.Issuer && p.Subject == id.Subject })
		same := c.findEmail(fresh.Email)
		switch {
		case i >= 0 && same >= 0 && same != i:
			return externalTaken()
		case i < 0 && same < 0:
			fresh.ID = newID("a")
			c.Accounts = append(c.Accounts, person{Account: fresh, Issuer: id.Issuer, Subject: id.Subject})
			a = fresh
			return nil
		case i < 0:
			old := c.Accounts[same]
			if !id.EmailVerified || old.External || old.Municipality != fresh.Municipality || !(fresh.Covers(old.Role, old.Municipality, old.Unit)) {
				return externalTaken()
			}
			i = same
		}
		p := &c.Accounts[i]
		if p.Disabled {
			return &model.Problem{Code: "external-disabled", Message: "Din adgang er lukket. Spørg din tovholder eller administrator."}
		}
		before, linked := p.rights(), !p.External
		p.Email, p.Name, p.Role, p.Municipality, p.Unit, p.LastLogin = fresh.Email, fresh.Name, fresh.Role, fresh.Municipality, fresh.Unit, now
		p.External, p.Issuer, p.Subject, p.Password = true, id.Issuer, id.Subject, nil
		if linked || p.rights() != before {
			p.Generation++
			c.dropLinks(p.ID)
		}
		a = p.Account
		return nil
	})
	return a, err
}

func externalTaken() error {
	return &model.Problem{Code: "account-exists", Message: "Der er allerede en bruger med din mailadresse, og den kan ikke kobles til det login. Log ind med adgangskode, eller bed din administrator om at slette den gamle bruger."}
}
