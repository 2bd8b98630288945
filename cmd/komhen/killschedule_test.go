package main

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"komhen/model"
	accounts "komhen/web/account"
	"komhen/web/post/posttest"
	"komhen/web/schedule"
)

// TestKillSchedule kills the service with -9 at random moments of making and sending what is due. Each due report must exist once, and each letter must have
// come once, or, where the kill fell between the letter and the mail server's answer, be marked as one that may have been sent.
func TestKillSchedule(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	if text := os.Getenv("KOMHEN_KILL_SEED"); text != "" {
		var err error
		seed, err = strconv.ParseUint(text, 10, 64)
		fine(t, err)
	}
	t.Logf("KOMHEN_KILL_SEED=%d", seed)
	random := rand.New(rand.NewPCG(seed, 2))
	var slow sync.Mutex // guards the next two
	pause, told := time.Duration(0), make(chan struct{}, 1)
	server := posttest.Start(t, posttest.Options{Taken: func(posttest.Mail) bool {
		slow.Lock()
		wait := pause
		slow.Unlock()
		select {
		case told <- struct{}{}:
		default:
		}
		time.Sleep(wait) // a letter is whole here, and its sender has no answer yet
		return false
	}})
	data := copyFolder(t, demoData(t))
	book, err := accounts.Open(data)
	fine(t, err)
	var people []string
	for i := range 3 {
		a, err := book.Create(accounts.Account{Email: fmt.Sprintf("person%d@koege.example", i), Name: fmt.Sprintf("Person %d", i), Role: accounts.Coordinator, Municipality: 259}, "")
		fine(t, err)
		people = append(people, a.ID)
	}
	var all []schedule.Job
	kills := 0
	rounds := killRounds(t)
	serving := func() (*exec.Cmd, *bytes.Buffer) {
		cmd := command(t, data, "serve", "--addr", "127.0.0.1:0", "--smtp", "smtp://"+server.Address+"?tls=none", "--mail-from", "taelleuger@kl.example", "--base-url", "http://127.0.0.1")
		var errs bytes.Buffer
		cmd.Stderr, cmd.Stdout = &errs, io.Discard
		fine(t, cmd.Start())
		return cmd, &errs
	}
	for round := range rounds {
		all = append(all, dueJobs(t, data, people, round)...)
		mode := random.IntN(3)
		slow.Lock()
		pause = time.Duration(0)
		if mode == 0 {
			pause = 300 * time.Millisecond
		}
		slow.Unlock()
		for len(told) > 0 {
			<-told
		}
		cmd, errs := serving()
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		switch mode {
		case 0: // between a letter and its answer
			for range 1 + random.IntN(3) {
				select {
				case <-told:
				case <-time.After(20 * time.Second):
				}
			}
			time.Sleep(time.Duration(random.IntN(250)) * time.Millisecond)
		case 1: // when the runs move
			awaitChange(filepath.Join(data, schedule.RunsName), random.IntN(12))
			time.Sleep(time.Duration(random.IntN(3000)) * time.Microsecond)
		default:
			time.Sleep(time.Duration(random.IntN(2500)) * time.Millisecond)
		}
		fine(t, cmd.Process.Kill())
		<-ended
		if strings.Contains(errs.String(), "panic") {
			t.Fatal(errs.String())
		}
		kills++
	}
	slow.Lock()
	pause = 0
	slow.Unlock()
	cmd, errs := serving() // the last one may finish
	deadline := time.Now().Add(2 * time.Minute)
	for lastLines := -1; time.Now().Before(deadline); time.Sleep(300 * time.Millisecond) {
		runs, open := readRuns(t, data)
		if open == 0 && len(runs) == len(all) && lastLines == len(runs) {
			break
		}
		lastLines = len(runs)
	}
	cmd.Process.Kill()
	cmd.Wait()
	came := map[string]int{}
	for _, m := range server.Mails() {
		l := m.Read(t)
		came[l.Header.Get("Message-Id")]++
		if strings.HasPrefix(l.Subject, "Gik galt") {
			t.Errorf("a report failed: %s", l.Text)
		}
	}
	b, err := schedule.OpenBook(copySchedule(t, data), time.Now())
	fine(t, err)
	defer b.Close()
	sent, unsure, never := 0, 0, 0
	for _, j := range all {
		runs := b.Runs(0, func(r schedule.Run) bool { return r.Job == j.ID })
		if len(runs) != 1 {
			t.Errorf("%s has %d runs", j.ID, len(runs))
			continue
		}
		r := runs[0]
		if r.Open() || len(r.Files) != 1 || r.State != schedule.Sent && r.State != schedule.Unsure {
			t.Errorf("%s is %s: %s\n%s", r.ID(), r.State, r.Why, errs.String())
		}
		for _, f := range r.Files {
			file, _, err := b.OpenFile(r.ID(), f.Name)
			if err != nil {
				t.Errorf("%s: %v", r.ID(), err)
				continue
			}
			file.Close()
		}
		entries, err := os.ReadDir(filepath.Join(data, schedule.ArchiveName, r.ID()))
		if fine(t, err); len(entries) != 1 {
			t.Errorf("%s has %d files in the archive", r.ID(), len(entries))
		}
		for _, to := range j.To {
			d, _ := r.Delivery(to, false)
			n := came[fmt.Sprintf("<%s.%s@kl.example>", r.ID(), to)]
			switch {
			case d.State == schedule.Sent && n == 1:
				sent++
			case d.State == schedule.Unsure && n == 1:
				unsure++
			case d.State == schedule.Unsure && n == 0:
				never++
			default:
				t.Errorf("%s to %s is %q and came %d times", r.ID(), to, d.State, n)
			}
		}
	}
	ok(t, data, "check")
	t.Logf("%d kills, %d due reports: %d letters sent, %d may have been sent and were, %d may have been sent and were not", kills, len(all), sent, unsure, never)
}

// dueJobs puts jobs on the schedule of a folder that no service has open, each of which was due once, a little while ago.
func dueJobs(t *testing.T, data string, people []string, round int) (list []schedule.Job) {
	t.Helper()
	b, err := schedule.OpenBook(data, time.Now())
	fine(t, err)
	defer func() { fine(t, b.Close()) }()
	due := time.Now().Add(-10 * time.Minute)
	for i, question := range []string{"name=channels&municipality=259&round=2012F&format=xlsx", "name=units&municipality=259&round=2012F&format=csv"} {
		j, err := b.AddJob(schedule.Job{Title: fmt.Sprintf("Rapport %d-%d", round, i), Owner: people[0], Municipality: 259, Product: "report", Question: question,
			When: schedule.When{Kind: schedule.Cron, Cron: due.In(model.Copenhagen).Format("4 15 2 1 *")}, To: people, Attach: true}, due.Add(-time.Hour))
		fine(t, err)
		list = append(list, j)
	}
	return list
}

// awaitChange waits until a file has grown so many times, or ten seconds.
func awaitChange(path string, times int) {
	size := func() int64 {
		info, err := os.Stat(path)
		if err != nil {
			return 0
		}
		return info.Size()
	}
	before := size()
	for start := time.Now(); times > 0 && time.Since(start) < 10*time.Second; time.Sleep(200 * time.Microsecond) {
		if now := size(); now != before {
			before = now
			times--
		}
	}
}

// readRuns reads the runs of a folder that a service has open: from a copy, for opening settles what was cut off.
func readRuns(t *testing.T, data string) (runs []schedule.Run, open int) {
	t.Helper()
	b, err := schedule.OpenBook(copySchedule(t, data), time.Now())
	fine(t, err)
	defer b.Close()
	// In the copy a letter that is on its way has become unsure; in the folder it has not.
	runs = b.Runs(0, func(r schedule.Run) bool { return r.Product != "" }) // reminders have runs too
	for _, r := range b.OpenRuns() {
		if r.Product != "" {
			open++
		}
	}
	return runs, open + b.CutOff()
}

func copySchedule(t *testing.T, data string) string {
	t.Helper()
	to := t.TempDir()
	for _, name := range []string{schedule.FileName, schedule.RunsName} {
		raw, err := os.ReadFile(filepath.Join(data, name))
		if err == nil {
			err = os.WriteFile(filepath.Join(to, name), raw, 0o600)
		}
		fine(t, err)
	}
	fine(t, os.Symlink(filepath.Join(data, schedule.ArchiveName), filepath.Join(to, schedule.ArchiveName)))
	return to
}
