package schedule

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"komhen/model"
)

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func open(t *testing.T, dir string) *Book {
	t.Helper()
	b, err := OpenBook(dir, at("2012-04-23T06:00:00Z"))
	check(t, err)
	t.Cleanup(func() { b.Close() })
	return b
}

func problemCode(err error) string {
	var p *model.Problem
	if errors.As(err, &p) {
		return p.Code
	}
	return fmt.Sprint(err)
}

var (
	monday = at("2012-04-23T05:00:00Z")
	some   = Opening{Job: "j1", Due: monday, Title: "Kanaler", Owner: "a1", Municipality: 259, Product: "report", Question: "name=channels"}
)

// TestOnce: a (job, due time) is opened once, also by another process later, whatever clock its time is told on.
func TestOnce(t *testing.T) {
	dir := t.TempDir()
	b := open(t, dir)
	r, opened, err := b.OpenRun(some, monday)
	if err != nil || !opened || r.State != Due || r.ID() != "j1-20120423T050000Z" {
		t.Fatal(r, opened, err)
	}
	again := some
	again.Due = monday.In(model.Copenhagen)
	for range 2 {
		if _, opened, err := b.OpenRun(again, monday.Add(time.Hour)); err != nil || opened {
			t.Error(opened, err)
		}
		check(t, b.Close())
		b = open(t, dir)
	}
	if !b.Last("j1", monday).Equal(monday) || !b.Last("j1", monday.Add(-1)).IsZero() || !b.Last("j2", monday).IsZero() || len(b.Runs(0, nil)) != 1 {
		t.Error(b.Last("j1", monday))
	}
	for _, wrong := range []Opening{{Job: "../x", Due: monday}, {Job: "", Due: monday}, {Job: "j1"}} {
		if _, _, err := b.OpenRun(wrong, monday); err == nil {
			t.Errorf("%+v was opened", wrong)
		}
	}
}

// TestEveryCut cuts the file of runs off, as a crash may: what then is opened has lost nothing but the last, unfinished line, and
// a letter that was on its way may have been sent and is never sent again.
func TestEveryCut(t *testing.T) {
	dir := t.TempDir()
	b := open(t, dir)
	_, _, err := b.OpenRun(some, monday)
	check(t, err)
	id := some.ID()
	for _, s := range []Step{{What: Started}, {What: Made, Files: []File{{Name: "k.csv", Size: 1}}}, {What: Sending, To: "a1"}, {What: Sent, To: "a1"}, {What: Sending, To: "a2"}, {What: Waiting, To: "a2", Why: "væk"}, {What: Sending, To: "a2"}, {What: Sent, To: "a2"}, {What: Sent}} {
		s.At = monday
		check(t, b.Note(id, s, time.Time{}))
	}
	check(t, b.Close())
	whole, err := os.ReadFile(filepath.Join(dir, RunsName))
	check(t, err)
	for cut := range len(whole) + 1 {
		if next := bytes.IndexByte(whole[cut:], '\n'); cut%41 != 0 && cut != len(whole) && next > 1 && whole[max(cut-1, 0)] != '\n' {
			continue // the bytes about the ends of lines, and some others
		}
		torn := t.TempDir()
		check(t, os.WriteFile(filepath.Join(torn, RunsName), whole[:cut], 0o600))
		b := open(t, torn)
		lines := bytes.Count(whole[:cut], []byte("\n"))
		r, there := b.Run(id)
		if there != (lines > 0) {
			t.Fatalf("cut at %d: there is %v", cut, there)
		}
		for i, to := range []string{"a1", "a2"} {
			d, _ := r.Delivery(to, false)
			begun, ended := [2][]int{{4}, {6, 8}}[i], [2][]int{{5}, {7, 9}}[i]
			want := State("")
			for k := range begun {
				if lines >= begun[k] {
					want = Unsure
				}
				if lines >= ended[k] {
					want = [2][]State{{Sent}, {Waiting, Sent}}[i][k]
				}
			}
			if d.State != want {
				t.Errorf("cut after %d lines: %s is %q, want %q", lines, to, d.State, want)
			}
			if d.State.Ended() {
				if err := b.Note(id, Step{At: monday, What: Sending, To: to}, time.Time{}); err == nil {
					t.Errorf("cut after %d lines: %s is sent to twice", lines, to)
				}
			}
		}
		check(t, b.Close())
		b = open(t, torn)
		if b.CutOff() != 0 {
			t.Error("found again what was settled")
		}
		if again, _ := b.Run(id); again.State != r.State || len(again.Deliveries) != len(r.Deliveries) {
			t.Errorf("cut after %d lines: another outcome the second time: %+v %+v", lines, r, again)
		}
		check(t, b.Close())
	}
}

// FuzzRuns: whatever stands in the file of runs, it is opened or refused; what was opened is the same the second time, and nothing that has ended goes on.
func FuzzRuns(f *testing.F) {
	f.Add([]byte(`{"at":"2012-04-23T05:00:00Z","run":"j1-20120423T050000Z","what":"due","opening":{"job":"j1","due":"2012-04-23T05:00:00Z","title":"x","owner":"a1"}}` + "\n" +
		`{"run":"j1-20120423T050000Z","what":"sending","to":"a1"}` + "\n" + `{"run":"j1-20120423T050000Z","what":"sent","to":"a1"}` + "\n" + `{"run":"j1-20120423T050000Z","what":"waiting","to":"a1"}` + "\n"))
	f.Add([]byte(`{"at":"2012-05-01T08:00:00Z","what":"restored"}` + "\n{"))
	f.Add([]byte("\x00\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		dir := t.TempDir()
		check(t, os.WriteFile(filepath.Join(dir, RunsName), raw, 0o600))
		b, err := OpenBook(dir, monday)
		if err != nil {
			if problemCode(err) != "schedule-file" {
				t.Error(err)
			}
			return
		}
		first := b.Runs(0, nil)
		for _, r := range first {
			for _, d := range r.Deliveries {
				if d.State == Sending {
					t.Errorf("%s is still being sent to %s", r.ID(), d.To)
				}
				if d.State.Ended() && b.Note(r.ID(), Step{At: monday, What: Sending, To: d.To, Word: d.Word}, time.Time{}) == nil && d.To != "" {
					t.Errorf("%s is sent to %s again", r.ID(), d.To)
				}
			}
		}
		check(t, b.Close())
		b, err = OpenBook(dir, monday)
		check(t, err)
		second := b.Runs(0, nil)
		if len(first) != len(second) {
			t.Errorf("%d runs, then %d", len(first), len(second))
		}
		check(t, b.Close())
	})
}

// TestDamagedRuns: a line in the middle that cannot be read stops everything, for what it said may be that something was sent.
func TestDamagedRuns(t *testing.T) {
	dir := t.TempDir()
	check(t, os.WriteFile(filepath.Join(dir, RunsName), []byte("{\"what\":\"due\"}\nnot a line\n"), 0o600))
	if _, err := OpenBook(dir, monday); problemCode(err) != "schedule-file" || !strings.Contains(err.Error(), "line 2") {
		t.Error(err)
	}
	check(t, os.WriteFile(filepath.Join(dir, RunsName), nil, 0o600))
	check(t, os.WriteFile(filepath.Join(dir, FileName), []byte(`{"version":1,"newer":true}`), 0o600))
	if _, err := OpenBook(dir, monday); problemCode(err) != "schedule-file" {
		t.Error(err)
	}
}

// TestRestored: after a backup was fetched, nothing that may have been done since it was taken is done again.
func TestRestored(t *testing.T) {
	dir := t.TempDir()
	b := open(t, dir)
	_, _, err := b.OpenRun(some, monday)
	check(t, err)
	check(t, b.Note(some.ID(), Step{At: monday, What: Started}, time.Time{}))
	check(t, b.Close())
	f, err := os.OpenFile(filepath.Join(dir, RunsName), os.O_APPEND|os.O_WRONLY, 0)
	check(t, err)
	_, err = f.WriteString(`{"at":"2012-05-01T08:00:00Z","what":"restored"}` + "\n")
	check(t, errors.Join(err, f.Close()))
	b = open(t, dir)
	if r, _ := b.Run(some.ID()); r.State != Unsure || r.Open() || !b.Restored().Equal(at("2012-05-01T08:00:00Z")) {
		t.Errorf("%+v %s", r, b.Restored())
	}
}

func TestArchive(t *testing.T) {
	dir := t.TempDir()
	b := open(t, dir)
	_, _, err := b.OpenRun(some, monday)
	check(t, err)
	id := some.ID()
	text := func(s string) func(io.Writer) error {
		return func(w io.Writer) error { _, err := io.WriteString(w, s); return err }
	}
	if _, err := b.Keep(id, "k.csv", "text/csv", func(io.Writer) error { return errors.New("no") }); err == nil || err.Error() != "no" {
		t.Error(err)
	}
	_, err = b.Keep(id, "k.csv", "text/csv", text("half"))
	check(t, err)
	file, err := b.Keep(id, "k.csv", "text/csv", text("hele tal"))
	check(t, err)
	if _, _, err := b.OpenFile(id, "k.csv"); problemCode(err) != "archive-unknown" {
		t.Error("there before it was noted:", err)
	}
	check(t, b.Note(id, Step{At: monday, What: Made, Files: []File{file}}, time.Time{}))
	f, _, err := b.OpenFile(id, "k.csv")
	check(t, err)
	got, err := io.ReadAll(f)
	check(t, errors.Join(err, f.Close()))
	if string(got) != "hele tal" || file.Size != 8 || len(file.SHA256) != 64 {
		t.Errorf("%q %+v", got, file)
	}
	for _, name := range []string{"../runs.jsonl", "", ".making", "andet.csv"} {
		if _, _, err := b.OpenFile(id, name); problemCode(err) != "archive-unknown" {
			t.Error(name, err)
		}
		if _, err := b.Keep(id, name, "", text("x")); err == nil && name != "andet.csv" {
			t.Errorf("%q was kept", name)
		}
	}
	check(t, os.WriteFile(filepath.Join(dir, ArchiveName, id, "k.csv"), []byte("andre tal"), 0o600))
	if _, _, err := b.OpenFile(id, "k.csv"); problemCode(err) != "archive-file" {
		t.Error("a changed file is given out:", err)
	}
	if n, err := b.Prune(monday.Add(time.Hour), monday); n != 0 || err != nil {
		t.Error("pruned what is not ended", n, err)
	}
	check(t, b.Note(id, Step{At: monday, What: Kept}, time.Time{}))
	if n, err := b.Prune(monday.Add(time.Hour), monday); n != 1 || err != nil {
		t.Error(n, err)
	}
	r, _ := b.Run(id)
	if _, err := os.Stat(filepath.Join(dir, ArchiveName, id)); err == nil || !r.Pruned || r.State != Kept || r.Open() {
		t.Errorf("%+v", r)
	}
}

func TestJobs(t *testing.T) {
	dir := t.TempDir()
	b := open(t, dir)
	weekly := When{Kind: Weekly, Weekdays: []int{1}, At: "07:00"}
	j, err := b.AddJob(Job{Title: "Kanaler", Owner: "a1", Municipality: 259, Product: "report", When: weekly, To: []string{"a1", "a2"}}, monday)
	check(t, err)
	later := monday.Add(48 * time.Hour)
	same, err := b.ChangeJob(j.ID, later, func(j *Job) { j.Title = "Andet" })
	check(t, err)
	moved, err := b.ChangeJob(j.ID, later, func(j *Job) { j.When.At = "08:00" })
	check(t, err)
	if !same.Since.Equal(monday) || !moved.Since.Equal(later) || moved.ID != j.ID {
		t.Errorf("%+v %+v", same, moved)
	}
	check(t, b.Stop("a2", j.ID, later))
	ticket, err := b.Ticket("a2", "reminders")
	check(t, err)
	check(t, b.Close())
	b = open(t, dir)
	if got, ok := b.Job(j.ID); !ok || got.Title != "Andet" || !got.When.Equal(moved.When) || !b.Stopped("a2", j.ID) || b.Stopped("a1", j.ID) {
		t.Errorf("%+v", got)
	}
	if account, topic, err := b.FromTicket(ticket); account != "a2" || topic != "reminders" || err != nil {
		t.Error(account, topic, err)
	}
	for _, wrong := range []string{"", ticket + "x", strings.Replace(ticket, "a2", "a1", 1), strings.Replace(ticket, "reminders", j.ID, 1), "a2.reminders.", "..", ticket[:len(ticket)-1]} {
		if _, _, err := b.FromTicket(wrong); problemCode(err) != "ticket-invalid" {
			t.Errorf("%q: %v", wrong, err)
		}
	}
	check(t, b.Start("a2", j.ID))
	check(t, b.Forget("a2"))
	if got, _ := b.Job(j.ID); len(got.To) != 1 || b.Stopped("a2", j.ID) {
		t.Errorf("%+v", got)
	}
	check(t, b.DeleteJob(j.ID))
	if err := b.DeleteJob(j.ID); problemCode(err) != "job-unknown" {
		t.Error(err)
	}
	if _, err := b.ChangeJob(j.ID, later, func(*Job) {}); problemCode(err) != "job-unknown" {
		t.Error(err)
	}
}

// TestCompact: old runs are forgotten, and nothing that is due, open or in the archive hangs on them.
func TestCompact(t *testing.T) {
	dir := t.TempDir()
	b := open(t, dir)
	run := func(job string, day int, steps ...Step) string {
		t.Helper()
		o := some
		o.Job, o.Due = job, monday.AddDate(0, 0, day)
		_, _, err := b.OpenRun(o, o.Due)
		check(t, err)
		for _, s := range steps {
			s.At = o.Due
			check(t, b.Note(o.ID(), s, time.Time{}))
		}
		return o.ID()
	}
	old := run("j1", 0, Step{What: Started}, Step{What: Kept})
	kept := []string{run("j2", 0, Step{What: Kept}), run("j1", 1, Step{What: Started}), run("j1", 2, Step{What: Made, Files: []File{{Name: "x.csv"}}}, Step{What: Kept}), run("j1", 90, Step{What: Kept}), run("j1", 100, Step{What: Kept})}
	if n, err := b.Compact(monday.AddDate(0, 0, 50)); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	after := run("j1", 101, Step{What: Kept}) // the new file takes lines
	for range 2 {
		if _, there := b.Run(old); there {
			t.Error("still there")
		}
		for _, id := range append(kept, after) {
			if _, there := b.Run(id); !there {
				t.Errorf("%s is gone", id)
			}
		}
		if n, err := b.Compact(monday.AddDate(0, 0, 50)); n != 0 || err != nil {
			t.Error(n, err)
		}
		check(t, b.Close())
		b = open(t, dir)
	}
}
