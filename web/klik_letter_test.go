package web

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"komhen/model"
	"komhen/web/account"
	"komhen/web/contactlist"
	"komhen/web/paper"
	"komhen/web/post/posttest"
	"komhen/web/schedule"
)

// lettered is a service over a folder with three contacts that were confirmed half a year ago at noon, and its mail server.
type lettered struct {
	process
	t      *testing.T
	dir    string
	config Config
	clock  *handClock
	server *posttest.Server
	of     map[string]contactlist.Contact
}

func startLettered(t *testing.T, o posttest.Options) *lettered {
	t.Helper()
	server, office := mailTo(t, o)
	l := &lettered{t: t, dir: t.TempDir(), clock: &handClock{at: local("2026-05-22 12:00")}, server: server, of: map[string]contactlist.Contact{}}
	l.config = Config{Mail: office, Now: l.clock.now, BaseURL: "https://komhen.example", Chromium: paper.NoBrowser}
	l.start()
	for _, c := range []contactlist.Contact{{Municipality: 259, Role: "spoc", Name: "Åse Sønderskov", Email: "aase@koege.example"}, {Municipality: 259, Role: "infrastructure-mailbox", Email: "infra@koege.example"},
		{Municipality: 461, Role: "programme-leader", Name: "Bo Prøve", Email: "bo@odense.example"}} {
		saved, err := l.contacts.Save(c, l.clock.now())
		check(t, err)
		l.of[c.Email] = saved
	}
	return l
}

func (l *lettered) at(text string) {
	l.clock.set(local(text))
	l.sweep(l.t.Context())
}

// start starts the service and stops its own beat when it has begun: nothing happens but what the test does.
func (l *lettered) start() {
	l.process = startProcess(l.t, l.dir, l.config)
	l.quiet(l.t)
	check(l.t, l.scheduler.beat.StopJobs())
}

// again ends the service and starts it anew.
func (l *lettered) again() {
	l.end()
	l.start()
	l.sweep(l.t.Context())
}

// days are when somebody got a letter.
func (l *lettered) days(to string) (list []string) {
	for _, m := range l.server.Mails() {
		if m.To == to {
			at, err := m.Read(l.t).Header.Date()
			check(l.t, err)
			list = append(list, at.In(model.Copenhagen).Format("02-01"))
		}
	}
	return list
}

var confirmLink = regexp.MustCompile(`https://komhen\.example(/klik/confirm/\S+)`)

// TestContactLetters walks through a winter: each is asked on the first morning, and once a fortnight until there is an answer; the link of any of the letters opens
// without signing in and answers once.
func TestContactLetters(t *testing.T) {
	l := startLettered(t, posttest.Options{})
	defer func() { l.end() }()
	answer := map[string]string{"2026-12-08": "right", "2026-12-22": "wrong"} // Åse by her first letter, Bo by his third
	for day := local("2026-11-20 00:00"); day.Before(local("2027-04-20 00:00")); day = day.AddDate(0, 0, 1) {
		text := day.Format("2006-01-02")
		for _, clock := range []string{"06:59", "07:00", "07:01", "18:00"} {
			l.at(text + " " + clock)
		}
		if day.Day()%5 == 0 {
			l.again()
		}
		said := answer[text]
		if said == "" {
			continue
		}
		to, which := "aase@koege.example", 0
		if said == "wrong" {
			to, which = "bo@odense.example", 2
		}
		var mails []posttest.Mail
		for _, m := range l.server.Mails() {
			if m.To == to {
				mails = append(mails, m)
			}
		}
		path := confirmLink.FindStringSubmatch(mails[which].Read(t).Text)[1]
		guest := l.visit(t)
		if status, body := guest.get(path); status != http.StatusOK || !strings.Contains(body, l.of[to].Name) {
			t.Errorf("%d %s", status, words(body))
		}
		if status, body := guest.post(path, url.Values{"answer": {said}}); status != http.StatusOK {
			t.Errorf("%d %s", status, words(body))
		}
	}
	for to, want := range map[string][]string{"aase@koege.example": {"23-11", "07-12"}, "bo@odense.example": {"23-11", "07-12", "21-12"},
		"infra@koege.example": {"23-11", "07-12", "21-12", "04-01", "18-01", "01-02", "15-02", "01-03", "15-03", "29-03", "12-04"}} { // the clock changes on 28-03
		if got := l.days(to); !slices.Equal(got, want) {
			t.Errorf("%s was asked %v, want %v", to, got, want)
		}
	}
	first := l.server.Mails()[0].Read(t)
	for _, m := range l.server.Mails() {
		if r := m.Read(t); m.To == "aase@koege.example" {
			first = r
			break
		}
	}
	for _, want := range []string{"Hej Åse Sønderskov", "Du står på kontaktlisten i KLIK for Køge Kommune som ", "for 6 måneder siden", "spørger vi igen om 14 dage"} {
		if !strings.Contains(first.Text, want) {
			t.Errorf("no %q in:\n%s", want, first.Text)
		}
	}
	if !strings.Contains(first.Subject, "i Køge Kommune: er det stadig rigtigt?") || first.Header.Get("List-Unsubscribe") != "" || !strings.Contains(first.HTML, "/klik/confirm/") {
		t.Errorf("%q %v", first.Subject, first.Header)
	}
	l.clock.set(local("2027-04-20 12:00"))
	kl := l.as(t, account.Operator, 0, "")
	_, body := kl.get("/klik/contacts?municipality=259")
	kl.wants(body, "Vi skriver selv til dem, der skal bekræftes, og igen efter 14 dage", "Åse Sønderskov aase@koege.example – for 4 måneder siden – Bekræftet", "12-04-2027 Skal bekræftes, er spurgt")
	_, body = kl.get("/schedule/runs/klikcontacts-20261123T060000Z")
	if kl.wants(body, contactTopicTitle, "Mail sendt til"); strings.Contains(body, "Åse") || strings.Contains(body, "Slettet bruger") {
		t.Error(words(body))
	}
}

// TestContactLettersOnce: what the server puts off is tried again, what may have been sent is not until the next fortnight, what it refuses stands on the page, and
// a day on which it was away is made up for on the next; whatever is killed between.
func TestContactLettersOnce(t *testing.T) {
	refusal := map[string]error{}
	cut := ""
	l := startLettered(t, posttest.Options{Recipient: func(to string) error { return refusal[to] }, Taken: func(m posttest.Mail) bool { return m.To == cut }})
	defer func() { l.end() }()
	later, never := &smtp.SMTPError{Code: 451, Message: "later"}, &smtp.SMTPError{Code: 550, Message: "nobody"}
	refusal["aase@koege.example"], cut = never, "bo@odense.example"
	refusal["infra@koege.example"] = later
	for range 3 { // whoever comes first puts the others off for the minute
		l.at("2026-11-23 07:00")
		l.again()
	}
	for _, clock := range []string{"07:02", "07:08", "07:30", "08:40"} {
		l.at("2026-11-23 " + clock)
		l.again()
	}
	delete(refusal, "infra@koege.example")
	l.at("2026-11-23 13:00")
	l.again()
	for _, to := range []string{"infra@koege.example", "bo@odense.example"} {
		if got := l.days(to); !slices.Equal(got, []string{"23-11"}) {
			t.Errorf("%s: %v", to, got)
		}
	}
	r, _ := l.schedule.Run("klikcontacts-20261123T060000Z")
	states := map[string]schedule.State{}
	for _, d := range r.Deliveries {
		states[d.To] = d.State
	}
	if r.Open() || states[l.of["aase@koege.example"].ID] != schedule.Failed || states[l.of["bo@odense.example"].ID] != schedule.Unsure || states[l.of["infra@koege.example"].ID] != schedule.Sent {
		t.Errorf("%v %v", r.State, states)
	}
	for _, c := range l.contacts.Contacts(0) {
		if model.DateOf(c.Asked) != model.NewDate(2026, 11, 23) {
			t.Errorf("%s is noted as asked %s", c.Email, c.Asked)
		}
	}
	admin := l.signedInAs(t, l.person(t, account.Account{Email: "klik@koege.example", Name: "Kim Klik", Role: account.Reader, Municipality: 259, KlikAdmin: true}))
	_, body := admin.get("/klik/contacts")
	admin.wants(body, "23-11-2026 Skal bekræftes: mailen kunne ikke afleveres. Se, om adressen er rigtig.")
	cut = ""
	delete(refusal, "aase@koege.example")
	for day := local("2026-11-24 07:00"); day.Before(local("2026-12-07 00:00")); day = day.AddDate(0, 0, 1) {
		l.at(day.Format("2006-01-02 15:04"))
	}
	if n := len(l.server.Mails()); n != 2 {
		t.Errorf("%d letters before the fortnight was over", n)
	}
	// A day on which the server takes nothing: the next makes up for it.
	for _, c := range l.of {
		refusal[c.Email] = later
	}
	for clock := local("2026-12-07 07:00"); clock.Before(local("2026-12-08 00:00")); clock = clock.Add(30 * time.Minute) {
		l.at(clock.Format("2006-01-02 15:04"))
	}
	refusal = map[string]error{}
	// A letter that left just before the service was killed, so that the list does not know of it: the run does.
	bo := l.of["bo@odense.example"].ID
	killed := schedule.Opening{Job: contactTopic, Due: reminderTime(model.NewDate(2026, 12, 8)), Title: contactTopicTitle}
	_, _, err := l.schedule.OpenRun(killed, local("2026-12-08 07:00"))
	check(t, err)
	check(t, l.schedule.Note(killed.ID(), schedule.Step{At: local("2026-12-08 07:00"), What: schedule.Sending, To: bo}, time.Time{}))
	l.clock.set(local("2026-12-08 07:00"))
	l.again()
	l.at("2026-12-08 07:05")
	l.at("2026-12-09 07:00")
	for to, want := range map[string][]string{"aase@koege.example": {"08-12"}, "infra@koege.example": {"23-11", "08-12"}, "bo@odense.example": {"23-11"}} {
		if got := l.days(to); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", to, got, want)
		}
	}
	if c, _ := l.contacts.Contact(bo); model.DateOf(c.Asked) != model.NewDate(2026, 12, 8) {
		t.Errorf("asked %s", c.Asked)
	}
	// Who is confirmed or deleted while a letter waits gets none.
	for _, c := range l.of {
		refusal[c.Email] = later
	}
	l.at("2026-12-22 07:00")
	check(t, l.contacts.Confirm(l.of["aase@koege.example"].ID, l.clock.now()))
	check(t, l.contacts.Delete(l.of["infra@koege.example"].ID))
	refusal = map[string]error{}
	l.at("2026-12-22 07:02")
	l.at("2026-12-22 07:10")
	if got := l.days("aase@koege.example"); len(got) != 1 || len(l.days("infra@koege.example")) != 2 || len(l.days("bo@odense.example")) != 2 {
		t.Errorf("%v %v %v", got, l.days("infra@koege.example"), l.days("bo@odense.example"))
	}
	if _, word := l.schedule.Run("klikcontacts-20261222T060000Z"); !word || l.contactWord(l.of["infra@koege.example"].ID) != "en slettet kontakt" {
		t.Error("no run")
	}
}

// TestNoContactLetters: without a mail server nothing is begun, and the pages say to copy a link.
func TestNoContactLetters(t *testing.T) {
	s, admin, clock := clerk(t)
	c, err := s.contacts.Save(contactlist.Contact{Municipality: 259, Role: "spoc", Name: "Anna Lind", Email: "anna@koege.example"}, s.now())
	check(t, err)
	*clock = clock.AddDate(0, 7, 0)
	s.sweep(t.Context())
	if runs := s.schedule.Runs(0, func(r schedule.Run) bool { return r.Job == contactTopic }); len(runs) != 0 {
		t.Errorf("%+v", runs)
	}
	admin = s.signedInAs(t, admin.account("klik@koege.example"))
	_, body := admin.get("/klik/contacts")
	admin.wants(body, "Der er ikke sat en mailserver op, så ingen får mail: lav et link på kontaktens side, og send det selv.")
	_, body = admin.get("/klik/contacts/" + c.ID)
	admin.wants(body, "Lav et link, kopiér det, og send det selv.")
}
