package web

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"komhen/web/account"
)

// TestKlikTemplatesPage: an operator makes a project of a template once, is told when it stands already, and what is missing is said at its field.
func TestKlikTemplatesPage(t *testing.T) {
	s := newSite(t, Config{Now: at(2027, 1, 4)})
	operator := s.as(t, account.Operator, 0, "")
	if status, body := operator.get("/klik/templates"); status != http.StatusOK || !strings.Contains(words(body), "Forår 2027, fra 26-04-2027") || !strings.Contains(words(body), "KS og Forvaltning") {
		t.Fatalf("%d %s", status, words(body))
	}
	use := url.Values{"template": {"taelleuge"}, "round": {"2027F"}}
	if _, body := operator.post("/klik/templates", use); !strings.Contains(words(body), "»Tælleuge forår 2027« er klar: 17 opgaver") {
		t.Errorf("%s", words(body))
	}
	if _, body := operator.post("/klik/templates", use); !strings.Contains(words(body), "Intet er ændret") {
		t.Errorf("%s", words(body))
	}
	for field, wrong := range map[string]url.Values{"round-error": {"template": {"taelleuge"}}, "golive-error": {"template": {"boelge"}, "golive": {"snart"}}} {
		if status, body := operator.post("/klik/templates", wrong); status != http.StatusUnprocessableEntity || !strings.Contains(body, field) {
			t.Errorf("%s: %d", field, status)
		}
	}
	if status, _ := operator.post("/klik/templates", url.Values{"template": {"x"}}); status != http.StatusBadRequest {
		t.Errorf("%d", status)
	}
	coordinator := s.as(t, account.Coordinator, 259, "")
	if status, _ := coordinator.post("/klik/templates", use); status != http.StatusForbidden {
		t.Errorf("%d", status)
	}
	task := map[string]string{}
	for _, m := range regexp.MustCompile(`/klik/tasks/(\d+)\?[^"]*">\((Tælling 1|Levering 2|Beslutning 1)\)`).FindAllStringSubmatch(mainOf(t, second(coordinator.get("/klik/tasks"))), -1) {
		task[m[2]] = m[1]
	}
	for reference, says := range map[string][2]string{"Tælling 1": {"Vi kender ingen enheder i kommunen endnu. Der er ingen henvendelser fra rundens dage.", "0 af 98 kommuner har indmeldt henvendelser."}, "Levering 2": {"Runden er ikke godkendt.", "0 af 98 kommuner har godkendt runden."}, "Beslutning 1": {"", ""}} {
		for i, v := range []*visitor{coordinator, operator} {
			status, body := v.get("/klik/tasks/" + task[reference])
			if status != http.StatusOK || !strings.Contains(words(body), says[i]) || strings.Contains(body, "Det viser databasen") != (says[i] != "") {
				t.Errorf("%s: %d %s", reference, status, words(body))
			}
		}
	}
	if _, body := coordinator.get("/klik/tasks"); !strings.Contains(words(body), "(Tælling 1) Tæl henvendelser i rundens uger") {
		t.Errorf("%s", words(body))
	}
}

func second(_ int, body string) string { return body }
