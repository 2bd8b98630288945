package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"komhen/reports"
	"komhen/web/account"
)

// threeQuestions is the form of a short questionnaire.
func threeQuestions() url.Values {
	return url.Values{"intro": {"For hele kommunen."}, "text-0": {"Har I en strategi?"}, "kind-0": {"yes-no"}, "required-0": {"1"}, "order-0": {"1"},
		"text-1": {"Hvem har ansvaret?"}, "kind-1": {"one"}, "options-1": {"It\r\nBorgerservice\r\n"}, "order-1": {"3"}, "text-2": {"Hvad virker?"}, "kind-2": {"text"}, "order-2": {"2,5"}}
}

// TestQuestions walks a round's questions: KL writes them, a coordinator saves a draft and hands in, the answers are reported, KL changes a question,
// and the answer that no longer fits is asked for again.
func TestQuestions(t *testing.T) {
	s := newSite(t, Config{Now: at(2012, 5, 20)})
	kl, koege, odense := s.as(t, account.Operator, 0, ""), s.as(t, account.Coordinator, 259, ""), s.as(t, account.Coordinator, 461, "")
	status, body := kl.post("/questions/2012F/edit", url.Values{"text-0": {"Hvem?"}, "kind-0": {"one"}, "options-0": {"Kun én"}})
	if status != http.StatusUnprocessableEntity || !strings.Contains(body, `href="#options-0"`) || !strings.Contains(body, "Hvem?") {
		t.Errorf("one option: %d %s", status, words(body))
	}
	if status, body = kl.post("/questions/2012F/edit", threeQuestions()); status != http.StatusOK || !strings.Contains(body, "3 spørgsmål er gemt") {
		t.Fatalf("%d %s", status, words(body))
	}
	q, err := reports.QuestionsOf(t.Context(), s.folder.Store, "2012F")
	check(t, err)
	if q.Questions[1].Text != "Hvad virker?" || q.Questions[2].Options[1] != "Borgerservice" || q.Questions[0].ID != "s1" || q.Given != 3 {
		t.Fatalf("%+v", q)
	}
	strategy, works, who := q.Questions[0].ID, q.Questions[1].ID, q.Questions[2].ID
	if status, body = koege.post("/questions/2012F", url.Values{"step": {"hand-in"}, works: {"om 010190-1234"}, who: {"It"}}); status != http.StatusUnprocessableEntity ||
		!strings.Contains(body, "Spørgsmål 1 skal besvares") || !strings.Contains(body, `href="#`+works+`"`) || !strings.Contains(body, `value="It" checked`) {
		t.Errorf("%d %s", status, words(body))
	}
	koege.post("/questions/2012F", url.Values{"step": {"draft"}, who: {"It"}})
	state := func(municipality uint16) reports.QuestionsState {
		t.Helper()
		round, err := s.book.Round("2012F")
		check(t, err)
		states, err := reports.QuestionsStates(t.Context(), s.folder.Store, s.book, round, municipality)
		check(t, err)
		return states[0]
	}
	if x := state(259); !x.Draft || x.HandedIn || !x.Outstanding() {
		t.Errorf("%+v", x)
	}
	koege.post("/questions/2012F", url.Values{"step": {"hand-in"}, strategy: {"Ja"}, who: {"It"}, works: {"<b>Kaffe</b> & tid"}})
	odense.post("/questions/2012F", url.Values{"step": {"hand-in"}, strategy: {"Nej"}, who: {"Borgerservice"}, works: {"en hemmelighed"}})
	if x := state(259); x.Outstanding() || x.Late {
		t.Errorf("%+v", x)
	}
	report := func(v *visitor, municipality string) (rows [][]any) {
		t.Helper()
		status, body := v.get("/reports/questions/download?format=json&round=2012F&municipality=" + municipality)
		var d struct{ Rows [][]any }
		if err := json.Unmarshal([]byte(body), &d); err != nil || status != http.StatusOK {
			t.Fatalf("%d %.300s", status, body)
		}
		return d.Rows
	}
	for municipality, want := range map[string]string{
		"259": "[[1 Har I en strategi? Ja 2 0.5 <nil>] [2 Hvad virker? <b>Kaffe</b> & tid 2 <nil> <nil>] [3 Hvem har ansvaret? It 2 0.5 <nil>]]",
		"all": "[[1 Har I en strategi? Ja 1 0.5 <nil>] [1 Har I en strategi? Nej 1 0.5 <nil>] [2 Hvad virker? Fri tekst 2 <nil> <nil>] [3 Hvem har ansvaret? It 1 0.5 <nil>] [3 Hvem har ansvaret? Borgerservice 1 0.5 <nil>]]"} {
		if got := fmt.Sprint(report(koege, municipality)); got != want {
			t.Errorf("%s: %s", municipality, got)
		}
	}
	for _, path := range []string{"/questions/2012F", "/questions/2012F?municipality=461", "/questions/2012F?municipality=all", "/reports/questions?round=2012F&municipality=461", "/reports/questions?round=2012F&municipality=all"} {
		if _, body := koege.get(path); strings.Contains(body, "hemmelighed") {
			t.Errorf("%s shows what another municipality wrote", path)
		}
	}
	if _, body = kl.get("/questions/2012F"); !strings.Contains(body, "en hemmelighed") || !strings.Contains(body, "&lt;b&gt;Kaffe&lt;/b&gt; &amp; tid") || !strings.Contains(words(body), "2 af 98 kommuner har svaret") {
		t.Errorf("KL sees %s", words(body))
	}
	changed := threeQuestions()
	for i, id := range []string{strategy, works, who} {
		changed.Set(fmt.Sprint("id-", i), id)
		changed.Set(fmt.Sprint("order-", i), fmt.Sprint(i))
	}
	changed.Set("text-1", "Hvad virker?")
	changed.Set("kind-1", "text")
	changed.Set("text-2", "Hvem har ansvaret?")
	changed.Set("kind-2", "one")
	changed.Set("options-2", "It-afdelingen\nBorgerservice")
	changed.Set("required-2", "1")
	kl.post("/questions/2012F/edit", changed)
	if x := state(259); x.Missing != 1 || !x.Outstanding() || state(461).Outstanding() {
		t.Errorf("%+v and %+v", x, state(461))
	}
	if rows := report(koege, "259"); rows[2][2] != nil || rows[0][2] != "Ja" {
		t.Errorf("%v", rows)
	}
	for i := range 3 {
		changed.Set(fmt.Sprint("delete-", i), "1")
	}
	kl.post("/questions/2012F/edit", changed)
	if q, err := reports.QuestionsOf(t.Context(), s.folder.Store, "2012F"); q != nil || err != nil {
		t.Errorf("%+v, %v", q, err)
	}
}

// TestQuestionsAreOnesOwn: nobody answers for another municipality, and only KL writes the questions.
func TestQuestionsAreOnesOwn(t *testing.T) {
	s := demoSite(t, Config{Now: at(2012, 11, 20)})
	koege := s.as(t, account.Coordinator, 259, "")
	if status, _ := koege.post("/questions/2012E", url.Values{"municipality": {"461"}, "step": {"draft"}}); status != http.StatusForbidden {
		t.Errorf("answering for Odense: %d", status)
	}
	if status, _ := koege.post("/questions/2012E/edit", threeQuestions()); status != http.StatusForbidden {
		t.Errorf("writing questions: %d", status)
	}
	if status, _ := s.as(t, account.Reader, 259, "").post("/questions/2012E", url.Values{"step": {"draft"}}); status != http.StatusForbidden {
		t.Errorf("a reader answering: %d", status)
	}
	if status, body := koege.get("/questions/2013F"); status != http.StatusOK || !strings.Contains(body, "ingen spørgsmål") {
		t.Errorf("a round without questions: %d", status)
	}
	if status, _ := koege.post("/questions/2013F", url.Values{"step": {"draft"}}); status != http.StatusNotFound {
		t.Errorf("answering where nothing is asked: %d", status)
	}
	_, body := s.as(t, account.Operator, 0, "").get("/questions/2013F/edit")
	if !strings.Contains(body, "kanalstrategi") || !strings.Contains(body, "er fra Efterår 2012") {
		t.Errorf("the next round does not begin with the last one's: %s", words(body))
	}
}
