package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"komhen/model"
	"komhen/reports"
	"komhen/web/account"
	"komhen/web/audit"
	"komhen/web/paper"
)

// TestKlikAPIWork: a program sets what it sends and nothing else, is refused as a person is, and stands in the log; a key may what its role may, in its own
// municipality.
func TestKlikAPIWork(t *testing.T) {
	s, first, second, wave := klikWork(t, Config{})
	x := &service{t: t, site: s, clock: s.now(), tokens: map[string]string{}}
	x.token("coordinator", account.Account{Role: account.Coordinator, Municipality: 259})
	x.token("other", account.Account{Role: account.Coordinator, Municipality: 461})
	x.token("reader", account.Account{Role: account.Reader, Municipality: 259})
	x.token("analyst", account.Account{Role: account.Analyst, Municipality: 259})
	x.token("operator", account.Account{Role: account.Operator})
	set := func(role string, task uint32, query, body string) answered {
		t.Helper()
		return x.ask(role, http.MethodPost, fmt.Sprintf("/api/v1/klik/tasks/%d%s", task, query), "application/json", strings.NewReader(body))
	}
	works := func() model.KlikWork {
		t.Helper()
		all, err := s.folder.Store.KlikWorks(t.Context(), 0, 0)
		check(t, err)
		return all.Of(second, 259)
	}
	var answer klikTaskAnswer
	check(t, json.Unmarshal(set("coordinator", second, "", `{"status":"I gang","responsible":" Kim  Klik ","end":"2012-12-10","comment":"Æblet er spist\nhelt"}`).want(t, http.StatusOK, "").body, &answer))
	if answer.Status != "IGANG" || answer.Responsible != "Kim Klik" || *answer.OwnEnd != "2012-12-10" || answer.OwnStart != nil || !answer.Changed || !answer.Commented || answer.Municipality != "259" || answer.Reference != "P 2" {
		t.Errorf("%+v", answer)
	}
	check(t, json.Unmarshal(set("coordinator", second, "", `{"performer":"Leverandøren"}`).want(t, http.StatusOK, "").body, &answer))
	check(t, json.Unmarshal(set("operator", second, "?municipality=K%C3%B8ge", `{"end":"","responsible":null}`).want(t, http.StatusOK, "").body, &answer))
	if w := works(); w.Responsible != "Kim Klik" || w.Performer != "Leverandøren" || w.End != 0 || model.KlikLabel(s.book.Klik.Statuses, w.Status) != "I gang" || !answer.Changed || answer.Commented {
		t.Errorf("%+v %+v", w, answer)
	}
	check(t, json.Unmarshal(set("coordinator", second, "", `{"status":"IGANG","performer":"Leverandøren"}`).want(t, http.StatusOK, "").body, &answer))
	if answer.Changed {
		t.Error("saying the same is a change")
	}
	before := works()
	blocked := set("coordinator", second, "", `{"status":"FULDFOERT"}`).want(t, http.StatusConflict, "klik-blocked")
	var problem struct {
		Detail string
		Needs  []model.KlikNeed `json:"open_prerequisites"`
	}
	check(t, json.Unmarshal(blocked.body, &problem))
	if !reflect.DeepEqual(problem.Needs, []model.KlikNeed{{Task: first, Reference: "P 1", Title: "(P 1) Gør det først"}}) || !strings.Contains(problem.Detail, "»P 1«") {
		t.Errorf("%+v", problem)
	}
	faults := set("coordinator", second, "", `{"status":"LILLA","comment":"borger 010190-1234","responsible":"`+strings.Repeat("æ", 101)+`"}`).want(t, http.StatusUnprocessableEntity, "klik-work")
	for _, part := range []string{`"field":"status"`, `"field":"comment"`, `"field":"responsible"`} {
		if !strings.Contains(string(faults.body), part) || strings.Contains(string(faults.body), "010190") {
			t.Errorf("%s", faults.body)
		}
	}
	set("coordinator", second, "", `{"start":"2013-05-01"}`).want(t, http.StatusUnprocessableEntity, "klik-days")
	set("coordinator", second, "", `{"end":"2012-12-24"}`).want(t, http.StatusUnprocessableEntity, "klik-frozen")
	set("other", second, "?municipality=259", `{"status":"IGANG"}`).want(t, http.StatusNotFound, "klik-task-unknown")
	set("coordinator", 9999, "", `{"status":"IGANG"}`).want(t, http.StatusNotFound, "klik-task-unknown")
	set("coordinator", second, "?municipality=Atlantis", `{}`).want(t, http.StatusNotFound, "municipality-unknown")
	for _, role := range []string{"reader", "analyst"} {
		set(role, second, "", `{"status":"IGANG"}`).want(t, http.StatusForbidden, "forbidden")
	}
	for _, body := range []string{``, `[]`, `{"state":"x"}`, `{"status":1}`, `{"status":"IGANG"}{}`} {
		set("coordinator", second, "", body).want(t, http.StatusBadRequest, "klik-unreadable")
	}
	owner, _ := s.accounts.ByEmail("coordinator@example.dk")
	trial, _, err := s.accounts.IssueToken(account.Token{AccountID: owner.ID, Name: "prøve", Role: account.Coordinator, Municipality: 259, Test: true, Expires: s.now().Add(time.Hour)}, s.now())
	check(t, err)
	x.tokens["trial"] = trial
	set("trial", second, "", `{"status":"FULDFOERT"}`).want(t, http.StatusForbidden, "forbidden")
	if w := works(); w != before {
		t.Errorf("a refusal changed %+v to %+v", before, w)
	}
	set("coordinator", first, "", `{"status":"Fuldført"}`).want(t, http.StatusOK, "")
	check(t, json.Unmarshal(set("coordinator", second, "", `{"status":"Fuldført"}`).want(t, http.StatusOK, "").body, &answer))
	if answer.Status != "FULDFOERT" || answer.Deadline != "none" {
		t.Errorf("%+v", answer)
	}
	_, body := s.as(t, account.Coordinator, 259, "").get(fmt.Sprintf("/klik/tasks/%d", second))
	x.site.visit(t).wants(body, "Status Fuldført", "Æblet er spist", "Nøglen »")
	if got := s.actions(t, audit.Filter{Municipality: 259, Action: "klik"}); got != "klik.work klik.work klik.work klik.work klik.comment klik.work" {
		t.Error(got)
	}

	post := func(role, path, body string) answered {
		t.Helper()
		return x.ask(role, http.MethodPost, "/api/v1/klik/"+path, "application/json", strings.NewReader(body))
	}
	message := fmt.Sprintf("tasks/%d/message", first)
	post("coordinator", message, `{"message":"#besked I kan starte nu. Frist: 01-12-2012"}`).want(t, http.StatusForbidden, "forbidden")
	post("operator", message, `{"message":"I kan starte nu"}`).want(t, http.StatusUnprocessableEntity, "klik-message")
	if got := post("operator", message, `{"message":"#besked I kan starte nu. Frist: 01-12-2012"}`).want(t, http.StatusOK, ""); string(got.body) != fmt.Sprintf(`{"municipalities":2,"task":%d}`, first)+"\n" {
		t.Errorf("%s", got.body)
	}
	if list, err := klikReminders(t.Context(), s.Server, reminderDay{model.DateOf(s.now()), model.DateOf(s.now()) + 1}, account.Account{Role: account.Coordinator, Municipality: 461}); err != nil || len(list) != 1 {
		t.Errorf("%+v %v", list, err)
	}

	// What is foreseen is what the page says, and a municipality is told of its own.
	for role, own := range map[string]uint16{"operator": 0, "coordinator": 259} {
		want, err := reports.KlikWhatIf(t.Context(), s.folder.Store, s.book, reports.KlikQuery{Today: model.DateOf(s.now()), Own: own}, reports.KlikChange{Wave: wave, Days: -11})
		check(t, err)
		var got klikForecastAnswer
		check(t, json.Unmarshal(x.get(role, fmt.Sprintf("/api/v1/klik/what-if?wave=%d&days=-11", wave)).want(t, http.StatusOK, "").body, &got))
		if got.Total != shiftSums("", want.Total) || len(got.Tasks) != len(want.Shifts) || len(got.Municipalities) != len(want.Municipalities) || got.Wave.MovedTo != "2012-11-20" {
			t.Errorf("%s: %+v, want %+v", role, got, want)
		}
		for _, task := range got.Tasks {
			if own != 0 && task.Municipality != "259" {
				t.Errorf("%s is told of %s", role, task.Municipality)
			}
		}
	}
	x.get("reader", fmt.Sprintf("/api/v1/klik/what-if?wave=%d&days=-11", wave)).want(t, http.StatusForbidden, "forbidden")
	move := func(role string, days int, seen string) answered {
		t.Helper()
		return post(role, "what-if", fmt.Sprintf(`{"wave":%d,"days":%d,"seen":%q}`, wave, days, seen))
	}
	move("coordinator", 1, "2012-12-01").want(t, http.StatusForbidden, "forbidden")
	move("operator", 14, "2012-12-01").want(t, http.StatusConflict, "klik-moved") // P 2 would end in the frozen zone
	move("operator", 0, "2012-12-01").want(t, http.StatusConflict, "klik-moved")
	move("operator", 1, "2012-12-01").want(t, http.StatusOK, "")
	move("operator", 1, "2012-12-01").want(t, http.StatusConflict, "klik-moved")
	if got := s.actions(t, audit.Filter{Action: "klik.golive"}); got != "klik.golive" {
		t.Error(got)
	}
}

// TestKlikAPIImport: a program sends what the page takes, and is told what the command line says.
func TestKlikAPIImport(t *testing.T) {
	s, _, _, _ := klikWork(t, Config{})
	x := &service{t: t, site: s, clock: s.now(), tokens: map[string]string{}}
	x.token("operator", account.Account{Role: account.Operator})
	x.token("coordinator", account.Account{Role: account.Coordinator, Municipality: 259})
	send := func(role, query string, files ...string) answered {
		t.Helper()
		kind, body := formFiles(t, files...)
		return x.ask(role, http.MethodPost, "/api/v1/klik/import"+query, kind, strings.NewReader(body))
	}
	list := "Projekt;Opgavetitel;Kommune;Status;Statusdato\nPrøve;(P 1) Gør det først;Køge;I gang;19-11-2012\nPrøve;(P 9) Findes ikke;Køge;I gang;19-11-2012\n"
	send("coordinator", "", "status.csv", list).want(t, http.StatusForbidden, "forbidden")
	checked := send("operator", "?check=1", "status.csv", list).want(t, http.StatusOK, "")
	var doc struct {
		Files []struct {
			Loaded                  bool
			Rows, Refused, Findings any
		}
	}
	check(t, json.Unmarshal(checked.body, &doc))
	if len(doc.Files) != 1 || doc.Files[0].Loaded || fmt.Sprint(doc.Files[0].Rows, doc.Files[0].Refused) != "2 1" {
		t.Fatalf("%s", checked.body)
	}
	if got := s.actions(t, audit.Filter{Action: "klik.import"}); got != "" {
		t.Errorf("checking is logged as loading: %s", got)
	}
	loaded := send("operator", "", "status.csv", list, "010190-1234.csv", "x;y\n").want(t, http.StatusCreated, "")
	if body := string(loaded.body); !strings.Contains(body, `"statuses_changed":1`) || strings.Contains(body, "010190-1234") || !strings.Contains(body, `"rule":"KL`) {
		t.Errorf("%s", body)
	}
	send("operator", "", "status.csv", list).want(t, http.StatusOK, "") // again: nothing to change
	send("operator", "", "noget.csv", "x;y\n1;2\n").want(t, http.StatusUnprocessableEntity, "")
	send("operator", "").want(t, http.StatusBadRequest, "no-file")
	if got := s.actions(t, audit.Filter{Action: "klik.import"}); got != "klik.import" {
		t.Error(got)
	}
}

// TestKlikAPIDeleted: nobody works in a task whose day has come, and nobody is told of it any more.
func TestKlikAPIDeleted(t *testing.T) {
	s, clock, project := klikDeletionSite(t, paper.NoBrowser)
	x := &service{t: t, site: s, clock: s.now(), tokens: map[string]string{}}
	x.token("operator", account.Account{Role: account.Operator})
	x.token("coordinator", account.Account{Role: account.Coordinator, Municipality: 259})
	plan, err := s.folder.Store.KlikPlan(t.Context(), 0)
	check(t, err)
	first := plan.Find(project, "P 1").ID
	kl := s.as(t, account.Operator, 0, "")
	kl.post("/klik/deletion", url.Values{"what": {fmt.Sprintf("project-%d", project)}, "day": {"2012-12-04"}})
	post := func(role, path, body string) answered {
		t.Helper()
		return x.ask(role, http.MethodPost, fmt.Sprintf("/api/v1/klik/tasks/%d%s", first, path), "application/json", strings.NewReader(body))
	}
	clock.set(local("2012-12-03 12:00"))
	post("coordinator", "", `{"status":"IGANG"}`).want(t, http.StatusOK, "")
	post("operator", "/message", `{"message":"#besked I kan starte nu. Frist: 03-12-2012"}`).want(t, http.StatusOK, "")
	if list, err := s.klikNotices(t.Context(), 259); err != nil || len(list) != 1 {
		t.Errorf("%+v %v", list, err)
	}
	clock.set(local("2012-12-04 00:00"))
	post("coordinator", "", `{"status":"AFVENTER"}`).want(t, http.StatusGone, "klik-task-deleted")
	post("operator", "/message", `{"message":"#besked I kan starte nu. Frist: 05-12-2012"}`).want(t, http.StatusGone, "klik-task-deleted")
	if list, err := s.klikNotices(t.Context(), 259); err != nil || len(list) != 0 {
		t.Errorf("a notice leads to a deleted task: %+v %v", list, err)
	}
}
