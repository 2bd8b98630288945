package web

import (
	"archive/zip"
	"bytes"
	"io"
	"net/url"
	"strings"
	"testing"

	"komhen/reports"
	"komhen/web/account"
	"komhen/web/post/posttest"
	"komhen/web/schedule"
)

// TestNoUnitLeavesItsMunicipality sets everything that can be made up for people of Køge, of Køge and of the nation, while Odense has units with a name of
// their own. No letter, file or subject holds it; and what was put into the store past the form is not made.
func TestNoUnitLeavesItsMunicipality(t *testing.T) {
	t.Parallel()
	server, office := mailTo(t, posttest.Options{})
	clock := &handClock{at: local("2012-11-19 06:00")}
	s := newSiteAt(t, demoFolder(t), Config{Mail: office, Now: clock.now})
	values := foreign(t, s)
	tove := s.person(t, account.Account{Email: "tove@koege.example", Name: "Tove", Role: account.Coordinator, Municipality: 259})
	spy := s.person(t, account.Account{Email: "spion@koege.example", Name: "Spion", Role: account.Analyst, Municipality: 259})
	add := func(owner account.Account, product string, q url.Values) schedule.Job {
		t.Helper()
		j, err := s.schedule.AddJob(schedule.Job{Title: product + " " + q.Get("name"), Owner: owner.ID, Municipality: 259, Product: product, Question: q.Encode(),
			When: schedule.When{Kind: schedule.Daily, At: "07:00"}, To: []string{tove.ID, spy.ID}, Attach: true}, clock.now())
		check(t, err)
		return j
	}
	made := 0
	for _, d := range reports.Names() {
		for _, code := range []string{"259", nation} {
			for _, format := range []string{"csv", "xlsx"} {
				if code == nation && d.NeedsMunicipality {
					continue
				}
				add(tove, "report", url.Values{"name": {d.Name}, "municipality": {code}, "round": {"2012F"}, "format": {format}})
				made++
			}
		}
	}
	add(tove, "benchmark", url.Values{"municipality": {"259"}, "round": {"2012F"}, "group": {"all"}})
	add(tove, "contacts", url.Values{"municipality": {"259"}, "round": {"all"}, "format": {"csv"}})
	forged := map[string]bool{}
	for _, product := range []string{"report", "benchmark", "contacts", "klik"} {
		for _, code := range []string{"461", "Odense", "0461", ""} {
			forged[add(spy, product, url.Values{"name": {"units"}, "municipality": {code}, "round": {"2012F"}, "format": {"csv"}}).ID] = true
		}
	}
	forged[add(spy, "contacts", url.Values{"municipality": {nation}, "round": {"all"}, "format": {"csv"}}).ID] = true
	clock.set(local("2012-11-19 07:00"))
	s.sweep(t.Context())
	for _, r := range s.schedule.Runs(0, func(r schedule.Run) bool { return r.Municipality == 259 }) {
		if !forged[r.Job] && strings.HasPrefix(r.Why, "Der er ingen tal") {
			made-- // the demonstration has none of them
			continue
		}
		if forged[r.Job] != (r.State == schedule.Failed) || forged[r.Job] && len(r.Files) > 0 {
			t.Errorf("%s %s: %s %s", r.Title, r.Question, r.State, r.Why)
		}
		for _, f := range r.Files {
			content, err := s.archived(r.ID(), f.Name)
			check(t, err)
			if fileHolds(t, content, secretWord) {
				t.Errorf("%s of %s holds a unit of Odense", f.Name, r.Question)
			}
		}
	}
	own := 0
	for _, m := range server.Mails() {
		l := m.Read(t)
		if strings.HasSuffix(m.To, "@odense.example") {
			continue // theirs
		}
		if strings.Contains(l.Text+l.HTML+l.Subject, secretWord) {
			t.Errorf("a letter to %s: %s", m.To, l.Text)
		}
		for name, content := range l.Files {
			own++
			if fileHolds(t, content, secretWord) {
				t.Errorf("%s to %s holds a unit of Odense", name, m.To)
			}
		}
	}
	if own < 2*made || made < 20 || values["run"] == "" {
		t.Errorf("%d files were sent of %d reports", own, made)
	}
}

// fileHolds looks for a word in a file, also within a workbook.
func fileHolds(t *testing.T, content []byte, word string) bool {
	t.Helper()
	if bytes.Contains(content, []byte(word)) {
		return true
	}
	z, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return false
	}
	for _, f := range z.File {
		r, err := f.Open()
		check(t, err)
		inside, err := io.ReadAll(r)
		check(t, err)
		if bytes.Contains(inside, []byte(word)) {
			return true
		}
	}
	return false
}
