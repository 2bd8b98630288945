package account

import (
	_ "embed"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"komhen/model"
)

// PasswordMin and PasswordMax are the fewest and most characters of a password.
const (
	PasswordMin = 12
	PasswordMax = 200
)

// common.txt: one password or word a line, in lower case, that people use and others try first.
//
//go:embed common.txt
var commonText string

// commonWords, longest first, so that "password" goes before "pass".
var commonWords = func() []string {
	words := strings.Fields(commonText)
	slices.SortFunc(words, func(a, b string) int { return len(b) - len(a) })
	return words
}()

// leastLeft is how much of a password must be its own once common words and the person's name and address are out of it.
const leastLeft = 8

// checkPassword refuses what is short or easily guessed. It asks for no digits or signs: length is what helps.
func checkPassword(password string, a Account) error {
	weak := func(message string) error {
		return &model.Problem{Code: "password-weak", Message: message, Err: model.WrongField("password")}
	}
	n := utf8.RuneCountInString(password)
	switch {
	case n < PasswordMin:
		return weak("Adgangskoden er for kort. Brug mindst 12 tegn; fire tilfældige ord er lette at huske.")
	case n > PasswordMax:
		return weak("Adgangskoden er for lang. Brug højst 200 tegn.")
	case !utf8.ValidString(password):
		return weak("Adgangskoden har tegn, der ikke kan læses. Skriv den igen.")
	}
	left := strings.ToLower(norm.NFC.String(password))
	own := strings.FieldsFunc(strings.ToLower(a.Name+" "+a.Email), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for _, word := range own {
		if utf8.RuneCountInString(word) > 2 {
			left = strings.ReplaceAll(left, word, "")
		}
	}
	if utf8.RuneCountInString(left) < leastLeft {
		return weak("Adgangskoden består mest af dit navn eller din mailadresse. Vælg en, andre ikke kan gætte; fire tilfældige ord er lette at huske.")
	}
	for _, word := range commonWords {
		left = strings.ReplaceAll(left, word, "")
	}
	if utf8.RuneCountInString(left) < leastLeft || ownSteps(left) < leastLeft/2 {
		return weak("Adgangskoden er en af dem, der prøves først. Vælg en, andre ikke kan gætte; fire tilfældige ord er lette at huske.")
	}
	return nil
}

// ownSteps counts the steps from letter to letter that neither repeat nor count up or down and were not seen before:
// "aaaaaaaaaaaa" and "123456789012" have next to none.
func ownSteps(s string) int {
	seen := map[[2]rune]bool{}
	var last rune
	for _, r := range s {
		if d := r - last; last != 0 && (d > 1 || d < -1) {
			seen[[2]rune{last, r}] = true
		}
		last = r
	}
	return len(seen)
}

// Login gives the account of an address and its password. Whether the address is unknown, the account disabled or external, or
// the password wrong, the answer is the same and takes as long: "login-failed". Too many at once: "login-busy".
func (b *Book) Login(email, password string, now time.Time) (Account, error) {
	failed := &model.Problem{Code: "login-failed", Message: "Mailadressen eller adgangskoden er forkert. Prøv igen, eller bed din tovholder om et link til en ny adgangskode."}
	c := b.now.Load()
	var p person
	if i := c.findEmail(email); i >= 0 && !c.Accounts[i].Disabled {
		p = c.Accounts[i]
	}
	ok, err := b.hasher.matches(p.Password, clipped(password))
	if err != nil {
		return Account{}, err
	}
	if !ok {
		return Account{}, failed
	}
	var fresh *hash
	if p.Password.cost != b.hasher.cost {
		if fresh, err = b.hasher.make(password); err != nil {
			return Account{}, err
		}
	}
	var a Account
	err = b.change(func(c *content) error {
		i := c.find(p.ID)
		if i < 0 || c.Accounts[i].Disabled || c.Accounts[i].Generation != p.Generation { // changed while we were hashing
			return failed
		}
		if c.Accounts[i].LastLogin = now; fresh != nil {
			c.Accounts[i].Password = fresh
		}
		a = c.Accounts[i].Account
		return nil
	})
	return a, err
}

// clipped keeps a hostile length from the normal form; no password is that long, so none is mistaken for another.
func clipped(password string) string { return password[:min(len(password), 8*PasswordMax)] }

// ChangePassword sets a new password for someone who knows the old one, and ends the account's sessions: the caller renews its
// own with the Generation it gets. Problems: "password-wrong", "password-weak", "account-unknown", "login-busy".
func (b *Book) ChangePassword(id, old, password string) (Account, error) {
	c := b.now.Load()
	i := c.find(id)
	if i < 0 || c.Accounts[i].Disabled || c.Accounts[i].Password == nil {
		return Account{}, unknown()
	}
	p := c.Accounts[i]
	ok, err := b.hasher.matches(p.Password, clipped(old))
	if err != nil {
		return Account{}, err
	}
	if !ok {
		return Account{}, &model.Problem{Code: "password-wrong", Err: model.WrongField("old"), Message: "Den nuværende adgangskode er forkert. Skriv den igen."}
	}
	if old == password {
		return Account{}, &model.Problem{Code: "password-weak", Err: model.WrongField("password"), Message: "Den nye adgangskode er den samme som den gamle. Vælg en anden."}
	}
	if err := checkPassword(password, p.Account); err != nil {
		return Account{}, err
	}
	h, err := b.hasher.make(password)
	if err != nil {
		return Account{}, err
	}
	var a Account
	err = b.change(func(c *content) error {
		i := c.find(id)
		if i < 0 || c.Accounts[i].Disabled || c.Accounts[i].Generation != p.Generation {
			return unknown()
		}
		a = c.setPassword(i, h)
		return nil
	})
	return a, err
}

// setPassword ends the sessions and links that the old one may have given to others.
func (c *content) setPassword(i int, h *hash) Account {
	c.Accounts[i].Password = h
	c.Accounts[i].Generation++
	c.dropLinks(c.Accounts[i].ID)
	return c.Accounts[i].Account
}
