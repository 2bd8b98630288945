package web

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"komhen/ingest"
	"komhen/model"
	"komhen/web/account"
	"komhen/web/contactlist"
	"komhen/web/schedule"
)

// secretWord stands in everything that belongs to the other municipality alone: its units, files, people.
const secretWord = "hemmeligt461"

// foreign fills a service with things of municipality 461 and says what the wildcards of a route become to reach for them.
func foreign(t *testing.T, s *site) map[string]string {
	t.Helper()
	file := "Kommune;Enhed;Opgave;Kanal;Type;Afslutning;Blanket;Dato\n"
	for day := 23; day < 28; day++ {
		file += fmt.Sprintf("461;%s borgerservice;23.05.10;TLFIND;VEJL;STRAKS;NEJ;%d-04-2012\n", secretWord, day)
	}
	file += "461;" + secretWord + ";23.05.10;" + secretWord + ";VEJL;STRAKS;NEJ;23-04-2012\n" // a row to be mended
	u, err := s.folder.Prepare(t.Context(), strings.NewReader(file), int64(len(file)), ingest.Options{Name: secretWord + ".csv", Municipality: 461, Source: secretWord})
	if err != nil || u.Fault != nil {
		t.Fatal(err, u.Fault)
	}
	if err := u.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	other := s.as(t, account.Coordinator, 461, "")
	where, _, _ := other.send(nil, map[string][]byte{secretWord + ".csv": []byte(file)})
	other.settle(where)
	questions, err := model.Questionnaire{Questions: []model.Question{{ID: "s1", Text: "Hvad virker?", Kind: model.AskText}}}.Record("2012F")
	check(t, err)
	answers, err := model.Answers{HandedIn: true, Values: map[string][]string{"s1": {secretWord + " virker"}}}.Record(461, "2012F")
	check(t, err)
	total, err := model.Total{Channel: "TLFIND", Period: model.Period{First: model.NewDate(2012, 1, 1), Last: model.NewDate(2012, 12, 31)}, Count: 1, Declared: true, Origin: secretWord + " omstilling"}.Record(461, false)
	check(t, err)
	_, err = s.folder.DeclareChanged(t.Context(), ingest.Decision{At: s.now()}, []model.Record{questions, answers, total})
	check(t, err)
	person, err := s.accounts.Create(account.Account{Email: secretWord + "@odense.example", Name: secretWord, Role: account.Coordinator, Municipality: 461}, "fire helt tilfældige ord")
	if err != nil {
		t.Fatal(err)
	}
	_, key, err := s.accounts.IssueToken(account.Token{AccountID: person.ID, Name: secretWord, Role: account.Reader, Municipality: 461, Expires: s.now().AddDate(0, 1, 0)}, s.now())
	if err != nil {
		t.Fatal(err)
	}
	central := secretWord + ";23.05.10;DOKUD;INFO;HOLD;NEJ;23-04-2012\n"
	central = "Kommune;Enhed;Opgave;Kanal;Type;Afslutning;Blanket;Dato\n461;" + central
	number, delivered, err := s.folder.Deliver(t.Context(), strings.NewReader(central), int64(len(central)), ingest.Options{Name: secretWord + ".csv", Received: s.now(),
		Delivering: &ingest.Delivering{What: "Digital Post", Round: "2012F", Day: model.DateOf(s.now()) + 30}})
	if err != nil || delivered.Fault != nil {
		t.Fatal(err)
	}
	job, err := s.schedule.AddJob(schedule.Job{Title: secretWord + " enheder", Owner: person.ID, Municipality: 461, Product: "report", Question: "municipality=461&name=units&round=2012F&format=csv",
		When: schedule.When{Kind: schedule.Daily, At: "07:00"}, To: []string{person.ID}}, s.now())
	if err != nil {
		t.Fatal(err)
	}
	run, _, err := s.schedule.OpenRun(schedule.Opening{Job: job.ID, Due: s.now(), Title: job.Title, Owner: person.ID, Municipality: 461, Product: job.Product, Question: job.Question}, s.now())
	if err != nil {
		t.Fatal(err)
	}
	s.sweep(t.Context())
	if run, _ = s.schedule.Run(run.ID()); len(run.Files) != 1 {
		t.Fatalf("%+v", run)
	}
	decision := ingest.Decision{At: s.now()}
	for _, text := range []string{"Projekt;Opgavetitel;Fase;Tema;Prioritet;STS;Bølge;Go-live;Kommuner;Slutdato (fra Go-live);Beskrivelse\nFremmed;(A 1) Gør det;1;Viden og færdigheder;Obligatorisk;nej;Bølge 1;01-03-2012;Odense;1;I skal\n",
		"Projekt;Opgave;Kommune;Status;Ansvarlig;Kommentar\nFremmed;A 1;Odense;I gang;" + secretWord + " leder;" + secretWord + " er syg\n"} {
		in, err := s.folder.ImportKlik(t.Context(), "klik.csv", []byte(text), decision)
		if err != nil || !in.Loaded || in.Refused > 0 {
			t.Fatal(err, in)
		}
	}
	contact, err := s.contacts.Save(contactlist.Contact{Municipality: 461, Role: "spoc", Name: secretWord + " P", Email: secretWord + "@odense.example"}, s.now())
	if err != nil {
		t.Fatal(err)
	}
	return map[string]string{"contact": contact.ID, "task": "1", "job": job.ID, "run": run.ID(), "file": run.Files[0].Name, "delivery": fmt.Sprint(number), "token": key.ID, "upload": fmt.Sprint(u.Receipt.Upload), "pending": strings.TrimPrefix(where, "/incoming/"), "account": person.ID, "code": "461"}
}

var wildcard = regexp.MustCompile(`\{([a-z]+)(\.\.\.)?\}`)

// TestRights walks every route with every role of another municipality: who may not use it is told so, and nothing of
// municipality 461 is shown to anybody of municipality 259.
func TestRights(t *testing.T) {
	t.Parallel()
	s := newSite(t, Config{})
	values := foreign(t, s)
	kinds := []struct {
		role account.Role
		unit string
	}{{"", ""}, {account.Coordinator, ""}, {account.Analyst, ""}, {account.Reader, ""}, {account.Unit, "Borgerservice"}}
	for _, k := range kinds {
		v := s.visit(t)
		if k.role != "" {
			v = s.as(t, k.role, 259, k.unit)
		}
		v.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		for _, rt := range s.routes() {
			if rt.pattern == "POST /logout" {
				continue // shows nothing, and would make all after it nobody's
			}
			method, pattern, _ := strings.Cut(rt.pattern, " ")
			for _, query := range []string{"", "?municipality=461", "?municipality=461&round=2012F", "?municipality=Odense&group=461,259&unit=" + secretWord} {
				path := strings.ReplaceAll(pattern, "{$}", "")
				path = wildcard.ReplaceAllStringFunc(path, func(w string) string {
					name := wildcard.FindStringSubmatch(w)[1]
					value, known := values[name]
					if !known {
						value = s.wildcardFor(t, rt.pattern, name)
					}
					return value
				})
				v.try(rt, k.role, method, path+query)
			}
		}
	}
}

// wildcardFor gives a value for wildcards that name nothing of a municipality. A new one must be decided upon here.
func (s *site) wildcardFor(t *testing.T, pattern, name string) string {
	t.Helper()
	known := map[string]string{"round": "2012F", "name": "units", "report": "units", "topic": "rules", "secret": "forkert", "ticket": "forkert", "profile": "forkert", "filter": "forkert", "view": "tasks"}
	value, ok := known[name]
	if !ok {
		t.Fatalf("%s: say in this test what {%s} is, so that it is tried with something of another municipality", pattern, name)
	}
	return value
}

func (v *visitor) try(rt route, role account.Role, method, path string) {
	v.t.Helper()
	form := url.Values{"municipality": {"461"}, "round": {"2012F"}, "rule": {""}}
	r, err := http.NewRequest(method, v.s.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		v.t.Fatal(err)
	}
	if method != http.MethodGet {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	} else {
		r.Body = io.NopCloser(strings.NewReader(""))
		r.ContentLength = 0
	}
	answer, err := v.Do(r)
	status, body := v.read(answer, err)
	place := fmt.Sprintf("%s %s as %q", method, path, role)
	if status >= 500 {
		v.t.Errorf("%s: %d %s", place, status, body)
	}
	if strings.Contains(strings.ReplaceAll(body, url.QueryEscape(path), ""), secretWord+" ") || strings.Contains(body, secretWord+".csv") || strings.Contains(body, secretWord+"@") {
		v.t.Errorf("%s shows what belongs to another municipality:\n%.2000s", place, words(body))
	}
	if role == "" && rt.who != nil {
		if status != http.StatusUnauthorized && (status != http.StatusSeeOther || !strings.HasPrefix(answer.Header.Get("Location"), "/login")) {
			v.t.Errorf("%s: nobody got %d", place, status)
		}
		return
	}
	if rt.who == nil {
		return
	}
	if !rt.who.admits(Viewer{Role: role}) && status != http.StatusForbidden {
		v.t.Errorf("%s: %d, and the role may not use it", place, status)
	}
}
