package web

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"komhen/ingest"
	"komhen/model"
	"komhen/web/account"
	"komhen/web/audit"
	"komhen/web/paper"
)

// klikDeletionSite is klikWork with a clock that the test sets; the project »Prøve« has the tasks P 1 and P 2 of Køge and Odense.
func klikDeletionSite(t *testing.T, chromium string) (s *site, clock *handClock, project uint32) {
	t.Helper()
	clock = &handClock{at: at(2012, 11, 20)()}
	s, first, _, _ := klikWork(t, Config{Chromium: chromium, Now: clock.now})
	plan, err := s.folder.Store.KlikPlan(t.Context(), 0)
	check(t, err)
	return s, clock, plan.Task(first).Project
}

// TestKlikDeletionPages: the operator announces, moves and takes back; everybody concerned reads it; who has fetched is told, and from the day on there is nothing
// left to see, fetch or work in but the log.
func TestKlikDeletionPages(t *testing.T) {
	s, clock, project := klikDeletionSite(t, paper.NoBrowser)
	plan, err := s.folder.Store.KlikPlan(t.Context(), 0)
	check(t, err)
	first, second := plan.Find(project, "P 1").ID, plan.Find(project, "P 2").ID
	kl := s.as(t, account.Operator, 0, "")
	_, body := kl.get("/klik/deletion")
	kl.wants(body, "Ingen opgaver står til at blive slettet.", "Hele projektet »Prøve« (2 opgaver)", "Tidligst 04-12-2012", "Ingen opgaver er slettet.")
	say := func(pairs ...string) (int, string) {
		f := url.Values{}
		for i := 0; i < len(pairs); i += 2 {
			f.Set(pairs[i], pairs[i+1])
		}
		return kl.post("/klik/deletion", f)
	}
	whole := fmt.Sprintf("project-%d", project)
	for _, wrong := range [][]string{{"what", whole}, {"what", whole, "day", "2012-11-20"}, {"what", whole, "day", "2012-12-03"}, {"what", whole, "day", "snart"}, {"what", "project-999", "day", "2013-01-10"}, {"what", "", "day", "2013-01-10"}, {"day", ""}, {"what", "task-x", "day", "2013-01-10"},
		{"what", fmt.Sprintf("announced-%d-2013-01-10", project), "withdraw", "1"}} {
		if status, body := say(wrong...); status != http.StatusUnprocessableEntity || !strings.Contains(body, "error-summary") {
			t.Errorf("%v: %d %s", wrong, status, words(body))
		}
	}
	_, body = say("what", whole, "day", "2012-12-04")
	kl.wants(body, "2 opgaver i »Prøve« bliver slettet 04-12-2012. 2 kommuner kan hente dem til og med 03-12-2012", "om 14 dage", "0 af 2 kommuner", "2 kommuner har ikke hentet alle Køge, Odense")
	_, body = say("what", whole, "day", "04-12-2012")
	kl.wants(body, "Det står allerede sådan.")
	_, body = say("what", fmt.Sprintf("announced-%d-2012-12-04", project), "day", "2012-12-10")
	kl.wants(body, "bliver slettet 10-12-2012", "2 opgaver i »Prøve« bliver slettet 10-12-2012 og ikke 04-12-2012.")
	_, body = say("what", fmt.Sprintf("task-%d", second), "withdraw", "1")
	kl.wants(body, "1 opgave i »Prøve« bliver ikke slettet.", "»P 2« i »Prøve« bliver ikke slettet alligevel. Det var annonceret til 10-12-2012.")
	_, body = kl.get(fmt.Sprintf("/klik/deletion?what=task-%d", second))
	kl.wants(body, "Opgaven (P 2) Gør det bagefter")
	_, body = say("what", fmt.Sprintf("task-%d", second), "day", "2012-12-10")
	kl.wants(body, "bliver slettet 10-12-2012")

	koege, odense, greve := s.as(t, account.Coordinator, 259, ""), s.as(t, account.Reader, 461, ""), s.as(t, account.Coordinator, 253, "")
	if status, _ := koege.post("/klik/deletion", url.Values{"what": {whole}, "withdraw": {"1"}}); status != http.StatusForbidden {
		t.Error(status)
	}
	task := func(id uint32, town int) string { return fmt.Sprintf("/klik/tasks/%d?municipality=%d", id, town) }
	export := func(id uint32, town int) string {
		return fmt.Sprintf("/klik/tasks/%d/export?municipality=%d&format=html", id, town)
	}
	_, body = koege.get("/klik")
	koege.wants(body, "2 opgaver i »Prøve« bliver slettet 10-12-2012. De kan hentes som PDF til og med 09-12-2012.")
	if _, body = greve.get("/klik"); strings.Contains(body, "bliver slettet") {
		t.Error("who does not have the tasks is told")
	}
	koege.post(task(first, 259), url.Values{"status": {"IGANG"}, "responsible": {"Åse Ærø"}, "comment": {"Første linje\nanden linje: æøå <b>"}})
	kl.post(fmt.Sprintf("/klik/tasks/%d/message", first), url.Values{"message": {"#besked I kan starte nu. Frist: 01-12-2012"}})
	_, body = koege.get(task(first, 259))
	koege.wants(body, "Opgaven bliver slettet 10-12-2012", "til og med 09-12-2012", "Hent opgaven som HTML til udskrift")
	_, body = koege.get(export(first, 259))
	for _, want := range []string{"<h1>(P 1) Gør det først</h1>", "Køge Kommune", "Åse Ærø", "Første linje\nanden linje: æøå &lt;b&gt;", "I kan starte nu. Frist: 01-12-2012", "Ikke påbegyndt", "I gang", "Prøve Tovholder", "10-12-2012", "Bølge A"} {
		if !strings.Contains(body, want) {
			t.Errorf("on paper there is no %q", want)
		}
	}
	for path, want := range map[string]int{export(first, 461): http.StatusNotFound, "/klik/export?municipality=461": http.StatusBadRequest, export(9999, 259): http.StatusNotFound, export(first, 259) + "x": http.StatusBadRequest} {
		if status, _ := koege.get(path); status != want && !(want == http.StatusBadRequest && status == http.StatusForbidden) {
			t.Errorf("%s: %d", path, status)
		}
	}
	for path, want := range map[string]int{fmt.Sprintf("/klik/tasks/%d/export", first): http.StatusBadRequest, "/klik/export": http.StatusBadRequest, "/klik/export?municipality=259&project=Andet": http.StatusNotFound, export(first, 259): http.StatusOK} {
		if status, _ := kl.get(path); status != want {
			t.Errorf("%s: %d", path, status)
		}
	}
	_, body = koege.get("/klik/deletion")
	koege.wants(body, "(P 1) Gør det først : hentet 20-11-2012", "(P 2) Gør det bagefter : ikke hentet", "Hent dem alle som HTML")
	if strings.Contains(body, "Odense") || strings.Contains(body, `name="what"`) {
		t.Error("a municipality sees others, or may announce")
	}
	_, body = odense.get("/klik/export?format=html&project=Pr%C3%B8ve")
	for _, want := range []string{"2 opgaver, hver med alt", "2 af dem slettes 10-12-2012", `<h2 id="opgave-1">(P 1)`, `<h2 id="opgave-2">(P 2)`} {
		if !strings.Contains(body, want) {
			t.Errorf("all at once there is no %q", want)
		}
	}
	if strings.Contains(body, "Åse") || strings.Contains(body, "æøå") {
		t.Error("another municipality's words")
	}
	_, body = kl.get("/klik/deletion")
	kl.wants(body, "1 af 2 kommuner", "1 kommune har ikke hentet alle Køge", "1 kommune har hentet alle Odense: 20-11-2012")
	if got := s.actions(t, audit.Filter{Action: klikExported}); got != "klik.export klik.export" {
		t.Error(got) // what KL fetched is none
	}

	for day, want := range map[int]int{9: http.StatusOK, 10: http.StatusGone, 11: http.StatusGone} {
		clock.set(at(2012, 12, day)())
		koege := s.as(t, account.Coordinator, 259, "")
		for _, path := range []string{task(first, 259), export(first, 259), export(second, 259)} {
			status, body := koege.get(path)
			if status != want || status == http.StatusGone && !strings.Contains(words(body), "blev slettet 10-12-2012, og den sidste dag, I kunne hente den, var 09-12-2012.") {
				t.Errorf("%s on %d: %d %s", path, day, status, words(body))
			}
		}
		if status, _ := koege.post(task(first, 259), url.Values{"status": {"AFVENTER"}}); status != want {
			t.Errorf("work on %d: %d", day, status)
		}
		if status, _ := koege.get("/klik/export?format=html&project=Pr%C3%B8ve"); (status == http.StatusOK) != (want == http.StatusOK) {
			t.Errorf("all on %d: %d", day, status)
		}
		for _, path := range []string{"/klik/tasks?municipality=259&completed=1", "/klik/download?view=tasks&municipality=259&format=csv", "/klik?view=masters&municipality=259"} {
			if _, body := koege.get(path); strings.Contains(body, "Gør det først") != (want == http.StatusOK) {
				t.Errorf("%s on %d", path, day)
			}
		}
		check(t, s.logKlikDeleted(t.Context()))
		check(t, s.logKlikDeleted(t.Context()))
	}
	clock.set(local("2012-12-10 00:00"))
	if status, _ := s.as(t, account.Coordinator, 259, "").get(task(first, 259)); status != http.StatusGone {
		t.Errorf("at midnight: %d", status)
	}
	if records, _, err := s.audit.Read(audit.Filter{Action: klikDeletedAction}, "", 50); err != nil || len(records) != 1 || records[0].Detail != "10-12-2012" || records[0].Actor != ingest.ByService || !slices.Equal(klikRange(records[0].Object), []uint32{first, second}) {
		t.Errorf("%+v %v", records, err)
	}
	kl = s.as(t, account.Operator, 0, "")
	_, body = kl.get("/klik/deletion")
	kl.wants(body, "Ingen opgaver står til at blive slettet.", "2 opgaver i »Prøve«", "Blev slettet 10-12-2012", "2 opgaver i »Prøve« blev slettet. Tjenesten", "2 af 2 kommuner", "(P 1) Gør det først: 2 kommuner") // the second one was fetched on the 9th
	if strings.Contains(body, fmt.Sprintf(`href="/klik/tasks/%d"`, first)) {
		t.Error("a deleted task is led to")
	}
	if status, body := say("what", fmt.Sprintf("task-%d", first), "withdraw", "1"); status != http.StatusUnprocessableEntity {
		t.Errorf("brought back: %d %s", status, words(body))
	}
	_, body = kl.get("/audit?action=klik")
	kl.wants(body, "Annoncerede sletning af KLIK-opgaver", "Tog annonceret sletning tilbage", "Hentede hele KLIK-opgaver", "KLIK-opgaver blev slettet")
}

// TestKlikDeletionReminders: coordinators of those who have the tasks get the news once, and 7, 2 and 0 days before the last day what they have not fetched.
func TestKlikDeletionReminders(t *testing.T) {
	s, clock, project := klikDeletionSite(t, paper.NoBrowser)
	kl := s.as(t, account.Operator, 0, "")
	say := func(day string) {
		t.Helper()
		f := url.Values{"what": {fmt.Sprintf("project-%d", project)}, "day": {day}}
		if day == "" {
			f.Set("withdraw", "1")
		}
		if status, body := kl.post("/klik/deletion", f); status != http.StatusOK {
			t.Fatal(words(body))
		}
	}
	letters := func(town uint16) (list []string) { // from the first morning to the last
		for day := model.NewDate(2012, 11, 20); day < model.NewDate(2013, 1, 10); day++ {
			found, err := klikDeletionReminders(t.Context(), s.Server, reminderDay{day - 1, day}, account.Account{Role: account.Coordinator, Municipality: town})
			check(t, err)
			for _, r := range found {
				if r.Now {
					list = append(list, day.String()[:5]+" "+r.Text)
				}
			}
		}
		return list
	}
	say("2012-12-20")
	want := []string{"21-11 2 opgaver i »Prøve« bliver slettet 20-12-2012. Hent dem som PDF senest 19-12-2012, hvis I vil gemme dem.",
		"12-12 2 opgaver i »Prøve« bliver slettet om 8 dage (20-12-2012). I har ikke hentet 2 af dem. Det kan I til og med 19-12-2012.",
		"17-12 2 opgaver i »Prøve« bliver slettet om 3 dage (20-12-2012). I har ikke hentet 2 af dem. Det kan I til og med 19-12-2012.",
		"19-12 2 opgaver i »Prøve« bliver slettet i morgen (20-12-2012). I har ikke hentet 2 af dem. Det kan I til og med 19-12-2012."}
	if got := letters(259); !slices.Equal(got, want) {
		t.Errorf("%s", strings.Join(got, "\n"))
	}
	if got := letters(253); len(got) > 0 {
		t.Errorf("who does not have the tasks: %v", got)
	}
	s.as(t, account.Reader, 259, "").get("/klik/export?format=html&project=Pr%C3%B8ve")
	if got := letters(259); !slices.Equal(got, want[:1]) {
		t.Errorf("fetched, and reminded: %s", strings.Join(got, "\n"))
	}
	if got := letters(461); len(got) != 4 {
		t.Errorf("another municipality fetched: %s", strings.Join(got, "\n"))
	}
	clock.set(clock.now().Add(time.Hour))
	say("")
	if got := letters(461); len(got) > 0 {
		t.Errorf("announced and taken back before anybody was told: %v", got)
	}
	say("2012-12-20")
	clock.set(clock.now().AddDate(0, 0, 3))
	kl = s.as(t, account.Operator, 0, "")
	say("2012-12-27")
	if got := letters(461); len(got) != 5 || got[1] != "24-11 2 opgaver i »Prøve« bliver slettet 27-12-2012 og ikke 20-12-2012. Hent dem som PDF senest 26-12-2012, hvis I vil gemme dem." {
		t.Errorf("moved: %s", strings.Join(got, "\n"))
	}
	clock.set(clock.now().AddDate(0, 0, 3))
	kl = s.as(t, account.Operator, 0, "")
	say("")
	if got := letters(461); len(got) != 3 || got[2] != "27-11 2 opgaver i »Prøve« bliver ikke slettet alligevel. Det var annonceret til 27-12-2012." {
		t.Errorf("taken back: %s", strings.Join(got, "\n"))
	}
}

// TestKlikRanges: what is written is read again, whatever the numbers, and each line fits the log.
func TestKlikRanges(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for n := range 400 {
		var ids []uint32
		for range random.IntN(1 + 2*n) {
			ids = append(ids, 1+uint32(random.IntN(1+3*n)))
		}
		var back []uint32
		for _, text := range klikRanges(ids) {
			if len(text) > klikObjectMost+20 {
				t.Fatalf("%d bytes", len(text))
			}
			back = append(back, klikRange(text)...)
		}
		slices.Sort(ids)
		if ids = slices.Compact(ids); !slices.Equal(ids, back) {
			t.Fatalf("%v became %v", ids, back)
		}
	}
	if got := klikRange("x,3-1,,5,7-8-9,0-4294967295,2"); !slices.Equal(got, []uint32{5, 2}) {
		t.Error(got)
	}
}
