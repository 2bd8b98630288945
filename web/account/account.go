package account

import (
	"cmp"
	"net/mail"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"komhen/model"
)

// Account is a person who may log in. Its ID is the only thing of it that may stand elsewhere (audit, uploads).
type Account struct {
	ID           string    `json:"id"` // opaque, never used again
	Email        string    `json:"email"`
	Name         string    `json:"name"`
	Role         Role      `json:"role"`
	Municipality uint16    `json:"municipality,omitempty"` // 0 for operators, and only for them
	Unit         string    `json:"unit,omitempty"`         // of role Unit, and only of it
	Disabled     bool      `json:"disabled,omitempty"`
	Created      time.Time `json:"created,omitzero"`
	LastLogin    time.Time `json:"last_login,omitzero"`
	External     bool      `json:"external,omitempty"`   // logs in with an identity provider; has no password here
	Generation   int       `json:"generation,omitempty"` // raised to end all sessions of the account
	KlikAdmin    bool      `json:"klik_admin,omitempty"` // may edit the municipality's contact list; an operator may without
}

// person is an account with what only this package may see.
type person struct {
	Account
	Password *hash  `json:"password,omitempty"`
	Issuer   string `json:"issuer,omitempty"` // of an external account
	Subject  string `json:"subject,omitempty"`
}

// Accounts lists everybody, by municipality, role and name.
func (b *Book) Accounts() []Account {
	var list []Account
	for _, p := range b.now.Load().Accounts {
		list = append(list, p.Account)
	}
	slices.SortFunc(list, func(x, y Account) int {
		return cmp.Or(cmp.Compare(x.Municipality, y.Municipality),
			cmp.Compare(slices.Index(AllRoles, x.Role), slices.Index(AllRoles, y.Role)), cmp.Compare(x.Name, y.Name), cmp.Compare(x.ID, y.ID))
	})
	return list
}

// Account finds one by its ID, disabled ones too.
func (b *Book) Account(id string) (Account, bool) {
	c := b.now.Load()
	if i := c.find(id); i >= 0 {
		return c.Accounts[i].Account, true
	}
	return Account{}, false
}

// ByEmail finds one by its address, whatever the case of its letters.
func (b *Book) ByEmail(email string) (Account, bool) {
	c := b.now.Load()
	if i := c.findEmail(email); i >= 0 {
		return c.Accounts[i].Account, true
	}
	return Account{}, false
}

func (c *content) find(id string) int {
	return slices.IndexFunc(c.Accounts, func(p person) bool { return p.ID == id })
}

func (c *content) findEmail(email string) int {
	email = foldEmail(email)
	return slices.IndexFunc(c.Accounts, func(p person) bool { return foldEmail(p.Email) == email })
}

func foldEmail(s string) string { return strings.ToLower(norm.NFC.String(strings.TrimSpace(s))) }

// activeOperators counts those who can log in and manage the service.
func activeOperators(c *content) (n int) {
	for _, p := range c.Accounts {
		if p.Role == Operator && !p.Disabled && (p.Password != nil || p.External) {
			n++
		}
	}
	return n
}

// Create adds an account with a new ID. Without a password nobody can log in to it until a link is redeemed.
// Problems: "account-invalid", "account-exists", "password-weak".
func (b *Book) Create(a Account, password string) (Account, error) {
	a = tidied(a)
	a.ID, a.LastLogin, a.External, a.Generation = newID("a"), time.Time{}, false, 0
	if err := valid(a); err != nil {
		return Account{}, err
	}
	p := person{Account: a}
	if password != "" {
		if err := checkPassword(password, a); err != nil {
			return Account{}, err
		}
		h, err := b.hasher.make(password)
		if err != nil {
			return Account{}, err
		}
		p.Password = h
	}
	err := b.change(func(c *content) error {
		if c.findEmail(a.Email) >= 0 {
			return emailTaken()
		}
		c.Accounts = append(c.Accounts, p)
		return nil
	})
	if err != nil {
		return Account{}, err
	}
	return a, nil
}

// Update sets the name, role, municipality, unit, disabled and KlikAdmin of the account with that ID, and nothing else. A change of rights
// ends its sessions and takes its open links away. Problems: "account-unknown", "account-invalid", "last-operator".
func (b *Book) Update(a Account) (Account, error) {
	a = tidied(a)
	err := b.change(func(c *content) error {
		i := c.find(a.ID)
		if i < 0 {
			return unknown()
		}
		p := &c.Accounts[i]
		rights := p.rights()
		p.Name, p.Role, p.Municipality, p.Unit, p.Disabled, p.KlikAdmin = a.Name, a.Role, a.Municipality, a.Unit, a.Disabled, a.KlikAdmin
		if err := valid(p.Account); err != nil {
			return err
		}
		if p.rights() != rights {
			p.Generation++
		}
		if p.Disabled {
			c.dropLinks(p.ID)
		}
		a = p.Account
		return nil
	})
	if err != nil {
		return Account{}, err
	}
	return a, nil
}

type rights struct {
	role         Role
	municipality uint16
	unit         string
	disabled     bool
}

func (a Account) rights() rights { return rights{a.Role, a.Municipality, a.Unit, a.Disabled} }

// EndSessions makes every session of the account invalid. Problem: "account-unknown".
func (b *Book) EndSessions(id string) (Account, error) {
	var a Account
	err := b.change(func(c *content) error {
		i := c.find(id)
		if i < 0 {
			return unknown()
		}
		c.Accounts[i].Generation++
		a = c.Accounts[i].Account
		return nil
	})
	return a, err
}

// Delete removes an account with its name, address, password, links, tokens and filters. Its ID stays in the audit and is never given
// again. Problems: "account-unknown", "last-operator".
func (b *Book) Delete(id string) error {
	return b.change(func(c *content) error {
		i := c.find(id)
		if i < 0 {
			return unknown()
		}
		c.Accounts = slices.Delete(c.Accounts, i, i+1)
		c.dropLinks(id)
		c.Tokens = slices.DeleteFunc(c.Tokens, func(t token) bool { return t.AccountID == id })
		c.Filters = slices.DeleteFunc(c.Filters, func(f Filter) bool { return f.Account == id })
		return nil
	})
}

func unknown() error {
	return &model.Problem{Code: "account-unknown", Message: "Brugeren findes ikke længere. Gå tilbage til listen, og se efter."}
}

func emailTaken() error {
	return &model.Problem{Code: "account-exists", Err: model.WrongField("email"), Message: "Der er allerede en bruger med den mailadresse. Find brugeren på listen, eller skriv en anden adresse."}
}

func tidied(a Account) Account {
	a.Email, a.Name, a.Unit = norm.NFC.String(strings.TrimSpace(a.Email)), tidy(a.Name), tidy(a.Unit)
	return a
}

// tidy brings a text to its normal form with single blanks.
func tidy(s string) string { return strings.Join(strings.Fields(norm.NFC.String(s)), " ") }

// valid is the first of Faults.
func valid(a Account) error {
	if faults := Faults(a); len(faults) > 0 {
		return faults[0]
	}
	return nil
}

// Faults says all that is wrong with an account, in the order of a form: each an "account-invalid" of a field.
func Faults(a Account) (faults []error) {
	wrong := func(field model.WrongField, message string) {
		faults = append(faults, &model.Problem{Code: "account-invalid", Message: message, Err: field})
	}
	a = tidied(a)
	switch {
	case a.Name == "":
		wrong("name", "Navnet mangler. Skriv personens navn.")
	case tooLong(a.Name, 100):
		wrong("name", "Navnet er for langt eller har tegn, der ikke kan vises. Skriv højst 100 tegn.")
	}
	if !validEmail(a.Email) {
		wrong("email", "Mailadressen er ikke rigtig. Skriv den som navn@kommune.dk.")
	}
	if !a.Role.Known() {
		wrong("role", "Rollen mangler. Vælg en af rollerne.")
		return faults // what else is right depends on it
	}
	switch {
	case a.Role == Operator && a.Municipality != 0:
		wrong("municipality", "En administrator hører ikke til en kommune. Lad kommunen stå tom, eller vælg en anden rolle.")
	case a.Role != Operator && a.Municipality == 0:
		wrong("municipality", "Kommunen mangler. Vælg den kommune, personen hører til.")
	}
	if a.KlikAdmin && (a.Role == Operator || a.Role == Unit) {
		wrong("klik", "Kun tovholdere, analytikere og læsere kan være KLIK-administrator. Fjern hakket, eller vælg en anden rolle.")
	}
	switch {
	case a.Role == Unit && a.Unit == "":
		wrong("unit", "Enheden mangler. Skriv den enhed, der registrerer henvendelser.")
	case a.Role != Unit && a.Unit != "":
		wrong("unit", "Kun rollen Enhed har en enhed. Lad enheden stå tom, eller vælg rollen Enhed.")
	case tooLong(a.Unit, 200):
		wrong("unit", "Enhedens navn er for langt eller har tegn, der ikke kan vises. Skriv højst 200 tegn.")
	}
	return faults
}

// tooLong tells whether a text has more characters than may be, or some that cannot be shown.
func tooLong(s string, most int) bool {
	return utf8.RuneCountInString(s) > most || strings.ContainsFunc(s, unicode.IsControl)
}

func validEmail(s string) bool {
	parsed, err := mail.ParseAddress(s)
	return err == nil && parsed.Address == s && parsed.Name == "" && len(s) <= 254 && !strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) || unicode.IsSpace(r) || strings.ContainsRune(`<>"'&`, r)
	})
}
