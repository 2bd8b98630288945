package ingest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"komhen/model"
	"komhen/queries"
)

func at(t fataler, text string) time.Time {
	t.Helper()
	when, err := time.ParseInLocation("2006-01-02 15:04:05", text, model.Copenhagen)
	must(t, err)
	return when
}

func setRound(t fataler, f *Folder, name string, dates model.RoundDates) {
	t.Helper()
	_, err := f.SetRound(context.Background(), name, dates, Decision{usualReceived, "kl"})
	must(t, err)
}

func roundText(t fataler, f *Folder, name string) string {
	t.Helper()
	r, err := f.Book.Round(name)
	must(t, err)
	return fmt.Sprint(r.Weeks, r.Primary, r.First, r.Last, r.DataDeadline, r.TotalsDeadline, r.CentralDelivery, r.Declared)
}

func rulesIn(t fataler, u *Upload) (rules []string) {
	t.Helper()
	for _, x := range findingsOf(t, u) {
		if !slices.Contains(rules, x.Rule) {
			rules = append(rules, x.Rule)
		}
	}
	return rules
}

// TestRoundIsDeclared: the folder's codebook answers with a declared round at once, in the checks too; after the folder is opened again
// and after a rebuild it does the same, each upload keeps the findings it got, and another folder knows nothing of it.
func TestRoundIsDeclared(t *testing.T) {
	ctx, f, other := context.Background(), newFolder(t), newFolder(t)
	weeks := model.RoundDates{Weeks: []int{18, 19, 20}, Note: "Påsken"}
	outside := approvalHeader + approvalRow(259, "15-05-2012", "") // week 20
	before := load(t, f, []byte(outside), Options{Name: "før.csv"})
	setRound(t, f, "2012f", weeks)
	row := func(id string) []byte { return []byte(approvalHeader + approvalRow(259, "15-05-2012", id)) }
	after := load(t, f, row("x"), Options{Name: "efter.csv"})
	elsewhere := load(t, other, row("x"), Options{Name: "andre.csv"})
	if got := rulesIn(t, before); !slices.Contains(got, "W01") || before.Receipt.Round != "" {
		t.Errorf("before: %v in %q", got, before.Receipt.Round)
	}
	if got := rulesIn(t, after); slices.Contains(got, "W01") || after.Receipt.Round != "2012F" {
		t.Errorf("after: %v in %q", got, after.Receipt.Round)
	}
	if got := rulesIn(t, elsewhere); !slices.Contains(got, "W01") {
		t.Errorf("another folder: %v", got)
	}
	if r, _ := testBook(t).Round("2012F"); r.Declared {
		t.Error("the shared codebook was told")
	}
	check := func(f *Folder) {
		t.Helper()
		if got, want := roundText(t, f, "2012F"), "[18 19 20] 18 30-04-2012 20-05-2012 03-06-2012 01-01-1970 [{Selvbetjening 03-06-2012} {Digital Post 22-06-2012}] true"; got != want {
			t.Errorf("%s, want %s", got, want)
		}
		if got := roundText(t, f, "2012E"); strings.HasSuffix(got, "true") {
			t.Errorf("the other round: %s", got)
		}
		for upload, want := range map[uint32]bool{1: true, 2: false} {
			said := false
			must(t, f.Store.Findings(ctx, upload, func(x model.Finding) error { said = said || x.Rule == "W01"; return nil }))
			if said != want {
				t.Errorf("upload %d: W01 %v", upload, said)
			}
		}
		dates, err := f.RoundDates(ctx, "2012F")
		if err != nil || dates == nil || !dates.Equal(weeks) {
			t.Errorf("%+v, %v", dates, err)
		}
		book, err := RoundsIn(ctx, f.Dir, testBook(t))
		must(t, err)
		if r, _ := book.Round("2012F"); !r.Declared || r.First != model.NewDate(2012, 4, 30) {
			t.Errorf("from the journal alone: %+v", r)
		}
	}
	check(f)
	must(t, f.Close())
	f = openFolder(t, f.Dir)
	check(f)
	must(t, f.Close())
	reader, err := Open(ctx, f.Dir, testBook(t), OpenOptions{ReadOnly: true})
	must(t, err)
	check(reader)
	must(t, reader.Close())
	if _, err := Rebuild(ctx, f.Dir, f.Book, OpenOptions{}); err != nil {
		t.Fatal(err)
	}
	f = openFolder(t, f.Dir)
	check(f)
	if _, err := f.WithdrawRound(ctx, "2012F", usualDecision); err != nil {
		t.Fatal(err)
	}
	withdrawn := roundText(t, f, "2012F")
	if want := roundText(t, other, "2012F"); withdrawn != want {
		t.Errorf("withdrawn: %s, want %s", withdrawn, want)
	}
	must(t, f.Close())
	f = openFolder(t, f.Dir)
	if got := roundText(t, f, "2012F"); got != withdrawn {
		t.Errorf("withdrawn and opened again: %s", got)
	}
}

// TestRoundIsRefused: what cannot be declared changes nothing, whoever asks and how.
func TestRoundIsRefused(t *testing.T) {
	ctx, f := context.Background(), newFolder(t)
	before := roundText(t, f, "2012F")
	set := func(name string, dates model.RoundDates) error {
		_, err := f.SetRound(ctx, name, dates, usualDecision)
		return err
	}
	wantCode(t, set("2012X", model.RoundDates{}), "round-unknown")
	wantCode(t, set("2012F", model.RoundDates{Weeks: []int{30}}), "round-invalid")
	wantCode(t, set("2012F", model.RoundDates{DataDeadline: model.NewDate(2012, 5, 12)}), "round-invalid")
	_, err := f.WithdrawRound(ctx, "2012F", usualDecision)
	wantCode(t, err, "nothing-to-do")
	for _, r := range []model.Record{
		{Kind: model.RecordRound, Round: "2012F", Body: []byte(`{"weeks":"17"}`)}, {Kind: model.RecordRound, Round: "2012F", Body: []byte(`{"data_deadline":"snart"}`)},
		{Kind: model.RecordRound, Round: "2012f", Body: []byte(`{}`)}, {Kind: model.RecordRound, Round: "2012F", Key: "x", Body: []byte(`{}`)},
		{Kind: model.RecordRound, Round: "2012F", Municipality: 259, Body: []byte(`{}`)}, {Kind: model.RecordRound, Round: "2012F", Body: []byte(`{"weeks":[17,19]}`)},
	} {
		wantCode(t, f.Declare(ctx, usualDecision, func(context.Context) ([]model.Record, error) { return []model.Record{r}, nil }), "round-invalid")
	}
	if got := roundText(t, f, "2012F"); got != before || f.journal.nextSeq() != 1 {
		t.Errorf("%s, journal at %d", got, f.journal.nextSeq())
	}
	wantCode(t, set("2012F", model.RoundDates{}), "nothing-to-do")
	setRound(t, f, "2012F", model.RoundDates{Primary: 18})
	wantCode(t, set("2012F", model.RoundDates{Primary: 18}), "nothing-to-do")
	setRound(t, f, "2012F", model.RoundDates{}) // nothing of its own is the default's
	if got := roundText(t, f, "2012F"); got != before {
		t.Errorf("%s, want %s", got, before)
	}
}

// lateIn tells whether the municipality's first upload of a round is late by the round as it stands.
func lateIn(t fataler, f *Folder, name string) bool {
	t.Helper()
	r, err := f.Book.Round(name)
	must(t, err)
	states, err := f.Store.RoundStates(context.Background(), r, r.Last+100, 259)
	must(t, err)
	if len(states) != 1 {
		t.Fatalf("%d states", len(states))
	}
	_, late := states[0].Late(r)
	return late
}

// TestLateFollowsTheDeadline: autumn 2012 holds the end of summer time (28-10-2012). An upload is late by the deadline that stands, to
// the second in Copenhagen; its receipt keeps what it was told. Late rows count.
func TestLateFollowsTheDeadline(t *testing.T) {
	f := newFolder(t)
	data := []byte(approvalHeader + approvalRow(259, "28-10-2012", "") + approvalRow(259, "29-10-2012", ""))
	in := load(t, f, data, Options{Name: "a.csv", Received: at(t, "2012-11-20 12:00:00")})
	if got := rulesIn(t, in); slices.Contains(got, "W02") || lateIn(t, f, "2012E") {
		t.Errorf("in time: %v", got)
	}
	setRound(t, f, "2012E", model.RoundDates{DataDeadline: model.NewDate(2012, 11, 19)})
	if !lateIn(t, f, "2012E") {
		t.Error("the deadline was moved before it, and it is not late")
	}
	setRound(t, f, "2012E", model.RoundDates{DataDeadline: model.NewDate(2012, 11, 20)})
	if lateIn(t, f, "2012E") {
		t.Error("late on the day of the deadline")
	}
	// weeks 43 and 44 only: by rule 18-11-2012, across the end of summer time
	setRound(t, f, "2012E", model.RoundDates{Weeks: []int{43, 44}})
	for text, late := range map[string]bool{"2012-11-18 23:59:59": false, "2012-11-19 00:00:00": true} {
		u := prepare(t, f, []byte(approvalHeader+approvalRow(259, "30-10-2012", text)), Options{Name: "b.csv", Received: at(t, text)})
		if u.Fault != nil {
			t.Fatal(u.Fault)
		}
		var said []string
		for _, x := range findingsOf(t, u) {
			if x.Rule == "W02" {
				said = append(said, x.Detail)
			}
		}
		if (len(said) > 0) != late || late && !strings.Contains(said[0], "18-11-2012") || u.Receipt.Accepted != 1 {
			t.Errorf("received %s: %q, %d accepted", text, said, u.Receipt.Accepted)
		}
		must(t, u.Discard())
	}
	if got := rulesIn(t, in); slices.Contains(got, "W02") {
		t.Error("the receipt is another than the one that was given")
	}
}

// TestOtherDaysVoidApprovals: an approval is of a round's days. Other deadlines leave it, other days void it for every municipality,
// and so does taking them back; rebuild ends the same.
func TestOtherDaysVoidApprovals(t *testing.T) {
	ctx, f := context.Background(), newFolder(t)
	load(t, f, []byte(approvalHeader+approvalRow(259, "23-04-2012", "")+approvalRow(253, "30-04-2012", "")+approvalRow(253, "22-10-2012", "")), Options{Name: "a.csv", Received: at(t, "2012-11-20 12:00:00")})
	approve(t, f, 259, "2012F")
	approve(t, f, 253, "2012F")
	approve(t, f, 253, "2012E")
	setRound(t, f, "2012F", model.RoundDates{DataDeadline: model.NewDate(2012, 6, 8), Primary: 18})
	wantApprovals(t, f, "2012F 253 k7", "2012F 259 k7", "2012E 253 k7")
	setRound(t, f, "2012F", model.RoundDates{Weeks: []int{18, 19}})
	void := []string{`2012F 253 k7 reopened for 0 by "kl"`, `2012F 259 k7 reopened for 0 by "kl"`}
	wantApprovals(t, f, append(void, "2012E 253 k7")...)
	wantCode(t, f.Approve(ctx, 259, "2012F", Decision{usualReceived, "k7"}), "no-contacts") // week 17 is out of it
	approve(t, f, 253, "2012F")
	must2(f.WithdrawRound(ctx, "2012F", Decision{usualReceived, "kl"}))(t)
	all := []string{void[0], void[0], void[1], "2012E 253 k7"}
	wantApprovals(t, f, all...)
	must(t, f.Close())
	if _, err := Rebuild(ctx, f.Dir, f.Book, OpenOptions{}); err != nil {
		t.Fatal(err)
	}
	f = openFolder(t, f.Dir)
	wantApprovals(t, f, all...)
}

// TestLastRoundStands: whatever was declared in whatever order, the last word stands, in the running folder, after opening it again, and
// from the journal alone.
func TestLastRoundStands(t *testing.T) {
	rapidChecks(t, 30) // each change waits for the disk
	f := newFolder(t)
	rapid.Check(t, func(rt *rapid.T) {
		ctx := context.Background()
		last := map[string]*model.RoundDates{}
		for range rapid.IntRange(1, 5).Draw(rt, "changes") {
			name := rapid.SampledFrom([]string{"2027F", "2027E"}).Draw(rt, "round")
			if rapid.IntRange(0, 3).Draw(rt, "what") == 0 {
				if _, err := f.WithdrawRound(ctx, name, usualDecision); err == nil {
					last[name] = nil
				}
				continue
			}
			first := map[string]int{"2027F": 15, "2027E": 41}[name] + rapid.IntRange(0, 4).Draw(rt, "first")
			dates := model.RoundDates{Weeks: []int{first, first + 1}}
			if n := rapid.IntRange(0, 60).Draw(rt, "deadline"); n > 30 {
				dates.DataDeadline = model.NewDate(2027, 6, 1) + model.Date(6*n)
			}
			if _, err := f.SetRound(ctx, name, dates, usualDecision); err == nil {
				last[name] = &dates
			}
		}
		want := testBook(rt).Own()
		standing, err := queries.Standing[model.RoundDates](ctx, f.Store, queries.RecordFilter{Kind: model.RecordRound})
		must(rt, err)
		for _, s := range standing {
			if _, touched := last[s.Round]; !touched {
				last[s.Round] = &s.Value
			}
		}
		for name, dates := range last {
			must(rt, want.DeclareRound(name, dates))
		}
		written, err := RoundsIn(ctx, f.Dir, testBook(rt))
		must(rt, err)
		for _, name := range []string{"2027F", "2027E"} {
			r, _ := want.Round(name)
			now, _ := f.Book.Round(name)
			read, _ := written.Round(name)
			if fmt.Sprint(now) != fmt.Sprint(r) || fmt.Sprint(read) != fmt.Sprint(r) {
				rt.Fatalf("%s is\n%v, in the journal\n%v, want\n%v", name, now, read, r)
			}
		}
	})
	now := roundText(t, f, "2027F") + roundText(t, f, "2027E")
	must(t, f.Close())
	f = openFolder(t, f.Dir)
	if got := roundText(t, f, "2027F") + roundText(t, f, "2027E"); got != now {
		t.Errorf("opened again: %s, want %s", got, now)
	}
}

// TestRoundWhileOthersRead: the codebook is asked by many while dates are declared; an upload under way keeps the round it began with.
func TestRoundWhileOthersRead(t *testing.T) {
	ctx, f := context.Background(), newFolder(t)
	u := prepare(t, f, []byte(approvalHeader+approvalRow(259, "23-04-2012", "")), Options{Name: "a.csv"})
	var group sync.WaitGroup
	stop := make(chan struct{})
	for range 4 {
		group.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				r, err := f.Book.Round("2012F")
				if err != nil || r.Last-r.First+1 != model.Date(7*len(r.Weeks)) {
					t.Errorf("a round that never was: %+v, %v", r, err)
					return
				}
				f.Book.RoundOn(model.NewDate(2012, 4, 23))
				f.Book.PublishedRounds(usualReceived)
			}
		})
	}
	declared := make(chan error, 1)
	go func() {
		_, err := f.SetRound(ctx, "2012F", model.RoundDates{Weeks: []int{18}}, usualDecision)
		declared <- err
	}()
	if r, _ := f.Book.Round("2012F"); r.Declared {
		t.Error("declared while an upload has the turn")
	}
	must(t, u.Commit(ctx))
	must(t, <-declared)
	for i := range 20 {
		setRound(t, f, "2012F", model.RoundDates{Weeks: []int{17, 18}[:1+i%2]})
	}
	close(stop)
	group.Wait()
	if u.Receipt.Round != "2012F" || slices.Contains(rulesIn(t, u), "W01") {
		t.Errorf("the upload is of %q", u.Receipt.Round)
	}
}
