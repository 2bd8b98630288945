package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"komhen/ingest"
	"komhen/web/account"
)

const registrationsFolder = "../testdata/registrations/"

func (x *service) sendRegistrations(role, query, kind, body string) answered {
	x.t.Helper()
	return x.ask(role, http.MethodPost, "/api/v1/registrations"+query, kind, strings.NewReader(body))
}

func answersOf(t *testing.T, a answered) (d registrationsDocument) {
	t.Helper()
	check(t, json.Unmarshal(a.body, &d))
	return d
}

// TestRegistrationsOverHTTP: the answers are those of testdata/registrations, and sending them once more changes nothing.
func TestRegistrationsOverHTTP(t *testing.T) {
	x := newService(t)
	body := string(read(t, registrationsFolder+"body.json"))
	for _, name := range []string{"answers.json", "again.json"} {
		var want []struct {
			ID       string
			Outcome  ingest.Outcome
			Upload   uint32
			Findings []string
		}
		check(t, json.Unmarshal(read(t, registrationsFolder+name), &want))
		a := x.sendRegistrations("unit", "", "application/json", body).want(t, http.StatusOK, "")
		got := answersOf(t, a)
		if len(got.Registrations) != len(want) || got.Accepted+got.Known+got.Corrected+got.Rejected != len(want) {
			t.Fatalf("%d answers: %s", len(got.Registrations), a.body)
		}
		for i, w := range want {
			g := got.Registrations[i]
			var says []string
			for _, f := range g.Findings {
				says = append(says, f.Rule+" "+f.Message)
			}
			var id string
			var upload uint32
			if g.ID != nil {
				id = *g.ID
			}
			if g.Upload != nil {
				upload = *g.Upload
			}
			if id != w.ID || g.Outcome != w.Outcome || upload != w.Upload || strings.Join(says, "\n") != strings.Join(w.Findings, "\n") {
				t.Errorf("%s, row %d: %s %s %d %q, want %+v", name, i+1, id, g.Outcome, upload, says, w)
			}
		}
	}
	report := string(x.get("coordinator", "/api/v1/reports/units?municipality=259").want(t, http.StatusOK, "").body)
	if !strings.Contains(report, `"Borgerservice"`) {
		t.Error(report)
	}
	metrics := string(x.get("", "/metrics").body)
	for _, line := range []string{`komhen_registrations_total{outcome="accepted"} 3`, `komhen_registrations_total{outcome="known"} 5`} {
		if !strings.Contains(metrics, line+"\n") {
			t.Errorf("%s is not among the metrics", line)
		}
	}
	if log := string(read(t, x.folder.Dir+"/audit/2012-05.jsonl")); strings.Count(log, `"registration.send"`) != 2 {
		t.Error(log)
	}
}

// TestRegistrationBodies: one alone, lines and lists are taken; what is none of them is told, and only units may send.
func TestRegistrationBodies(t *testing.T) {
	x := newService(t)
	one := func(id string) string {
		return fmt.Sprintf(`{"id":%q,"opgave":"23.05.10","kanal":"TLFIND","type":"OPRET","afslutning":"STRAKS","dato":"2012-04-23"}`, id)
	}
	for kind, body := range map[string]string{"application/json": one("1"), "application/json; charset=utf-8": "[" + one("2") + "]", "application/x-ndjson": one("3") + "\r\n" + one("4") + "\n\n"} {
		if a := answersOf(t, x.sendRegistrations("unit", "", kind, body).want(t, http.StatusOK, "")); a.Accepted != len(a.Registrations) || a.Accepted == 0 {
			t.Errorf("%s: %+v", kind, a)
		}
	}
	if a := answersOf(t, x.sendRegistrations("unit", "", "application/json", "[]").want(t, http.StatusOK, "")); len(a.Registrations) != 0 {
		t.Errorf("%+v", a)
	}
	corrected := x.sendRegistrations("unit", "", "application/json", strings.Replace(one("1"), "OPRET", "INFO", 1)).want(t, http.StatusOK, "")
	if a := answersOf(t, corrected); a.Corrected != 1 {
		t.Errorf("%+v", a)
	}
	x.sendRegistrations("unit", "", "application/json", `[{"id":"9","kanal":"Brevdue"}]`).want(t, http.StatusUnprocessableEntity, "")
	for _, bad := range []struct {
		query, kind, body, code string
		status                  int
	}{
		{"", "application/json", "", "registrations-unreadable", http.StatusBadRequest},
		{"", "application/json", "[{]", "registrations-unreadable", http.StatusBadRequest},
		{"", "application/x-www-form-urlencoded", one("5"), "media-type", http.StatusUnsupportedMediaType},
		{"", "", one("5"), "media-type", http.StatusUnsupportedMediaType},
		{"?prøve=1", "application/json", one("5"), "parameter-unknown", http.StatusBadRequest},
		{"", "application/json", "[" + strings.Repeat("1,", ingest.MaxRegistrations) + "1]", "registrations-too-many", http.StatusRequestEntityTooLarge},
		{"", "application/json", `["` + strings.Repeat("x", ingest.MaxRegistrationBytes) + `"]`, "registrations-too-large", http.StatusRequestEntityTooLarge},
	} {
		x.sendRegistrations("unit", bad.query, bad.kind, bad.body).want(t, bad.status, bad.code)
	}
	for _, role := range []string{"operator", "coordinator", "analyst", "reader"} {
		x.sendRegistrations(role, "", "application/json", one("6")).want(t, http.StatusForbidden, "forbidden")
	}
	x.sendRegistrations("", "", "application/json", one("6")).want(t, http.StatusUnauthorized, "sign-in")
	uploads := len(strings.Split(string(x.get("coordinator", "/api/v1/uploads").body), `"layout":`)) - 1
	x.sendRegistrations("unit", "?test=1", "application/json", one("7")).want(t, http.StatusOK, "")
	if got := string(x.get("coordinator", fmt.Sprint("/api/v1/uploads/", uploads+1)).want(t, http.StatusOK, "").body); !strings.Contains(got, `"test":true`) {
		t.Error(got)
	}
}

// TestRegistrationsOfUnits: a unit's token registers for its own unit, and cannot reach another's contact by its id.
func TestRegistrationsOfUnits(t *testing.T) {
	x := newService(t)
	x.token("pension", account.Account{Role: account.Unit, Municipality: koege, Unit: "Pension"})
	const row = `{"id":"1","opgave":"32.03.04","kanal":"TLFIND","type":"OPRET","afslutning":"STRAKS","dato":"2012-04-23"}`
	x.sendRegistrations("unit", "", "application/json", row).want(t, http.StatusOK, "")
	a := x.sendRegistrations("pension", "", "application/json", strings.Replace(row, "OPRET", "FEJL", 1)).want(t, http.StatusUnprocessableEntity, "")
	if d := answersOf(t, a); d.Registrations[0].Findings[0].Rule != "R16" {
		t.Errorf("%s", a.body)
	}
	x.clock = x.clock.Add(time.Minute)
	for _, path := range []string{"/api/v1/uploads", "/api/v1/uploads/1", "/api/v1/reports", "/api/v1/export/contacts"} {
		x.get("pension", path).want(t, http.StatusForbidden, "forbidden")
	}
}

// TestManySendingsAreOneLine: a day of small sendings is one line of the list, which leads to each of them.
func TestManySendingsAreOneLine(t *testing.T) {
	x := newService(t)
	for i := range 3 {
		x.sendRegistrations("unit", "", "application/json", fmt.Sprintf(`[{"id":"linje-%d","opgave":"23.05.10","kanal":"TLFIND","type":"VEJL","afslutning":"STRAKS","blanket":"NEJ","dato":"2012-04-23T10:0%d:00"}]`, i, i)).want(t, http.StatusOK, "")
	}
	all, err := x.folder.Store.Uploads(t.Context())
	check(t, err)
	folded, single := x.linesOf(all, true), x.linesOf(all, false)
	if len(all) != 3 || len(folded) != 1 || folded[0].Sent != 3 || folded[0].Accepted != 3 || folded[0].Upload != 3 || len(single) != 3 {
		t.Fatalf("%d uploads, %+v, %d lines", len(all), folded, len(single))
	}
	v := x.site.as(t, account.Coordinator, 259, "")
	_, body := v.get("/uploads")
	v.wants(body, "Registreringer fra et program, 3 sendinger")
	_, body = v.get("/uploads?sent=all")
	if strings.Count(body, `href="/uploads/`) != 3 {
		t.Error("the sendings do not stand one by one")
	}
}
