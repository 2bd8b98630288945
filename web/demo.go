package web

import (
	"fmt"
	"time"

	"komhen/model"
	"komhen/web/account"
)

// demoUser is a person of the demonstration. Everybody knows these passwords, so they are only let in where --demo was given.
type demoUser struct {
	DemoUser
	account account.Account
}

func demoUsers() []demoUser {
	user := func(email, password, what string, a account.Account) demoUser {
		a.Email = email
		return demoUser{DemoUser{email, password, what}, a}
	}
	const koege, odense = 259, 461
	return []demoUser{
		user("tovholder@koege.example", "gul-kran-otte-breve", "Tovholder i Køge: sender, retter og godkender", account.Account{Name: "Tove Tovholder", Role: account.Coordinator, Municipality: koege, KlikAdmin: true}),
		user("analytiker@koege.example", "tre-skove-ny-bro", "Analytiker i Køge: rapporter og udtræk", account.Account{Name: "Anders Analytiker", Role: account.Analyst, Municipality: koege}),
		user("borgerservice@koege.example", "blaa-skranke-ni-numre", "Enheden Borgerservice i Køge: registrerer", account.Account{Name: "Bente Borgerservice", Role: account.Unit, Municipality: koege, Unit: "Borgerservice"}),
		user("laeser@koege.example", "stille-havn-fem-mager", "Læser i Køge: ser rapporterne", account.Account{Name: "Lis Leder", Role: account.Reader, Municipality: koege}),
		user("tovholder@odense.example", "hvid-fjord-syv-cykler", "Tovholder i Odense: ser ikke Køges tal", account.Account{Name: "Bo Nabo", Role: account.Coordinator, Municipality: odense}),
		user("kl@kl.example", "lang-strand-fire-fyr", "Administrator i KL: ser alle kommuner", account.Account{Name: "Karen KL", Role: account.Operator}),
	}
}

// DemoUsers are the people of the demonstration.
func DemoUsers() []DemoUser {
	var list []DemoUser
	for _, u := range demoUsers() {
		list = append(list, u.DemoUser)
	}
	return list
}

// AddDemoUsers makes the people of the demonstration. It refuses, *model.Problem "data-not-empty", where there are real people.
func (s *Server) AddDemoUsers() error {
	known := map[string]bool{}
	for _, u := range demoUsers() {
		known[u.Email] = true
	}
	for _, a := range s.accounts.Accounts() {
		if !known[a.Email] {
			return &model.Problem{Code: "data-not-empty", Message: fmt.Sprintf("I %s er der rigtige brugere. Demobrugere kan kun tilføjes, hvor der ingen er.", s.folder.Dir)}
		}
	}
	for _, u := range demoUsers() {
		if _, there := s.accounts.ByEmail(u.Email); there {
			continue
		}
		u.account.Created = s.now()
		if _, err := s.accounts.Create(u.account, u.Password); err != nil {
			return err
		}
	}
	return s.addDemoContacts()
}

// FirstLink is a link with which the first administrator of an empty service is made, once and within a day; "" where there is
// one already.
func (s *Server) FirstLink() (string, error) {
	for _, a := range s.accounts.Accounts() {
		if a.Role == account.Operator && !a.Disabled {
			return "", nil
		}
	}
	secret, err := s.accounts.Invite("", account.First, 24*time.Hour, s.now())
	if err != nil {
		return "", err
	}
	return s.config.BaseURL + "/link/" + secret, nil
}
