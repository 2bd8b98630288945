package web

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"komhen/ingest"
	"komhen/ingest/demo"
	"komhen/model"
	"komhen/reports"
	"komhen/web/account"
	"komhen/web/schedule"
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

// AddDemoDelivery makes one central delivery of the demonstration ready that awaits the municipalities' answers, with a day two weeks
// ahead. Where there is any delivery already, or nothing to deliver to, it does nothing.
func (s *Server) AddDemoDelivery(ctx context.Context) error {
	list, err := s.folder.Store.Centrals(ctx)
	if err != nil || len(list) > 0 {
		return err
	}
	round, found, err := reports.LatestRound(ctx, s.folder.Store, s.book)
	if err != nil || !found {
		return err
	}
	states, err := s.folder.Store.RoundStates(ctx, round, round.Last+1, 0)
	var codes []uint16
	for _, state := range states {
		if state.Contacts > 0 {
			codes = append(codes, state.Municipality)
		}
	}
	if err != nil || len(codes) == 0 {
		return err
	}
	file := demo.SelfService(s.book, round, codes)
	by := ""
	for _, a := range s.accounts.Accounts() {
		if a.Role == account.Operator {
			by = a.ID
		}
	}
	_, _, err = s.folder.Deliver(ctx, bytes.NewReader(file), int64(len(file)), ingest.Options{Name: "selvbetjening " + round.Name + ".csv", Received: s.now(), By: by,
		Delivering: &ingest.Delivering{What: "Selvbetjening", Round: round.Name, Day: model.DateOf(s.now()) + 14}})
	return err
}

// AddDemoJobs puts three things on the schedule of the demonstration and makes each once, where there is nothing yet.
func (s *Server) AddDemoJobs(ctx context.Context) error {
	tove, there := s.accounts.ByEmail("tovholder@koege.example")
	lis, _ := s.accounts.ByEmail("laeser@koege.example")
	if !there || len(s.schedule.Jobs()) > 0 {
		return nil
	}
	for _, j := range []schedule.Job{
		{Title: "Kanaler hver mandag", Product: "report", Question: "format=xlsx&municipality=259&name=channels", When: schedule.When{Kind: schedule.Weekly, Weekdays: []int{1}, At: "07:00"}, To: []string{tove.ID, lis.ID}},
		{Title: "Benchmark til ledergruppen", Product: "benchmark", Question: "group=region&municipality=259", When: schedule.When{Kind: schedule.Monthly, Day: 1, At: "08:00"}, To: []string{lis.ID}},
		{Title: "KLIK-opgaver, der haster", Product: "klik", Question: "deadline=yellow&deadline=red&format=xlsx&municipality=259&view=tasks", When: schedule.When{Kind: schedule.Weekly, Weekdays: []int{1}, At: "07:30"}, To: []string{tove.ID, lis.ID}},
	} {
		from := s.now().AddDate(0, -2, 0)
		due, _, _ := j.When.Missed(from, s.now(), s.rounds)
		j.Owner, j.Municipality, j.Attach = tove.ID, tove.Municipality, true
		j, err := s.schedule.AddJob(j, due)
		if err != nil {
			return err
		}
		if _, _, err := s.schedule.OpenRun(schedule.Opening{Job: j.ID, Due: due, Title: j.Title, Owner: j.Owner, Municipality: j.Municipality, Product: j.Product, Question: j.Question, Attach: j.Attach}, due); err != nil {
			return err
		}
	}
	s.background(s.sweep)
	return nil
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
