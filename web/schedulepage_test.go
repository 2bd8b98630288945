package web

import (
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"komhen/web/account"
	"komhen/web/audit"
	"komhen/web/post/posttest"
	"komhen/web/schedule"
)

// sendJob sends the form of a job, and says where that led.
func (v *visitor) sendJob(form url.Values) (where string, status int, body string) {
	v.t.Helper()
	r, err := v.PostForm(v.s.URL+"/schedule", form)
	status, body = v.read(r, err)
	return r.Request.URL.Path, status, body
}

// jobRuns are the runs of jobs, latest first: reminders have runs too.
func (s *site) jobRuns() []schedule.Run {
	return s.schedule.Runs(0, func(r schedule.Run) bool { return r.Product != "" })
}

// someJob is a form that is right, for a coordinator of Køge.
func someJob(more ...string) url.Values {
	f := url.Values{"what": {"report:units"}, "municipality": {"259"}, "round": {"2012F"}, "format": {"csv"}, "kind": {"weekly"}, "weekdays": {"1"}, "at": {"7.00"}, "only": {""}, "title": {""}, "attach": {"1"}}
	for i := 0; i+1 < len(more); i += 2 {
		f[more[i]] = []string{more[i+1]}
	}
	return f
}

// TestJobFromFormToMail sets a job up in the page, looks at its next times, has it made and mailed, and stops it from the mail.
func TestJobFromFormToMail(t *testing.T) {
	server, office := mailTo(t, posttest.Options{})
	clock := &handClock{at: local("2012-11-19 06:00")}
	s := newSiteAt(t, demoFolder(t), Config{Mail: office, Now: clock.now})
	tove := s.person(t, account.Account{Email: "tove@koege.example", Name: "Tove Tovholder", Role: account.Coordinator, Municipality: 259})
	lis := s.person(t, account.Account{Email: "lis@koege.example", Name: "Lis Læser", Role: account.Reader, Municipality: 259})
	bo := s.person(t, account.Account{Email: "bo@odense.example", Name: "Bo Nabo", Role: account.Coordinator, Municipality: 461})
	v := s.signedInAs(t, tove)
	_, body := v.get("/schedule/new")
	v.wants(body, "Lis Læser", "Vis de næste gange")
	if strings.Contains(body, "Bo Nabo") {
		t.Error("people of another municipality are offered")
	}
	form := someJob("to", lis.ID)
	form["to"] = []string{lis.ID, bo.ID}
	form.Set("preview", "1")
	where, status, body := v.sendJob(form)
	if v.wants(body, "De næste gange", "mandag 19-11-2012 07:00", "mandag 17-12-2012 07:00", "Intet er gemt endnu"); status != 200 || where != "/schedule" || len(s.schedule.Jobs()) != 0 {
		t.Fatal(where, status)
	}
	form.Del("preview")
	where, status, body = v.sendJob(form)
	jobs := s.schedule.Jobs()
	if status != 200 || len(jobs) != 1 || where != "/schedule/"+jobs[0].ID {
		t.Fatal(where, status, words(body))
	}
	j := jobs[0]
	if !slices.Equal(j.To, []string{lis.ID}) || j.Owner != tove.ID || j.Municipality != 259 || j.When.At != "07:00" || j.Title == "" || !j.Attach {
		t.Errorf("%+v", j)
	}
	v.wants(body, "er sat på tidsplanen", "hver mandag kl. 07.00", "mandag 19-11-2012 07:00")
	clock.set(local("2012-11-19 07:00"))
	s.sweep(t.Context())
	s.sweep(t.Context())
	mails := slices.DeleteFunc(server.Mails(), func(m posttest.Mail) bool { // reminders
		return strings.HasPrefix(m.Read(t).Header.Get("Message-Id"), "<reminders-")
	})
	if len(mails) != 1 || mails[0].To != lis.Email {
		t.Fatal(len(mails), s.jobRuns())
	}
	letter := mails[0].Read(t)
	_, plain := v.get("/reports/units/download?municipality=259&round=2012F&format=csv")
	if string(letter.Files["units-259-2012F.csv"]) != plain || letter.Header.Get("List-Unsubscribe") == "" || !strings.Contains(letter.Text, "Tove Tovholder har sat den op") {
		t.Errorf("%v\n%s", letter.Files, letter.Text)
	}
	run := s.jobRuns()[0]
	reader := s.signedInAs(t, lis)
	if status, body := reader.get("/schedule/runs/" + run.ID()); status != 200 {
		t.Error(status, words(body))
	} else {
		reader.wants(body, "Sendt", "Mail sendt til dig", "units-259-2012F.csv")
	}
	if status, body := reader.get("/schedule/runs/" + run.ID() + "/units-259-2012F.csv"); status != 200 || body != plain {
		t.Error(status)
	}
	stranger := s.signedInAs(t, bo)
	for _, path := range []string{"/schedule/" + j.ID, "/schedule/runs/" + run.ID(), "/schedule/runs/" + run.ID() + "/units-259-2012F.csv"} {
		if status, _ := stranger.get(path); status != http.StatusNotFound {
			t.Error(path, status)
		}
	}
	if _, body := stranger.get("/schedule"); strings.Contains(body, j.Title) {
		t.Error("Odense sees Køge's jobs")
	}
	if status, _ := reader.post("/schedule/"+j.ID, someJob()); status != http.StatusForbidden {
		t.Error("a reader changes a job:", status)
	}
	reader.post("/schedule/"+j.ID+"/leave", nil)
	v.post("/schedule/"+j.ID+"/receive", nil)
	if j, _ := s.schedule.Job(j.ID); !slices.Equal(j.To, []string{tove.ID}) {
		t.Error(j.To)
	}
	if got := s.actions(t, audit.Filter{Municipality: 259, Action: "schedule"}); got != "schedule.create" {
		t.Error(got)
	}
	if status, _ := v.post("/schedule/"+j.ID+"/delete", nil); status != http.StatusUnprocessableEntity {
		t.Error(status)
	}
	if status, body := v.post("/schedule/"+j.ID+"/delete", url.Values{"sure": {"1"}}); status != 200 || len(s.schedule.Jobs()) != 0 {
		t.Error(status)
	} else {
		v.wants(body, "units-259-2012F.csv") // the archive stays
	}
}

// TestJobFaults: each fault of the form is said at its field, and nothing is saved.
func TestJobFaults(t *testing.T) {
	s := newSiteAt(t, demoFolder(t), Config{Now: at(2012, 11, 20)})
	v := s.as(t, account.Coordinator, 259, "")
	reader := s.as(t, account.Reader, 259, "")
	for field, form := range map[string]url.Values{
		"what": someJob("what", "king"), "municipality": someJob("municipality", "461"), "weekdays": someJob("weekdays", ""), "at": someJob("at", "kl. syv"), "kind": someJob("kind", ""),
		"cron": someJob("kind", "cron", "cron", "* * * * *"), "day": someJob("kind", "monthly", "day", "32"), "days": someJob("kind", "deadline", "anchor", "data", "days", "-1"),
		"anchor": someJob("kind", "deadline", "anchor", "x", "days", "1"), "round": someJob("round", "1812F"), "title": someJob("title", strings.Repeat("x", 200)), "format": someJob("format", "exe"),
	} {
		if status, body := v.post("/schedule", form); status != http.StatusUnprocessableEntity || !strings.Contains(body, `id="`+field+`-error"`) || !strings.Contains(body, `href="#`+field+`"`) || !strings.Contains(body, `id="`+field+`"`) {
			t.Errorf("%s: %d %.300s", field, status, words(mainOf(t, body)))
		}
	}
	if status, _ := reader.post("/schedule", someJob()); status != http.StatusForbidden {
		t.Error("a reader sets up a job:", status)
	}
	if status, body := v.post("/schedule", someJob("what", "contacts", "municipality", "all")); status != http.StatusUnprocessableEntity {
		t.Error("the rows of the nation:", status, words(body))
	}
	if len(s.schedule.Jobs()) != 0 {
		t.Error(s.schedule.Jobs())
	}
}

// TestRightsAreAskedEveryTime: what the owner may no longer see is not made, and who may no longer see it gets none; the owner is told.
func TestRightsAreAskedEveryTime(t *testing.T) {
	server, office := mailTo(t, posttest.Options{})
	clock := &handClock{at: local("2012-11-19 06:00")}
	s := newSiteAt(t, demoFolder(t), Config{Mail: office, Now: clock.now})
	anna := s.person(t, account.Account{Email: "anna@koege.example", Name: "Anna", Role: account.Analyst, Municipality: 259})
	lis := s.person(t, account.Account{Email: "lis@koege.example", Name: "Lis", Role: account.Analyst, Municipality: 259})
	v := s.signedInAs(t, anna)
	form := someJob("what", "contacts", "kind", "daily", "title", "Rækker")
	form["to"] = []string{anna.ID, lis.ID}
	if _, status, body := v.sendJob(form); status != 200 {
		t.Fatal(status, words(body))
	}
	next := func() (schedule.Run, []posttest.Mail) {
		t.Helper()
		before := len(server.Mails())
		clock.set(clock.now().Add(24 * time.Hour))
		s.sweep(t.Context())
		return s.jobRuns()[0], server.Mails()[before:]
	}
	run, mails := next()
	if run.State != schedule.Sent || len(mails) != 2 {
		t.Fatalf("%+v, %d mails", run, len(mails))
	}
	if l := mails[0].Read(t); len(l.Files) != 0 || !strings.Contains(l.Text, "/schedule/runs/"+run.ID()) {
		t.Error("rows are attached")
	}
	change := func(a account.Account, role account.Role, municipality uint16) {
		t.Helper()
		a.Role, a.Municipality = role, municipality
		_, err := s.accounts.Update(a)
		check(t, err)
	}
	change(lis, account.Reader, 259)
	if run, mails := next(); run.State != schedule.Sent || len(mails) != 1 || mails[0].To != anna.Email {
		t.Errorf("%+v, %d mails", run, len(mails))
	}
	reader := s.signedInAs(t, func() account.Account { a, _ := s.accounts.Account(lis.ID); return a }())
	if status, _ := reader.get("/schedule/runs/" + run.ID() + "/" + run.Files[0].Name); status != http.StatusForbidden {
		t.Error("a reader fetches rows:", status)
	}
	change(lis, account.Analyst, 461)
	if run, mails := next(); run.State != schedule.Sent || len(mails) != 1 || mails[0].To != anna.Email {
		t.Errorf("%+v, %d mails", run, len(mails))
	}
	change(anna, account.Reader, 259)
	run, mails = next()
	if run.State != schedule.Failed || len(run.Files) != 0 || len(mails) != 1 || mails[0].To != anna.Email || !strings.Contains(mails[0].Read(t).Text, "gik galt") {
		t.Errorf("%+v, %d mails", run, len(mails))
	}
	check(t, s.accounts.Delete(anna.ID))
	if run, mails := next(); run.State != schedule.Failed || len(mails) != 0 || run.Open() {
		t.Errorf("%+v, %d mails", run, len(mails))
	}
	_, body := s.as(t, account.Operator, 0, "").get("/schedule")
	v.wants(body, "Det skal nogen se på", "har ikke længere adgang")
}

// TestMailServerAway: while the mail server does not answer, what was made waits, longer and longer; each gets it once when it answers again.
func TestMailServerAway(t *testing.T) {
	away := true
	server, office := mailTo(t, posttest.Options{Recipient: func(string) error {
		if away {
			return http.ErrServerClosed // 4xx
		}
		return nil
	}})
	clock := &handClock{at: local("2012-11-19 06:00")}
	s := newSiteAt(t, demoFolder(t), Config{Mail: office, Now: clock.now})
	a := s.person(t, account.Account{Email: "anna@koege.example", Name: "Anna", Role: account.Analyst, Municipality: 259})
	b := s.person(t, account.Account{Email: "bent@koege.example", Name: "Bent", Role: account.Analyst, Municipality: 259})
	_, err := s.schedule.AddJob(schedule.Job{Title: "Kanaler", Owner: a.ID, Municipality: 259, Product: "report", Question: "name=channels&municipality=259&round=2012F", When: schedule.When{Kind: schedule.Daily, At: "07:00"}, To: []string{a.ID, b.ID}}, clock.now())
	check(t, err)
	for range 30 {
		clock.set(clock.now().Add(3 * time.Minute))
		s.sweep(t.Context())
	}
	run := s.jobRuns()[0]
	if len(server.Mails()) != 0 || run.State.Ended() || run.Due.Before(local("2012-11-19 07:00")) {
		t.Fatalf("%+v", run)
	}
	away = false
	for range 60 {
		clock.set(clock.now().Add(3 * time.Minute))
		s.sweep(t.Context())
	}
	if run = s.jobRuns()[0]; run.State != schedule.Sent || len(server.Mails()) != 2 || server.Mails()[0].To == server.Mails()[1].To {
		t.Errorf("%+v, %d mails", run, len(server.Mails()))
	}
}

// TestWrongClock: a clock that jumps years ahead and is set right again makes what it made, and keeps nothing from being due after that.
func TestWrongClock(t *testing.T) {
	clock := &handClock{at: local("2012-11-19 06:00")}
	s := newSiteAt(t, demoFolder(t), Config{Now: clock.now})
	a := s.person(t, account.Account{Email: "anna@koege.example", Name: "Anna", Role: account.Analyst, Municipality: 259})
	_, err := s.schedule.AddJob(schedule.Job{Title: "Kanaler", Owner: a.ID, Municipality: 259, Product: "report", Question: "name=channels&municipality=259&round=2012F", When: schedule.When{Kind: schedule.Daily, At: "07:00"}}, clock.now())
	check(t, err)
	var due []string
	for _, now := range []string{"2012-11-19 07:00", "2012-11-19 07:01", "2014-06-01 12:00", "2012-11-19 07:02", "2012-11-20 06:59", "2012-11-20 07:00", "2012-11-20 07:01"} {
		clock.set(local(now))
		s.sweep(t.Context())
	}
	for _, r := range s.jobRuns() {
		due = append(due, r.Due.In(clock.now().Location()).Format("2006-01-02 15:04"))
	}
	if got := strings.Join(due, ", "); got != "2014-06-01 07:00, 2012-11-20 07:00, 2012-11-19 07:00" {
		t.Error(got)
	}
}

// TestDemoJobs: the demonstration has three things on its schedule, each of which is in the archive.
func TestDemoJobs(t *testing.T) {
	s := newSiteAt(t, demoFolder(t), Config{Demo: DemoUsers(), Now: at(2026, 11, 22)})
	check(t, s.AddDemoUsers())
	for range 2 {
		check(t, s.AddDemoJobs(t.Context()))
	}
	s.sweep(t.Context())
	runs := s.jobRuns()
	if len(runs) != 3 || len(s.schedule.Jobs()) != 3 {
		t.Fatal(len(runs))
	}
	for _, r := range runs {
		if r.State != schedule.Kept || len(r.Files) != 1 || r.Late() {
			t.Errorf("%+v", r)
		}
	}
}

// TestMakingFails: what cannot be made for a reason of ours is tried again, longer and longer apart; then it is given up, and its owner is told. What was put
// right in between is made, once.
func TestMakingFails(t *testing.T) {
	server, office := mailTo(t, posttest.Options{})
	for name, mended := range map[string]bool{"mended": true, "given up": false} {
		clock := &handClock{at: local("2012-11-19 06:59")}
		s := newSiteAt(t, demoFolder(t), Config{Mail: office, Now: clock.now, Log: slog.New(slog.DiscardHandler)})
		a := s.person(t, account.Account{Email: strings.ReplaceAll(name, " ", "") + "@koege.example", Name: "Anna", Role: account.Analyst, Municipality: 259})
		_, err := s.schedule.AddJob(schedule.Job{Title: "Kanaler", Owner: a.ID, Municipality: 259, Product: "report", Question: "name=channels&municipality=259&round=2012F", When: schedule.When{Kind: schedule.Weekly, Weekdays: []int{1}, At: "07:00"}, To: []string{a.ID}}, clock.now())
		check(t, err)
		archive := filepath.Join(s.folder.Dir, schedule.ArchiveName)
		check(t, os.RemoveAll(archive))
		check(t, os.WriteFile(archive, nil, 0o600)) // no files can be laid in it
		before, tries := len(server.Mails()), 0
		for minute := range 12 * 60 {
			clock.set(local("2012-11-19 07:00").Add(time.Duration(minute) * time.Minute))
			if minute == 30 && mended {
				check(t, os.Remove(archive))
			}
			s.sweep(t.Context())
			run := s.jobRuns()[0]
			if minute == 29 {
				tries = run.Tries
			}
			if minute < 29 && run.State.Ended() {
				t.Fatalf("given up after %d minutes: %+v", minute, run)
			}
		}
		run, mails := s.jobRuns()[0], server.Mails()[before:]
		if tries != 4 || len(mails) != 1 || mails[0].To != a.Email || run.Open() {
			t.Fatalf("%s: %d tries, %d mails, %+v", name, tries, len(mails), run)
		}
		letter := mails[0].Read(t)
		if mended && (run.State != schedule.Sent || run.Tries != 5) || !mended && (run.State != schedule.Failed || run.Tries != len(backOff)+1 || letter.Subject != "Gik galt: Kanaler" || letter.Header.Get("List-Unsubscribe") != "") {
			t.Errorf("%s: %q %s %d tries: %s", name, letter.Subject, run.State, run.Tries, run.Why)
		}
	}
}

// TestAnswerCutOff: where the mail server took a letter and its answer was lost, the reader gets no other, and the owner is told once that it may have come.
func TestAnswerCutOff(t *testing.T) {
	server, office := mailTo(t, posttest.Options{Taken: func(m posttest.Mail) bool { return m.To == "lis@koege.example" }})
	clock := &handClock{at: local("2012-11-19 06:59")}
	s := newSiteAt(t, demoFolder(t), Config{Mail: office, Now: clock.now, Log: slog.New(slog.DiscardHandler)})
	anna := s.person(t, account.Account{Email: "anna@koege.example", Name: "Anna", Role: account.Analyst, Municipality: 259})
	lis := s.person(t, account.Account{Email: "lis@koege.example", Name: "Lis", Role: account.Reader, Municipality: 259})
	_, err := s.schedule.AddJob(schedule.Job{Title: "Kanaler", Owner: anna.ID, Municipality: 259, Product: "report", Question: "name=channels&municipality=259&round=2012F",
		When: schedule.When{Kind: schedule.Weekly, Weekdays: []int{1}, At: "07:00"}, To: []string{lis.ID}}, clock.now())
	check(t, err)
	for range 10 {
		clock.set(clock.now().Add(time.Hour))
		s.sweep(t.Context())
	}
	run, mails := s.jobRuns()[0], server.Mails()
	if run.State != schedule.Unsure || run.Open() || len(mails) != 2 || mails[0].To != lis.Email || mails[1].To != anna.Email {
		t.Fatalf("%+v, %d mails", run, len(mails))
	}
	if l := mails[1].Read(t); l.Subject != "Kan være sendt: Kanaler" || !strings.Contains(l.Text, "- Lis: ") {
		t.Errorf("%s\n%s", l.Subject, l.Text)
	}
}
