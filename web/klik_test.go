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
	for path, begin := range map[string]string{"/klik/download?view=projects&format=csv&municipality=259": "\ufeffKode;Projekt;", "/klik/download?view=workbook": "PK", "/klik/download?view=projects&format=html": "<!DOCTYPE html>", "/klik/download?view=tasks&format=xlsx": "PK", "/klik/download?view=progress&format=json": `{"report":"klik-progress"`} {
		if status, body := v.get(path); status != http.StatusOK || !strings.HasPrefix(body, begin) {
			t.Errorf("%s: %d %.60q", path, status, body)
		}
	}
	operator := s.as(t, account.Operator, 0, "")
	send := func(v *visitor, do, name string, data []byte) (int, string) {
		t.Helper()
		kind, body := form(t, name, data, "do", do)
		answer, err := v.Post(s.URL+"/klik/import", kind, body)
		return v.read(answer, err)
	}
	list := []byte("Projekt;Opgavetitel;Fase;Tema;Prioritet;STS;Bølge;Go-live;Kommuner;Varighed;Slutdato (fra Go-live);Beskrivelse\nNyt;(N 1) Gør det;1;Viden og færdigheder;Valgfri;nej;Bølge 9;01-12-2012;Køge;3;-1;Kommunen skal\n")
	if status, _ := send(v, "load", "liste.csv", list); status != http.StatusForbidden {
		t.Errorf("a reader imported: %d", status)
	}
	for _, do := range []string{"check", "load", "load"} {
		status, body := send(operator, do, "liste.csv", list)
		text := words(mainOf(t, body))
		says := map[string]string{"check": "Intet er indlæst endnu", "load": "Indlæst: 1 projekt, 1 bølge, 1 opgave og 0 statusser"}[do]
		if status != http.StatusOK || !strings.Contains(text, "KL11 Linje 2: Beskrivelse siger »Kommunen skal«") || !strings.Contains(text, says) && !strings.Contains(text, "ændrer ingenting") {
			t.Errorf("%s: %d %s", do, status, text)
		}
	}
	if status, body := send(operator, "load", "010190-1234.txt", []byte("010190-1234")); status != http.StatusOK || strings.Contains(body, "010190-1234") || !strings.Contains(words(body), "Intet er indlæst") {
		t.Errorf("%d %s", status, words(body))
	}
	if status, _ := send(operator, "load", "", nil); status != http.StatusBadRequest {
		t.Errorf("no file: %d", status)
	}
	if _, body := v.get("/klik/tasks?project=Nyt"); !strings.Contains(body, "(N 1) Gør det") {
		t.Error("what was imported is not there")
	}
	if _, body := operator.get("/klik?municipality=999"); !strings.Contains(words(body), "Korsbæk · KLIK") {
		t.Error("the operator cannot see the test municipality")
	}
	if status, body := operator.get("/klik/tasks/5"); status != http.StatusOK || !strings.Contains(words(body), "3 kommuner har opgaven") {
		t.Errorf("%d %s", status, words(body))
	}
}
