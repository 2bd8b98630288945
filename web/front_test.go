package web

import (
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"komhen/model"
	"komhen/reports"
	"komhen/web/account"
)

// at is a service's clock that stands still.
func at(year int, month time.Month, day int) func() time.Time {
	return func() time.Time { return time.Date(year, month, day, 12, 0, 0, 0, model.Copenhagen) }
}

// TestFrontPage: a coordinator sees how the round goes, approves it, and it is provisional again when reopened.
func TestFrontPage(t *testing.T) {
	s := demoSite(t, Config{Now: at(2012, 11, 20)})
	round, _ := s.book.Round("2012E")
	p, err := reports.FrontPageOf(t.Context(), s.folder.Store, s.book, round, 259, s.now())
	if err != nil {
		t.Fatal(err)
	}
	v := s.as(t, account.Coordinator, 259, "")
	status, body := v.get("/")
	text := words(body)
	if status != http.StatusOK {
		t.Fatalf("%d %s", status, text)
	}
	want := []string{"Køge Kommune", "Efterår 2012 (2012E)", "Foreløbige tal", model.FormatInt(p.Contacts), reports.CellText(p.Digital, reports.Share),
		"25-11-2012", "om 5 dage", changeText(p.Latest), "Godkend tallene", "Seneste indmeldinger", "Dag for dag"}
	for _, m := range p.Missing {
		want = append(want, m.Text)
	}
	for _, c := range p.Channels {
		want = append(want, c.Label+" "+model.FormatInt(c.Contacts)+" ")
	}
	for _, part := range want {
		if !strings.Contains(text, part) {
			t.Errorf("the front page does not say %q:\n%s", part, text)
		}
	}
	// Approved by the coordinator alone.
	analyst := s.as(t, account.Analyst, 259, "")
	if status, body := analyst.get("/"); status != http.StatusOK || strings.Contains(body, "/approve") || strings.Contains(body, "Seneste indmeldinger") {
		t.Errorf("an analyst is offered what is the coordinator's: %d", status)
	}
	if status, _ := analyst.post("/rounds/2012E/approve", nil); status != http.StatusForbidden {
		t.Errorf("an analyst approved: %d", status)
	}
	if status, _ := v.post("/rounds/2012E/approve", url.Values{"municipality": {"461"}}); status != http.StatusForbidden {
		t.Errorf("approved for another: %d", status)
	}
	if status, body := v.post("/rounds/2012E/approve", url.Values{"municipality": {"259"}}); status != http.StatusOK || !strings.Contains(words(body), "Godkendt 20-11-2012 12:00 af Prøve Tovholder") {
		t.Fatalf("%d %s", status, words(body))
	}
	if status, body := v.post("/rounds/2012E/approve", nil); status != http.StatusConflict || !strings.Contains(words(body), "allerede godkendt") {
		t.Errorf("approved twice: %d %s", status, words(body))
	}
	if _, body := v.get("/rankings?round=2012E&measure=per-1000"); strings.Count(body, ">godkendt<") != 1 || strings.Count(body, ">foreløbig<") != 2 {
		t.Error("the ranking does not say who is provisional")
	}
	if status, body := v.post("/rounds/2012E/reopen", nil); status != http.StatusOK || !strings.Contains(words(body), "Foreløbige tal") {
		t.Errorf("%d %s", status, words(body))
	}
	if status, body := v.post("/rounds/12F/approve", nil); status != http.StatusNotFound {
		t.Errorf("%d %s", status, words(body))
	}
	log, err := os.ReadFile(newest(t, s.folder.Dir+"/audit"))
	if err != nil || !strings.Contains(string(log), "round.approve") || !strings.Contains(string(log), "round.reopen") {
		t.Error("the log does not tell of the approval", err)
	}
	for path, want := range map[string]int{"/municipalities/259": 200, "/municipalities/461": 403, "/municipalities/1": 404, "/municipalities/x": 404, "/?round=nope": 404, "/?round=2012F": 200, "/?round=2020E": 200} {
		if status, body := v.get(path); status != want {
			t.Errorf("%s: %d %.300s", path, status, words(body))
		}
	}
}

// TestCountryPage: KL sees who has delivered, and any municipality's front page.
func TestCountryPage(t *testing.T) {
	s := demoSite(t, Config{Now: at(2012, 12, 20)})
	v := s.as(t, account.Operator, 0, "")
	round, _ := s.book.Round("2012E")
	d, err := reports.DeliveriesOf(t.Context(), s.folder.Store, s.book, round, s.now())
	if err != nil {
		t.Fatal(err)
	}
	status, body := v.get("/")
	rows, _ := shownFigures(t, strings.Replace(body, `<table class="table table--compact figures"`, `<table class="table table--compact figures`, 1))
	if status != http.StatusOK || len(rows) != 98 || !strings.Contains(words(body), model.FormatInt(d.Contacts)) {
		t.Fatalf("%d, %d rows", status, len(rows))
	}
	for show, want := range map[string]int{"missing": 95, "late": d.Late, "provisional": 3 - d.Approved} {
		_, body := v.get("/?show=" + show)
		if n := strings.Count(body, `href="/municipalities/`) - strings.Count(body, `href="/municipalities/all/`); n != want {
			t.Errorf("%s: %d municipalities, want %d", show, n, want)
		}
	}
	if status, _ := v.get("/?show=nope"); status != http.StatusBadRequest {
		t.Errorf("an unknown choice: %d", status)
	}
	if status, body := v.get("/municipalities/461"); status != http.StatusOK || !strings.Contains(words(body), "Odense Kommune") {
		t.Errorf("%d %s", status, words(body))
	}
	if status, body := v.post("/rounds/2012E/approve", nil); status != http.StatusBadRequest || !strings.Contains(words(body), "Vælg kommunen") {
		t.Errorf("%d %s", status, words(body))
	}
	if status, body := v.post("/rounds/2012E/approve", url.Values{"municipality": {"461"}}); status != http.StatusOK || !strings.Contains(words(body), "Odense Kommune") {
		t.Errorf("%d %s", status, words(body))
	}
}

// TestRunningRound: while a round is counted, the page of an earlier one leads to it.
func TestRunningRound(t *testing.T) {
	s := demoSite(t, Config{Now: at(2013, 5, 2)})
	v := s.as(t, account.Coordinator, 259, "")
	if _, body := v.get("/"); !strings.Contains(words(body), "Forår 2013 er i gang med frist 26-05-2013") {
		t.Errorf("%s", words(body))
	}
	if status, body := v.get("/?round=2013F"); status != http.StatusOK || !strings.Contains(words(body), "Indlæs jeres filer senest 26-05-2013") {
		t.Errorf("%d %s", status, words(body))
	}
}
