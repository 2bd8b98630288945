package account

import (
	"cmp"
	"crypto/rand"
	"crypto/subtle"
	"fmt"
	"hash/crc32"
	"math/big"
	"slices"
	"strings"
	"time"

	"komhen/model"
)

// Token lets a program act with some of its owner's rights. It works for as long as its owner may do what it may.
type Token struct {
	ID           string    `json:"id"`
	AccountID    string    `json:"account"` // its owner
	Name         string    `json:"name"`
	Role         Role      `json:"role"`
	Municipality uint16    `json:"municipality,omitempty"`
	Unit         string    `json:"unit,omitempty"`
	Test         bool      `json:"test,omitempty"` // what comes with it is test data
	Created      time.Time `json:"created,omitzero"`
	LastUsed     time.Time `json:"last_used,omitzero"` // may be an hour behind after a crash
	Expires      time.Time `json:"expires,omitzero"`
	Revoked      time.Time `json:"revoked,omitzero"` // zero while it works
}

type token struct {
	Token
	Hash []byte `json:"hash"`
}

// TokenYears is the longest a token may last.
const TokenYears = 2

const (
	tokenPrefix = "komhen_" // lets scanners for leaked secrets know ours
	tokenLength = len(tokenPrefix) + 43 + 6
)

// IssueToken adds a token and gives its secret, which is kept nowhere. t needs AccountID, Name, Role and Expires, and what the
// role needs. Problems: "account-unknown", "token-invalid", "token-rights" if it would hold more than its owner's.
func (b *Book) IssueToken(t Token, now time.Time) (secret string, issued Token, err error) {
	t.Name, t.Unit = tidy(t.Name), tidy(t.Unit)
	t.ID, t.Created, t.LastUsed, t.Revoked = newID("t"), now, time.Time{}, time.Time{}
	wrong := func(field model.WrongField, message string) (string, Token, error) {
		return "", Token{}, &model.Problem{Code: "token-invalid", Message: message, Err: field}
	}
	switch {
	case t.Name == "" || tooLong(t.Name, 100):
		return wrong("name", "Nøglens navn mangler eller er for langt. Skriv højst 100 tegn om, hvad den bruges til.")
	case !t.Role.Known():
		return wrong("role", "Rollen mangler. Vælg, hvad nøglen må.")
	case t.Role == Operator && t.Municipality != 0, t.Role != Operator && t.Municipality == 0:
		return wrong("municipality", "Nøglens kommune passer ikke til dens rolle. Vælg en kommune, eller vælg en anden rolle.")
	case t.Role == Unit && t.Unit == "":
		return wrong("unit", "Enheden mangler. Skriv den enhed, som nøglen registrerer for.")
	case t.Role != Unit && t.Unit != "":
		return wrong("unit", "Kun rollen Enhed har en enhed. Lad enheden stå tom, eller vælg rollen Enhed.")
	case tooLong(t.Unit, 200):
		return wrong("unit", "Enhedens navn er for langt eller har tegn, der ikke kan vises. Skriv højst 200 tegn.")
	case !t.Expires.After(now) || t.Expires.After(now.AddDate(TokenYears, 0, 1)):
		return wrong("expires", fmt.Sprintf("Nøglen skal udløbe inden for %d år. Vælg en dato.", TokenYears))
	}
	secret = newSecret()
	err = b.change(func(c *content) error {
		i := c.find(t.AccountID)
		if i < 0 {
			return unknown()
		}
		if !c.Accounts[i].Covers(t.Role, t.Municipality, t.Unit) {
			return &model.Problem{Code: "token-rights", Err: model.WrongField("role"), Message: "Nøglen kan ikke få flere rettigheder, end du selv har. Vælg en anden rolle, kommune eller enhed."}
		}
		c.Tokens = append(c.Tokens, token{Token: t, Hash: hashSecret(secret)})
		return nil
	})
	if err != nil {
		return "", Token{}, err
	}
	return secret, t, nil
}

// Tokens lists the tokens of one owner, or everybody's with "", newest first; revoked and expired ones too.
func (b *Book) Tokens(accountID string) []Token {
	var list []Token
	for _, t := range b.now.Load().Tokens {
		if accountID == "" || t.AccountID == accountID {
			list = append(list, b.withLastUse(t.Token))
		}
	}
	slices.SortFunc(list, func(x, y Token) int { return cmp.Or(y.Created.Compare(x.Created), cmp.Compare(x.ID, y.ID)) })
	return list
}

// Token finds one by its ID.
func (b *Book) Token(id string) (Token, bool) {
	for _, t := range b.now.Load().Tokens {
		if t.ID == id {
			return b.withLastUse(t.Token), true
		}
	}
	return Token{}, false
}

func (b *Book) withLastUse(t Token) Token {
	b.usedLock.Lock()
	defer b.usedLock.Unlock()
	if at := b.used[t.ID]; at.After(t.LastUsed) {
		t.LastUsed = at
	}
	return t
}

// TokenBy gives the token of a secret and notes the use. Problems: "token-unknown", which is also the answer when its owner is
// gone, disabled or no longer may what it may; "token-expired" and "token-revoked", which only who has the secret can learn.
func (b *Book) TokenBy(secret string, now time.Time) (Token, error) {
	no := &model.Problem{Code: "token-unknown", Message: "Nøglen kendes ikke eller gælder ikke længere. Se efter, at den er skrevet helt af, eller få en ny."}
	if !wellFormed(secret) {
		return Token{}, no
	}
	c := b.now.Load()
	want := hashSecret(secret)
	at := -1
	for i := range c.Tokens {
		if subtle.ConstantTimeCompare(c.Tokens[i].Hash, want) == 1 {
			at = i
		}
	}
	if at < 0 {
		return Token{}, no
	}
	t := c.Tokens[at].Token
	owner := c.find(t.AccountID)
	switch {
	case !t.Revoked.IsZero():
		return Token{}, &model.Problem{Code: "token-revoked", Message: "Nøglen er trukket tilbage. Få en ny."}
	case !now.Before(t.Expires):
		return Token{}, &model.Problem{Code: "token-expired", Message: "Nøglen er udløbet. Få en ny."}
	case owner < 0 || !c.Accounts[owner].Covers(t.Role, t.Municipality, t.Unit):
		return Token{}, no
	}
	b.usedLock.Lock()
	b.used[t.ID] = now
	b.usedLock.Unlock()
	if now.Sub(t.LastUsed) > time.Hour {
		_ = b.change(func(*content) error { return nil }) // writes all last uses; a full disk must not keep readers out
	}
	t.LastUsed = now
	return t, nil
}

// Revoke ends a token. Problem: "token-gone".
func (b *Book) Revoke(id string, now time.Time) (Token, error) {
	var revoked Token
	err := b.change(func(c *content) error {
		i := slices.IndexFunc(c.Tokens, func(t token) bool { return t.ID == id })
		if i < 0 {
			return &model.Problem{Code: "token-gone", Message: "Nøglen findes ikke længere. Gå tilbage til listen, og se efter."}
		}
		if c.Tokens[i].Revoked.IsZero() {
			c.Tokens[i].Revoked = now
		}
		revoked = c.Tokens[i].Token
		return nil
	})
	return revoked, err
}

// newSecret is the prefix, 32 random bytes and a checksum of both, so that a key cut short by a copy is told without a look-up.
func newSecret() string {
	var raw [32]byte
	rand.Read(raw[:])
	s := tokenPrefix + base62(new(big.Int).SetBytes(raw[:]), 43)
	return s + checksum(s)
}

func wellFormed(secret string) bool {
	return len(secret) == tokenLength && strings.HasPrefix(secret, tokenPrefix) && secret[tokenLength-6:] == checksum(secret[:tokenLength-6])
}

func checksum(s string) string {
	return base62(new(big.Int).SetUint64(uint64(crc32.ChecksumIEEE([]byte(s)))), 6)
}

// base62 writes a number with digits and letters, filled up with zeros in front; big's own digits are 0-9, a-z, A-Z.
func base62(n *big.Int, length int) string {
	s := n.Text(62)
	return strings.Repeat("0", length-len(s)) + s
}
