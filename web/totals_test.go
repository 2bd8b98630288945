package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"komhen/model"
	"komhen/queries"
	"komhen/reports"
	"komhen/web/account"
)

func (s *site) totals(t *testing.T, municipality uint16) []reports.DeclaredTotal {
	t.Helper()
	d, err := reports.Totals(t.Context(), s.folder.Store, s.book, municipality, 0)
	check(t, err)
	return append(d.Totals, d.SiteVisits...)
}

// TestTotalsForm: the form declares the rows that have a number, all or none, says at the fields what is wrong, and gives back what was typed;
// another number takes the earlier one's place, and what is deleted is in the history.
func TestTotalsForm(t *testing.T) {
	s := newSite(t, Config{Now: at(2013, 1, 20)})
	v := s.as(t, account.Coordinator, 259, "")
	typed := url.Values{"year": {"2012"}, "period": {"2012"}, "antal-TLFIND": {"12.345"}, "fra-TLFIND": {"2012-01-01"}, "til-TLFIND": {"2012-12-31"}, "kilde-TLFIND": {"Omstilling & Co"},
		"antal-EMLIND": {"tolv"}, "fra-EMLIND": {"2012-01-01"}, "til-EMLIND": {"2012-12-31"}, "fra-PPRIND": {"2012-01-01"}, "til-PPRIND": {"2012-12-31"}}
	status, body := v.post("/totals", typed)
	if status != http.StatusUnprocessableEntity || !strings.Contains(body, `href="#antal-EMLIND"`) || !strings.Contains(body, `href="#declared"`) || !strings.Contains(body, `value="tolv"`) ||
		!strings.Contains(body, "Omstilling &amp; Co") || strings.Contains(body, `href="#antal-PPRIND"`) {
		t.Errorf("%d %s", status, words(body))
	}
	if n := len(s.totals(t, 0)); n != 0 {
		t.Fatalf("%d were stored", n)
	}
	if status, _ := v.post("/totals", url.Values{"year": {"2012"}}); status != http.StatusUnprocessableEntity {
		t.Errorf("an empty form: %d", status)
	}
	typed.Set("antal-EMLIND", "500")
	typed.Set("declared", "1")
	for range 2 {
		if status, body = v.post("/totals", typed); status != http.StatusOK || !strings.Contains(body, "12.345") {
			t.Fatalf("%d %s", status, words(body))
		}
	}
	typed.Set("antal-EMLIND", "600")
	typed.Set("antal-WEB", "90000")
	typed.Set("fra-WEB", "2012-01-01")
	typed.Set("til-WEB", "2012-12-31")
	if _, body = v.post("/totals", typed); !strings.Contains(body, `href="#site_declared"`) {
		t.Errorf("the head figure needs no declaration: %s", words(body))
	}
	typed.Set("site_declared", "1")
	v.post("/totals", typed)
	list := s.totals(t, 259)
	if len(list) != 3 || list[0].Channel != "EMLIND" || list[0].Count != 600 || list[1].Count != 12345 || list[1].Origin != "Omstilling & Co" || list[2].Count != 90000 {
		t.Errorf("%+v", list)
	}
	v.post("/totals/delete", url.Values{"kind": {"total"}, "key": {"EMLIND 2012-01-01 2012-12-31"}, "year": {"2012"}})
	if list = s.totals(t, 259); len(list) != 2 {
		t.Errorf("%+v", list)
	}
	if status, _ := v.post("/totals/delete", url.Values{"kind": {"total"}, "key": {"EMLIND 2012-01-01 2012-12-31"}, "year": {"2012"}}); status != http.StatusNotFound {
		t.Errorf("deleted twice: %d", status)
	}
	_, body = v.get("/totals?year=2012")
	if said := words(body); !strings.Contains(said, "Historik: 5 indmeldinger") || !strings.Contains(said, "E-mail ind, 01-01-2012 – 31-12-2012: slettet") {
		t.Errorf("the history: %s", said)
	}
	history, err := s.folder.Store.RecordHistory(t.Context(), queries.RecordFilter{Kind: model.RecordTotal})
	check(t, err)
	if len(history) != 4 || history[0].By == "" {
		t.Errorf("%d versions", len(history))
	}
}

// TestTotalsFile: a file is taken in whole or not at all, and what is wrong is told with line and column; a CPR-shaped value is not.
func TestTotalsFile(t *testing.T) {
	s := newSite(t, Config{Now: at(2013, 1, 20)})
	v := s.as(t, account.Coordinator, 259, "")
	send := func(v *visitor, content string, fields ...string) (int, string) {
		t.Helper()
		kind, body := form(t, "tal 010190-1234.csv", []byte(content), append([]string{"year", "2012"}, fields...)...)
		r, err := v.Post(s.URL+"/totals/file", kind, body)
		return v.read(r, err)
	}
	const head = "kommune;kanal;fra;til;antal;erklæring;kilde\n"
	status, body := send(v, head+"259;TLFIND;01-01-2012;31-12-2012;100;JA;\n461;TLFUD;01-01-2012;31-12-2012;x;JA;010190-1234\n")
	if said := words(body); status != http.StatusUnprocessableEntity || !strings.Contains(said, "Linje 3, kolonnen kommune: Rækken er en anden kommunes") || !strings.Contains(said, "Linje 3, kolonnen antal") ||
		!strings.Contains(said, "Linje 3, kolonnen kilde") || strings.Contains(body, "0190-1234") || len(s.totals(t, 0)) != 0 {
		t.Errorf("%d %s", status, said)
	}
	if status, body = send(v, head+";TLFIND;01-01-2012;31-12-2012;100;JA;\n"); status != http.StatusOK || !strings.Contains(body, "1 indmeldt") {
		t.Errorf("%d %s", status, words(body))
	}
	operator := s.as(t, account.Operator, 0, "")
	if status, body = send(operator, head+"259;TLFIND;01-01-2012;31-12-2012;100;JA;\nOdense;TLFIND;01-01-2012;31-12-2012;200;JA;\n"); status != http.StatusOK || !strings.Contains(body, "1 indmeldt, 1 stod der i forvejen") {
		t.Errorf("%d %s", status, words(body))
	}
	if list := s.totals(t, 461); len(list) != 1 || list[0].Count != 200 {
		t.Errorf("%+v", list)
	}
	if status, _ = send(v, strings.Repeat("x;", 1<<20)); status != http.StatusRequestEntityTooLarge {
		t.Errorf("too large: %d", status)
	}
	for _, format := range []string{"csv", "xlsx"} {
		_, template := v.get("/totals/template." + format)
		if status, body = send(v, template); status != http.StatusOK || !strings.Contains(body, "ingen tal at indmelde") {
			t.Errorf("the empty template as %s: %d %s", format, status, words(body))
		}
	}
}

// TestTotalsAreOnesOwn: nobody sees or changes another municipality's totals, and only KL the central series.
func TestTotalsAreOnesOwn(t *testing.T) {
	s := demoSite(t, Config{Now: at(2012, 12, 20)})
	v := s.as(t, account.Coordinator, 259, "")
	before := s.totals(t, 461)
	row := url.Values{"municipality": {"461"}, "year": {"2012"}, "antal-TLFIND": {"1"}, "fra-TLFIND": {"2012-01-01"}, "til-TLFIND": {"2012-06-30"}, "declared": {"1"}}
	for path, data := range map[string]url.Values{"/totals": row, "/totals/delete": {"municipality": {"461"}, "kind": {"total"}, "key": {"TLFIND 2011-11-01 2012-10-31"}},
		"/totals/context": {"series": {"nemid"}, "month": {"2012-01"}, "count": {"1"}}} {
		if status, _ := v.post(path, data); status != http.StatusForbidden {
			t.Errorf("%s: %d", path, status)
		}
	}
	if status, _ := v.post("/totals/delete", url.Values{"kind": {"context"}, "key": {"nemid 2012-01"}}); status != http.StatusForbidden {
		t.Errorf("a month of NemID: %d", status)
	}
	if status, _ := v.get("/totals?municipality=461"); status != http.StatusForbidden {
		t.Errorf("another's page: %d", status)
	}
	if after := s.totals(t, 461); len(before) != 4 || len(after) != 4 {
		t.Errorf("%d before, %d after", len(before), len(after))
	}
	_, country := v.get("/totals?municipality=all&year=2012")
	if strings.Contains(country, "402.150") {
		t.Error("the country's page shows another municipality's total")
	}
	operator := s.as(t, account.Operator, 0, "")
	status, body := operator.post("/totals/context", url.Values{"year": {"2012"}, "series": {"nemid"}, "month": {"2012-12"}, "count": {"3"}})
	if status != http.StatusUnprocessableEntity || !strings.Contains(body, "ikke slut endnu") {
		t.Errorf("a month that is not over: %d %s", status, words(body))
	}
	if _, body = operator.post("/totals/context", url.Values{"year": {"2012"}, "series": {"nemid"}, "month": {"2012-11"}, "count": {"3.000.000"}}); !strings.Contains(words(body), "11-2012 3.000.000") {
		t.Errorf("%s", words(body))
	}
}

// TestTotalsStandApart: declaring totals, head figures and series changes no figure of any report but the coverage: nothing adds them to contacts.
func TestTotalsStandApart(t *testing.T) {
	s := demoSite(t, Config{Now: at(2013, 1, 20)})
	round, err := s.book.Round("2012E")
	check(t, err)
	figures := func() map[string]string {
		all := map[string]string{}
		for _, d := range reports.Names() {
			for _, municipality := range []uint16{0, 259} {
				if d.NeedsMunicipality && municipality == 0 {
					continue
				}
				rep, err := reports.Run(t.Context(), s.folder.Store, s.book, reports.Query{Name: d.Name, Round: round, Municipality: municipality})
				check(t, err)
				var b strings.Builder
				check(t, reports.WriteJSON(&b, rep))
				all[fmt.Sprint(d.Name, " ", municipality)] = b.String()
			}
		}
		return all
	}
	before := figures()
	v := s.as(t, account.Coordinator, 259, "")
	v.post("/totals", url.Values{"year": {"2012"}, "declared": {"1"}, "site_declared": {"1"}, "antal-TLFIND": {"98765"}, "fra-TLFIND": {"2012-10-22"}, "til-TLFIND": {"2012-11-11"},
		"antal-WEB": {"87654"}, "fra-WEB": {"2012-10-22"}, "til-WEB": {"2012-11-11"}})
	s.as(t, account.Operator, 0, "").post("/totals/context", url.Values{"year": {"2012"}, "series": {"nemid"}, "month": {"2012-11"}, "count": {"76543"}})
	for name, after := range figures() {
		if coverage := strings.HasPrefix(name, "coverage"); (after != before[name]) != coverage {
			t.Errorf("%s: changed %t", name, after != before[name])
		}
	}
}
