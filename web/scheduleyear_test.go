package web

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"komhen/ingest"
	"komhen/model"
	"komhen/model/codebook"
	"komhen/web/account"
	"komhen/web/post/posttest"
	"komhen/web/schedule"
)

// handClock is a clock that a test moves.
type handClock struct {
	lock sync.Mutex
	at   time.Time
}

func (c *handClock) now() time.Time {
	c.lock.Lock()
	defer c.lock.Unlock()
	return c.at
}

func (c *handClock) set(t time.Time) {
	c.lock.Lock()
	defer c.lock.Unlock()
	c.at = t
}

// process is one run of the service over a data folder, which ends before the next begins.
type process struct {
	*site
	end func()
}

func startProcess(t *testing.T, dir string, config Config) process {
	t.Helper()
	book, err := codebook.Load()
	check(t, err)
	folder, err := ingest.Open(t.Context(), dir, book, ingest.OpenOptions{})
	check(t, err)
	config.Log = slog.New(slog.DiscardHandler) // late runs are told, which is the point
	s, err := New(t.Context(), folder, config)
	check(t, err)
	server := httptest.NewServer(s.Handler())
	p := process{&site{s, server.URL}, func() {
		server.Close()
		check(t, errors.Join(s.Close(), folder.Close()))
	}}
	return p
}

func local(text string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", text, model.Copenhagen)
	if err != nil {
		panic(err)
	}
	return t
}

// outages of the year: over several due times, over both clock changes, over the leap day.
var outages = [][2]time.Time{
	{local("2012-02-28 20:00"), local("2012-03-01 09:30")}, {local("2012-03-24 12:00"), local("2012-03-26 12:00")}, {local("2012-04-28 10:00"), local("2012-05-08 11:00")},
	{local("2012-10-28 01:00"), local("2012-10-28 12:00")}, {local("2012-11-05 06:58"), local("2012-11-05 07:14")},
}

func down(t time.Time) int {
	for i, o := range outages {
		if t.After(o[0]) && !t.After(o[1]) {
			return i
		}
	}
	return -1
}

// TestScheduleYear walks through 2012 with real reports, a real mail server and a service that is down five times. Every due time of every job has one run,
// or is counted by the one run that came when the service returned; each run was sent once to each who is to have it; what was late says so.
func TestScheduleYear(t *testing.T) {
	t.Parallel()
	server, office := mailTo(t, posttest.Options{})
	clock := &handClock{at: local("2012-01-01 00:00").Add(-time.Minute)}
	config := Config{Mail: office, Now: clock.now, BaseURL: "https://komhen.example"}
	dir := demoFolder(t)
	p := startProcess(t, dir, config)
	tove := p.person(t, account.Account{Email: "tove@koege.example", Name: "Tove", Role: account.Coordinator, Municipality: 259})
	lis := p.person(t, account.Account{Email: "lis@koege.example", Name: "Lis", Role: account.Reader, Municipality: 259})
	bo := p.person(t, account.Account{Email: "bo@odense.example", Name: "Bo", Role: account.Coordinator, Municipality: 461})
	check(t, errors.Join(p.schedule.Stop(tove.ID, reminderTopic, clock.now()), p.schedule.Stop(bo.ID, reminderTopic, clock.now()))) // TestRemindersYear has them
	job := func(title, product, question string, when schedule.When, attach bool, to ...account.Account) schedule.Job {
		j := schedule.Job{Title: title, Owner: tove.ID, Municipality: 259, Product: product, Question: question, When: when, Attach: attach}
		for _, a := range to {
			j.To = append(j.To, a.ID)
		}
		j, err := p.schedule.AddJob(j, clock.now())
		check(t, err)
		return j
	}
	jobs := []schedule.Job{
		job("Kanaler mandag", "report", "name=channels&municipality=259&round=2012F", schedule.When{Kind: schedule.Weekly, Weekdays: []int{1}, At: "07:00", Only: schedule.WeekAfter}, true, tove, lis),
		job("Dage om natten", "report", "name=days&municipality=259&round=2012F&format=csv", schedule.When{Kind: schedule.Daily, At: "02:30"}, false, lis),
		job("Benchmark før fristen", "benchmark", "municipality=259&round=2012F", schedule.When{Kind: schedule.Deadline, Anchor: "data", Days: -2, At: "08:00"}, true, tove),
		job("Rækker hver måned", "contacts", "municipality=259&round=2012F&format=csv", schedule.When{Kind: schedule.Monthly, Day: 31, At: "23:59"}, true, tove, lis),                      // Lis may not see rows
		job("Enheder", "report", "name=units&municipality=259&round=2012F&format=csv", schedule.When{Kind: schedule.Cron, Cron: "0 6 * * 1-5", Only: schedule.CountWeeks}, true, tove, bo), // Bo is of another municipality
	}
	mails := map[string]int{jobs[0].ID: 2, jobs[1].ID: 1, jobs[2].ID: 1, jobs[3].ID: 1, jobs[4].ID: 1}
	end := local("2013-01-01 00:00")
	for at := local("2012-01-01 00:00"); at.Before(end); at = at.Add(5 * time.Minute) {
		if i := down(at); i >= 0 {
			if at.Add(-5 * time.Minute).After(outages[i][0]) {
				continue
			}
			p.end()
			clock.set(outages[i][1])
			p = startProcess(t, dir, config)
			if i == 2 { // somebody starts the service a second time
				if _, err := ingest.Open(t.Context(), dir, p.book, ingest.OpenOptions{}); err == nil || !strings.Contains(err.Error(), "data-in-use") {
					t.Fatal("two services over one folder:", err)
				}
			}
			p.sweep(t.Context())
			continue
		}
		clock.set(at)
		p.sweep(t.Context())
	}
	clock.set(end)
	p.sweep(t.Context())
	defer p.end()

	letters := map[string]int{}
	texts := map[string]string{}
	for _, m := range server.Mails() {
		l := m.Read(t)
		letters[l.Header.Get("Message-Id")]++
		texts[l.Header.Get("Message-Id")] = l.Text
		if m.To == bo.Email {
			t.Error("a unit of Køge was sent to Odense")
		}
		for name, content := range l.Files {
			if !strings.HasSuffix(name, ".xlsx") {
				continue
			}
			book, err := excelize.OpenReader(bytes.NewReader(content))
			if err != nil {
				t.Fatalf("%s of %s does not open: %v", name, l.Subject, err)
			}
			check(t, book.Close())
		}
	}
	sent := 0
	for _, j := range jobs {
		var want []time.Time
		for after := j.Since; ; {
			due, ok := j.When.Next(after, p.rounds)
			if !ok || due.After(end) {
				break
			}
			want, after = append(want, due), due
		}
		runs := map[int64]schedule.Run{}
		counted := 0
		for _, r := range p.schedule.Runs(0, func(r schedule.Run) bool { return r.Job == j.ID }) {
			if _, twice := runs[r.Due.Unix()]; twice {
				t.Errorf("%s is made twice for %s", j.Title, r.Due)
			}
			runs[r.Due.Unix()] = r
			counted += 1 + r.Missed
			if r.State != schedule.Sent || r.Open() || len(r.Files) != 1 {
				t.Errorf("%s of %s is %s: %s", j.Title, r.Due, r.State, r.Why)
			}
			late := down(r.Due) >= 0
			if r.Late() != late {
				t.Errorf("%s of %s, made %s: late is %v", j.Title, r.Due, r.Recorded, r.Late())
			}
			reached := 0
			for _, d := range r.Deliveries {
				if d.State != schedule.Sent {
					continue
				}
				id := fmt.Sprintf("<%s.%s@kl.example>", r.ID(), d.To)
				reached++
				sent++
				if letters[id] != 1 {
					t.Errorf("%s was sent %d times", id, letters[id])
				}
				if late != strings.Contains(texts[id], "tjenesten kørte ikke") || r.Missed > 0 && !strings.Contains(texts[id], "ville vise de samme tal") {
					t.Errorf("%s, late %v, %d missed, says\n%s", id, late, r.Missed, texts[id])
				}
			}
			if reached != mails[j.ID] {
				t.Errorf("%s of %s reached %d, want %d: %+v", j.Title, r.Due, reached, mails[j.ID], r.Deliveries)
			}
		}
		if counted != len(want) {
			t.Errorf("%s: %d runs count %d due times of %d", j.Title, len(runs), counted, len(want))
		}
		for i, due := range want {
			_, made := runs[due.Unix()]
			last := i == len(want)-1 || down(due) != down(want[i+1]) // of its outage
			if should := down(due) < 0 || last; made != should {
				t.Errorf("%s due %s: made %v", j.Title, due, made)
			}
		}
		t.Logf("%s: %d due, %d runs", j.Title, len(want), len(runs))
	}
	if sent != len(server.Mails()) {
		t.Errorf("%d letters were sent, %d came", sent, len(server.Mails()))
	}
}
