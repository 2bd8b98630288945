package web

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"komhen/ingest"
	"komhen/model"
	"komhen/reports"
	"komhen/web/account"
	"komhen/web/paper"
	"komhen/web/post/posttest"
	"komhen/web/schedule"
)

// sendRows loads a file of a day's contacts of Køge.
func (s *site) sendRows(t *testing.T, day string, test bool, extra string) uint32 {
	t.Helper()
	file := "Kommune;Enhed;Opgave;Kanal;Type;Afslutning;Blanket;Dato\n259;Borgerservice;23.05.10;TLFIND;VEJL;STRAKS;NEJ;" + day + "\n" + extra
	u, err := s.folder.Prepare(t.Context(), strings.NewReader(file), int64(len(file)), ingest.Options{Name: "dag-" + day + ".csv", Municipality: 259, Source: "Tracetool " + day, Test: test, Received: s.now()})
	check(t, err)
	if u.Fault != nil {
		t.Fatal(u.Fault)
	}
	check(t, u.Commit(t.Context()))
	return u.Receipt.Upload
}

// TestRemindersYear walks through 2012, a beat an hour, with a service that is down five times: nobody gets two letters on a day, every deadline is said in time
// and as often as it should be, and nothing is said where there is nothing.
func TestRemindersYear(t *testing.T) {
	t.Parallel()
	server, office := mailTo(t, posttest.Options{})
	clock := &handClock{at: local("2012-01-01 00:00")}
	config := Config{Mail: office, Now: clock.now, BaseURL: "https://komhen.example", Chromium: paper.NoBrowser}
	dir := t.TempDir()
	p := startProcess(t, dir, config)
	tove := p.person(t, account.Account{Email: "tove@koege.example", Name: "Tove", Role: account.Coordinator, Municipality: 259})
	bo := p.person(t, account.Account{Email: "bo@odense.example", Name: "Bo", Role: account.Coordinator, Municipality: 461})
	p.person(t, account.Account{Email: "lis@koege.example", Name: "Lis", Role: account.Reader, Municipality: 259})
	karen := p.person(t, account.Account{Email: "karen@kl.example", Name: "Karen", Role: account.Operator})
	events := map[string]func(){
		"2012-04-23 16:00": func() { p.sendRows(t, "23-04-2012", true, "") }, // the trial is still on
		"2012-04-24 16:00": func() {
			p.sendRows(t, "24-04-2012", false, "259;Borgerservice;23.05.10;BREVDUE;VEJL;STRAKS;NEJ;24-04-2012\n")
		},
		"2012-05-31 12:00": func() { check(t, p.folder.Approve(t.Context(), 259, "2012F", ingest.Decision{At: clock.now()})) },
		"2012-06-12 12:00": func() { p.sendRows(t, "25-04-2012", false, "") }, // reopens it
		"2012-06-13 12:00": func() { check(t, p.folder.Approve(t.Context(), 259, "2012F", ingest.Decision{At: clock.now()})) },
	}
	for at := local("2012-01-01 00:00"); at.Before(local("2013-01-01 00:00")); at = at.Add(time.Hour) {
		if i := down(at); i >= 0 {
			if at.Add(-time.Hour).After(outages[i][0]) {
				continue
			}
			p.end()
			clock.set(outages[i][1])
			p = startProcess(t, dir, config)
			p.sweep(t.Context())
			continue
		}
		clock.set(at)
		if do := events[at.In(model.Copenhagen).Format("2006-01-02 15:04")]; do != nil {
			do()
			delete(events, at.In(model.Copenhagen).Format("2006-01-02 15:04"))
		}
		p.sweep(t.Context())
	}
	if len(events) > 0 {
		t.Fatalf("not done: %v", events)
	}
	defer p.end()
	days := map[string]map[string]string{}
	for _, m := range server.Mails() {
		l := m.Read(t)
		sent, err := l.Header.Date()
		check(t, err)
		day := sent.In(model.Copenhagen).Format("2006-01-02")
		if days[m.To] == nil {
			days[m.To] = map[string]string{}
		}
		if _, twice := days[m.To][day]; twice {
			t.Errorf("%s got two letters on %s", m.To, day)
		}
		days[m.To][day] = l.Text
		if clock := sent.In(model.Copenhagen).Format("15:04"); clock != "07:00" && down(sent.In(model.Copenhagen).Add(-time.Minute)) < 0 {
			t.Errorf("%s on %s came at %s", m.To, day, clock)
		}
	}
	if len(days["lis@koege.example"]) > 0 {
		t.Error("a reader was reminded")
	}
	says := func(who account.Account, day, want string) {
		t.Helper()
		if !strings.Contains(days[who.Email][day], want) {
			t.Errorf("%s on %s does not say %q:\n%s", who.Name, day, want, days[who.Email][day])
		}
	}
	says(tove, "2012-04-24", "Prøvetælling er slået til midt i foråret 2012: 1 henvendelse")
	says(tove, "2012-05-08", "1 række i indmelding 2 til foråret 2012 er afvist og ikke rettet") // the Monday was in an outage
	for day, when := range map[string]string{"2012-05-25": "om 7 dage (01-06-2012)", "2012-05-30": "om 2 dage (01-06-2012)", "2012-06-01": "i dag (01-06-2012)"} {
		says(bo, day, "Fristen for at sende henvendelser fra foråret 2012 er "+when+". Odense Kommune har ikke sendt nogen endnu.")
		says(karen, day, "Fristen for at sende henvendelser fra foråret 2012 er "+when)
		says(bo, day, "KL indlæser statistikken for Selvbetjening for foråret 2012")
	}
	says(tove, "2012-05-30", "runden er ikke godkendt")
	if strings.Contains(days[tove.Email]["2012-06-01"], "Fristen for at sende") {
		t.Error("who has approved is told of the deadline")
	}
	says(tove, "2012-06-13", "var godkendt, men indmelding 3 ændrede tallene 12-06-2012")
	for _, day := range []string{"2012-11-21", "2012-11-26", "2012-11-28"} {
		says(bo, day, "Fristen for at indmelde total-tal for 2012 er")
	}
	for _, day := range []string{"2012-01-10", "2012-03-26", "2012-08-01", "2012-07-30", "2012-09-15", "2012-12-31"} {
		for _, who := range []account.Account{tove, bo, karen} {
			if text, got := days[who.Email][day]; got {
				t.Errorf("%s was reminded on %s:\n%s", who.Name, day, text)
			}
		}
	}
	t.Logf("letters: Tove %d, Bo %d, Karen %d", len(days[tove.Email]), len(days[bo.Email]), len(days[karen.Email]))
}

// quiet waits for what a process does by itself when it starts: a database that is opened again in the process that interrupted it may wait for ever.
func (p process) quiet(t *testing.T) {
	t.Helper()
	for _, j := range p.scheduler.beat.Jobs() {
		for last, err := j.LastRunStartedAt(); last.IsZero(); last, err = j.LastRunStartedAt() {
			check(t, err)
			time.Sleep(time.Millisecond)
		}
	}
	p.sweep(t.Context()) // after the beat's own
	check(t, p.folder.Store.RefreshCube(t.Context()))
}

// TestRemindersOnce: a day's letters come once whatever happens between: a restart, a mail server that is away, one whose answer is lost; and what a day could not
// send is not sent on the next beside that day's own.
func TestRemindersOnce(t *testing.T) {
	var refusal error
	cut := false
	server, office := mailTo(t, posttest.Options{Recipient: func(to string) error {
		if to == "bo@odense.example" {
			return refusal
		}
		return nil
	}, Taken: func(m posttest.Mail) bool { return cut }})
	clock := &handClock{at: local("2012-05-25 06:59")}
	config := Config{Mail: office, Now: clock.now, BaseURL: "https://komhen.example", Chromium: paper.NoBrowser}
	dir := t.TempDir()
	p := startProcess(t, dir, config)
	p.person(t, account.Account{Email: "bo@odense.example", Name: "Bo", Role: account.Coordinator, Municipality: 461})
	p.person(t, account.Account{Email: "ea@koege.example", Name: "Ea", Role: account.Coordinator, Municipality: 259})
	arrived := func(want int) {
		t.Helper()
		if got := len(server.Mails()); got != want {
			t.Fatalf("%s: %d letters, want %d", clock.now(), got, want)
		}
	}
	at := func(text string) {
		clock.set(local(text))
		p.sweep(t.Context())
	}
	again := func() {
		p.quiet(t)
		p.end()
		p = startProcess(t, dir, config)
		p.sweep(t.Context())
	}
	defer func() { p.quiet(t); p.end() }()
	at("2012-05-25 06:59")
	arrived(0)
	refusal = &smtp.SMTPError{Code: 451, Message: "later"}
	at("2012-05-25 07:00") // Ea's may go or wait, as Bo comes first or last
	refusal = nil
	again()
	at("2012-05-25 07:01")
	again()
	at("2012-05-25 07:02")
	at("2012-05-25 18:00")
	again()
	arrived(2)
	// A day on which Bo's cannot be sent: the next deadline's letter is his only one then.
	refusal = &smtp.SMTPError{Code: 451, Message: "later"}
	at("2012-05-30 07:00")
	at("2012-05-30 07:30")
	at("2012-05-30 23:00")
	arrived(3) // Ea's
	refusal = nil
	at("2012-05-31 06:30")
	arrived(3)
	at("2012-05-31 07:00") // a deadline that a failed day was to tell of is told of now
	bo := 0
	for _, m := range server.Mails() {
		if m.To == "bo@odense.example" {
			bo++
		}
	}
	if bo != 2 {
		t.Errorf("Bo has %d letters, want 2", bo)
	}
	before := len(server.Mails())
	// The server takes both and loses the answer: they may have been sent, and are never sent again.
	cut = true
	at("2012-06-01 07:00")
	cut = false
	again()
	at("2012-06-01 12:00")
	unsure := 0
	r, ok := p.schedule.Run("reminders-20120601T050000Z")
	if !ok {
		t.Fatal("no run of the day")
	}
	for _, d := range r.Deliveries {
		if d.State == schedule.Unsure {
			unsure++
		}
	}
	if unsure != 2 || len(server.Mails()) > before+2 || r.Open() {
		t.Errorf("%d may have been sent, %d letters more, open %v", unsure, len(server.Mails())-before, r.Open())
	}
	runs := p.schedule.Runs(0, func(r schedule.Run) bool { return r.Job == reminderTopic })
	if len(runs) != 4 {
		t.Errorf("%d runs", len(runs))
	}
}

// TestStopReminders: one click stops all, or one kind; a person's own page says what is on, and starts it again.
func TestStopReminders(t *testing.T) {
	server, office := mailTo(t, posttest.Options{})
	clock := &handClock{at: local("2012-05-25 06:00")}
	s := newSite(t, Config{Mail: office, Now: clock.now, Chromium: paper.NoBrowser})
	v := s.as(t, account.Coordinator, 461, "")
	var me account.Account
	for _, a := range s.accounts.Accounts() {
		me = a
	}
	clock.set(local("2012-05-25 07:00"))
	s.sweep(t.Context())
	mails := server.Mails()
	if len(mails) != 1 {
		t.Fatalf("%d letters", len(mails))
	}
	l := mails[0].Read(t)
	if !strings.Contains(l.Subject, "Påmindelse om frister") {
		t.Errorf("subject %q", l.Subject)
	}
	if all := strings.Trim(l.Header.Get("List-Unsubscribe"), "<>"); !strings.Contains(all, "."+reminderTopic+".") || l.Header.Get("List-Unsubscribe-Post") != "List-Unsubscribe=One-Click" {
		t.Errorf("List-Unsubscribe %q", all)
	}
	link := regexp.MustCompile(`/unsubscribe/\S+\.reminders-deadlines\.\S+`).FindString(l.Text)
	if link == "" {
		t.Fatalf("no link that stops one kind:\n%s", l.Text)
	}
	guest := s.visit(t)
	if status, page := guest.get(link); status != http.StatusOK || !strings.Contains(page, "Påmindelser om frister") {
		t.Errorf("%d %s", status, words(page))
	}
	if status, page := guest.post(link, nil); status != http.StatusOK || !strings.Contains(page, "får ikke flere") {
		t.Errorf("%d %s", status, words(page))
	}
	if _, page := v.get("/account"); !strings.Contains(page, `name="get-rows" value="1" checked`) || strings.Contains(page, `name="get-deadlines" value="1" checked`) {
		t.Error("the own page does not say what is stopped")
	}
	clock.set(local("2012-05-30 07:00"))
	s.sweep(t.Context())
	if len(server.Mails()) != 1 {
		t.Error("a kind that is stopped is sent")
	}
	v.post("/account/reminders", url.Values{})
	if !s.schedule.Stopped(me.ID, reminderTopic) {
		t.Error("none is not all stopped")
	}
	v.post("/account/reminders", url.Values{"get-deadlines": {"1"}})
	clock.set(local("2012-06-01 07:00"))
	s.sweep(t.Context())
	if len(server.Mails()) != 2 || s.schedule.Stopped(me.ID, reminderTopic) || !s.schedule.Stopped(me.ID, kindTopic("rows")) {
		t.Errorf("%d letters", len(server.Mails()))
	}
	if reader := s.as(t, account.Reader, 461, ""); true {
		if _, page := reader.get("/account"); strings.Contains(page, "Påmindelser på mail") {
			t.Error("a reader is offered reminders")
		}
	}
}

func TestReminderDays(t *testing.T) {
	deadline := model.NewDate(2012, 6, 1)
	for left := model.Date(10); left >= -2; left-- {
		d := reminderDay{deadline - left - 1, deadline - left}
		if want := left == 7 || left == 2 || left == 0; d.reaches(deadline) != want {
			t.Errorf("%d days before: %v", left, !want)
		}
	}
	if !(reminderDay{deadline - 8, deadline - 5}).reaches(deadline) || (reminderDay{deadline - 7, deadline - 3}).reaches(deadline) || !(reminderDay{deadline - 1, deadline + 3}).reaches(deadline) {
		t.Error("days that fell out are lost, or said twice")
	}
	for offset, want := range []string{"i går (01-06-2012)", "i dag (01-06-2012)", "i morgen (01-06-2012)", "om 2 dage (01-06-2012)"} {
		if got := (reminderDay{today: deadline + 1 - model.Date(offset)}).deadline(deadline); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	if got := fmt.Sprint((reminderDay{deadline - 3, deadline}).weekly(), (reminderDay{deadline - 4, deadline}).weekly(), (reminderDay{deadline - 5, deadline}).weekly()); got != "false false true" {
		t.Error(got) // 28-05-2012 is a Monday
	}
}

// TestSilentReminders: a coordinator is told on the day after which of her own units said nothing, and nobody else is.
func TestSilentReminders(t *testing.T) {
	clock := &handClock{at: local("2012-11-12 06:00")}
	s := demoSite(t, Config{Now: clock.now, Chromium: paper.NoBrowser})
	tove := s.person(t, account.Account{Email: "tove@koege.example", Name: "Tove", Role: account.Coordinator, Municipality: 259})
	bo := s.person(t, account.Account{Email: "bo@odense.example", Name: "Bo", Role: account.Coordinator, Municipality: 461})
	karen := s.person(t, account.Account{Email: "karen@kl.example", Name: "Karen", Role: account.Operator})
	round, err := s.book.Round("2012E")
	check(t, err)
	told := 0
	for d := round.First + 1; d <= round.Last+1; d++ {
		clock.set(reminderTime(d))
		o, err := reports.OutstandingOf(t.Context(), s.folder.Store, s.book, round, 259, clock.now())
		check(t, err)
		all, err := s.allReminders(t.Context(), reminderDay{d - 1, d})
		check(t, err)
		text := ""
		for _, item := range all[tove.ID] {
			if item.kind == "silent" && item.Now {
				text += item.Text
			}
		}
		for _, u := range o.Silent {
			lately := len(u.Days) > 0 && u.Days[len(u.Days)-1] == d-1
			if strings.Contains(text, u.Unit+" ("+dayText(d-1)+")") != lately {
				t.Errorf("%s, %s silent %v: %s", d, u.Unit, u.Days, text)
			}
			if lately {
				told++
			}
			for _, items := range [][]reminder{all[bo.ID], all[karen.ID]} {
				for _, item := range items {
					if strings.Contains(item.Text, u.Unit+" (") && item.kind == "silent" && o.Municipality.Code == 259 && strings.Contains(item.Href, "259") {
						t.Errorf("%s: another was told of Køge's units: %s", d, item.Text)
					}
				}
			}
		}
	}
	if told == 0 {
		t.Error("no unit of the demonstration is ever silent, so this test shows nothing")
	}
}

// TestCentralReminders: a municipality is told when KL has its part ready, before the day comes, and when it was loaded; who has answered is left alone.
func TestCentralReminders(t *testing.T) {
	clock := &handClock{at: local("2012-06-12 12:00")}
	s := newSite(t, Config{Now: clock.now, Chromium: paper.NoBrowser})
	tove := s.person(t, account.Account{Email: "tove@koege.example", Name: "Tove", Role: account.Coordinator, Municipality: 259})
	bo := s.person(t, account.Account{Email: "bo@odense.example", Name: "Bo", Role: account.Coordinator, Municipality: 461})
	number, u, err := s.folder.Deliver(t.Context(), strings.NewReader(digitalPost), int64(len(digitalPost)), ingest.Options{Name: "digital post.csv", Received: clock.now(),
		Delivering: &ingest.Delivering{What: "Digital Post", Round: "2012F", Day: model.NewDate(2012, 6, 22)}})
	check(t, err)
	if u.Fault != nil {
		t.Fatal(u.Fault)
	}
	says := func(day string, who account.Account) (text string, now bool) {
		t.Helper()
		clock.set(local(day + " 07:00"))
		today := model.DateOf(clock.now())
		items, err := centralReminders(t.Context(), s.Server, reminderDay{today - 1, today}, who)
		check(t, err)
		for _, item := range items {
			text, now = text+item.Text+"\n", now || item.Now
		}
		return text, now
	}
	if text, now := says("2012-06-13", tove); !now || !strings.Contains(text, "KL har jeres tal fra Digital Post klar") {
		t.Errorf("ready: %v %s", now, text)
	}
	if text, now := says("2012-06-14", tove); now || !strings.Contains(text, "venter på jeres svar") {
		t.Errorf("a day between: %v %s", now, text)
	}
	if text, now := says("2012-06-15", tove); !now || !strings.Contains(text, "(3 henvendelser)") || !strings.Contains(text, "om 7 dage (22-06-2012)") {
		t.Errorf("7 days before: %v %s", now, text)
	}
	_, err = s.folder.ApprovePart(t.Context(), number, 461, ingest.Decision{At: clock.now(), By: bo.ID})
	check(t, err)
	if text, _ := says("2012-06-20", bo); text != "" {
		t.Errorf("who has answered is told: %s", text)
	}
	if _, now := says("2012-06-20", tove); !now {
		t.Error("2 days before: nothing")
	}
	check(t, s.folder.LoadDue(t.Context(), local("2012-06-22 00:01"), func(uint64, *ingest.Upload) {}))
	if text, now := says("2012-06-22", tove); !now || strings.Contains(text, "venter på jeres svar") {
		t.Errorf("loaded: %v %s", now, text)
	}
	if items, err := deadlineReminders(t.Context(), s.Server, reminderDay{model.NewDate(2012, 6, 21), model.NewDate(2012, 6, 22)}, tove); err != nil || len(items) > 0 {
		t.Errorf("the calendar's words beside the delivery's: %v %v", items, err)
	}
}
