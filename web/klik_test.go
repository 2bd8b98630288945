package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"komhen/web/account"
)

// TestKlikPages: a municipality's people get their own tasks and the country's sums, filters stand in the address and are saved by name for oneself alone,
// and what a page shows can be fetched.
func TestKlikPages(t *testing.T) {
	s := demoSite(t, Config{Now: at(2012, 11, 20)})
	v := s.as(t, account.Reader, 259, "")
	status, body := v.get("/klik")
	text := words(body)
	for _, part := range []string{"Status for hvert projekt", "Køge · KLIK den 20-11-2012", "Fælles borgeroverblik", "Rød: opgaven er ikke færdig", "Opgaver 14"} {
		if status != http.StatusOK || !strings.Contains(text, part) {
			t.Fatalf("%d, no %q:\n%s", status, part, text)
		}
	}
	if _, body := v.get("/klik?municipality=all"); !strings.Contains(words(body), "Alle kommuner · KLIK den 20-11-2012") || !strings.Contains(words(body), "Opgaver 42") {
		t.Errorf("the country's sums are everybody's:\n%s", words(body))
	}
	if _, body := v.get("/klik?view=municipalities&municipality=all"); strings.Contains(mainOf(t, body), `">Odense</a>`) || !strings.Contains(mainOf(t, body), `">Køge</a>`) {
		t.Error("another municipality's line is shown")
	}
	for _, path := range []string{"/klik?municipality=461", "/klik/tasks?municipality=Odense", "/klik/download?view=tasks&municipality=461", "/klik?responsible=Projektleder&municipality=461"} {
		if status, _ := v.get(path); status != http.StatusForbidden {
			t.Errorf("%s: %d", path, status)
		}
	}
	for _, path := range []string{"/klik?deadline=lilla&municipality=all", "/klik?view=findesikke&municipality=all", "/klik/tasks/99", "/klik/tasks/x", "/klik/tasks/5?municipality=461"} {
		if status, body := v.get(path); status != http.StatusBadRequest && status != http.StatusNotFound {
			t.Errorf("%s: %d %s", path, status, words(body))
		}
	}
	if status, body := v.get("/klik/tasks/5"); status != http.StatusOK || !strings.Contains(words(body), "Køge Kommune") || strings.Contains(words(body), "Varighed") {
		t.Errorf("%d %s", status, words(body))
	}
	filters := url.Values{"name": {"Rød/gul ej påbegyndt"}, "query": {"deadline=red&deadline=yellow&status=Ikke+påbegyndt&municipality=259"}}
	status, body = v.post("/klik/filters", filters)
	if status != http.StatusOK || !strings.Contains(words(body), "er gemt") || !strings.Contains(body, "Rød/gul ej påbegyndt</a>") || !strings.Contains(words(body), "Deadline: Gul eller Rød") {
		t.Fatalf("%d %s", status, words(body))
	}
	v.post("/klik/filters", filters)
	own := s.accounts.Filters(s.accounts.Accounts()[len(s.accounts.Accounts())-1].ID)
	if len(own) != 1 || own[0].Query != "deadline=yellow&deadline=red&municipality=259&status=IKKE" {
		t.Errorf("%+v", own)
	}
	for _, bad := range []url.Values{{"name": {""}, "query": {"deadline=red"}}, {"name": {"x"}, "query": {"deadline=lilla"}}} {
		if status, _ := v.post("/klik/filters", bad); status != http.StatusBadRequest {
			t.Errorf("%v: %d", bad, status)
		}
	}
	other := s.as(t, account.Coordinator, 259, "")
	if _, body := other.get("/klik"); strings.Contains(body, "Rød/gul") {
		t.Error("another's filter is shown")
	}
	if status, _ := other.post("/klik/filters/"+own[0].ID+"/delete", nil); status != http.StatusNotFound {
		t.Errorf("another's filter: %d", status)
	}
	if status, body := v.post("/klik/filters/"+own[0].ID+"/delete", nil); status != http.StatusOK || strings.Contains(body, "Rød/gul ej") {
		t.Errorf("%d", status)
	}
	for path, begin := range map[string]string{"/klik/download?view=projects&format=csv&municipality=259": "\ufeffKode;Projekt;", "/klik/download?view=workbook": "PK", "/klik/download?view=tasks&format=xlsx": "PK", "/klik/download?view=progress&format=json": `{"report":"klik-progress"`} {
		if status, body := v.get(path); status != http.StatusOK || !strings.HasPrefix(body, begin) {
			t.Errorf("%s: %d %.60q", path, status, body)
		}
	}
	operator := s.as(t, account.Operator, 0, "")
	if _, body := operator.get("/klik?municipality=999"); !strings.Contains(words(body), "Korsbæk · KLIK") {
		t.Error("the operator cannot see the test municipality")
	}
	if status, body := operator.get("/klik/tasks/5"); status != http.StatusOK || !strings.Contains(words(body), "3 kommuner har opgaven") {
		t.Errorf("%d %s", status, words(body))
	}
}
