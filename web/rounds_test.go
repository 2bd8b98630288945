package web

import (
	"html"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	ics "github.com/arran4/golang-ical"

	"komhen/ingest"
	"komhen/model"
	"komhen/web/account"
)

// TestRoundsPages: everybody who reads sees the calendar and one round; KL changes the dates, sees what is wrong with a form at its fields,
// and everybody sees the change at once, in API, help and log too; others may not.
func TestRoundsPages(t *testing.T) {
	s := newSite(t, Config{Now: at(2027, 4, 27)}) // a Tuesday of week 17
	reader, operator := s.as(t, account.Reader, 259, ""), s.as(t, account.Operator, 0, "")
	has := func(body string, texts ...string) {
		t.Helper()
		said := html.UnescapeString(words(body))
		for _, text := range texts {
			if !strings.Contains(said, text) {
				t.Errorf("does not say %q:\n%s", text, said)
			}
		}
	}
	_, body := reader.get("/rounds")
	has(body, "Kalender", "Forår 2027 (2027F)", "Efterår 2027 (2027E)", "Forår 2028 (2028F)", "Der tælles nu", "Tælleuger 17, 18 og 19", "mandag 26-04-2027 til søndag 16-05-2027", "i gang; slutter om 19 dage",
		"Slå prøvetælling fra", "søndag 25-04-2027", "passeret", "Frist for data", "søndag 30-05-2027", "om 33 dage", "Tidligere runder")
	for _, l := range roundLinks { // only pages that exist are linked to
		exists := slices.ContainsFunc(s.routes(), func(rt route) bool { return rt.pattern == "GET "+l.Href && rt.who.admits(Viewer{Role: account.Reader}) })
		if strings.Contains(body, `href="`+l.Href+`"`) != exists {
			t.Errorf("%s is linked: %v", l.Href, !exists)
		}
	}
	if _, body := reader.get("/"); !strings.Contains(body, `<a href="/rounds">Kalender</a>`) {
		t.Error("no calendar in the menu")
	}
	if !strings.Contains(body, s.URL+"/calendar.ics") {
		t.Error("no address of the feed")
	}
	_, body = reader.get("/rounds/2027F")
	has(body, "Rundens datoer er aldrig ændret", "er de almindelige")
	if strings.Contains(body, "<form class=\"narrow-form\"") {
		t.Error("a reader is shown the form")
	}
	if status, _ := reader.post("/rounds/2027F", url.Values{"weeks": {"18"}}); status != http.StatusForbidden {
		t.Error(status)
	}
	if status, _ := reader.get("/rounds/2027X"); status != http.StatusNotFound {
		t.Error(status)
	}
	_, body = operator.get("/rounds/2027F")
	has(body, "Ret datoerne", "Tom: 17, 18 og 19")

	status, body := operator.post("/rounds/2027F", url.Values{"weeks": {"17, 19"}, "data": {"snart"}, "note": {"x"}, "central1": {"Digital Post"}, "central1-day": {""}})
	has(body, "Der er 2 fejl", "Datoen kan ikke læses", "Skriv den dag, Digital Post bliver indlæst")
	if status != http.StatusUnprocessableEntity || !strings.Contains(body, `id="data-error"`) || !strings.Contains(body, `value="17, 19"`) || !strings.Contains(body, `id="central1-day-error"`) {
		t.Error(status, body)
	}
	status, body = operator.post("/rounds/2027F", url.Values{"weeks": {"17, 19"}, "data": {"01-05-2027"}, "central1": {""}, "central1-day": {""}})
	has(body, "følger ikke lige efter hinanden")
	if status != http.StatusUnprocessableEntity || !strings.Contains(body, `id="weeks-error"`) {
		t.Error(status)
	}
	status, body = operator.post("/rounds/2027F", url.Values{"data": {"2027-05-01"}})
	has(body, "ligger før rundens sidste dag, 16-05-2027")
	if status != http.StatusUnprocessableEntity {
		t.Error(status)
	}
	if r, _ := s.book.Round("2027F"); r.Declared {
		t.Error("a form with faults changed the round")
	}

	form := url.Values{"weeks": {"18, 19 og 20"}, "primary": {"19"}, "data": {"10-06-2027"}, "totals": {"2027-06-14"}, "note": {"Påsken ligger <sent>; derfor"},
		"central1": {"Digital Post"}, "central1-day": {"21-6-2027"}, "central2": {""}, "central2-day": {""}}
	status, body = operator.post("/rounds/2027F", form)
	has(body, "Datoerne er gemt. Uger: 18, 19 og 20 i stedet for 17, 18 og 19. Primær uge: 19 i stedet for 17. Frist for data: 10-06-2027 i stedet for 30-05-2027. Frist for total-tal: 14-06-2027 i stedet for ingen. Digital Post: 21-06-2027 i stedet for ingen.",
		"de kommuner, der havde godkendt, skal godkende igen", "er sat af KL for netop denne runde: Påsken ligger <sent>; derfor", "Version 1", "Prøve Administrator (KL): Påsken", "Digital Post bliver indlæst centralt")
	if status != http.StatusOK || !strings.Contains(body, `value="18, 19 og 20"`) || !strings.Contains(body, `value="21-06-2027"`) {
		t.Error(status)
	}
	_, body = operator.post("/rounds/2027F", form)
	has(body, "Forår 2027 har allerede de datoer. Der er ikke ændret noget.")
	if strings.Contains(body, "Version 2") {
		t.Error("the same again is a version")
	}
	_, body = reader.get("/rounds")
	has(body, "Tælleuger 18, 19 og 20", "mandag 03-05-2027 til søndag 23-05-2027", "Begynder om 6 dage", "Datoerne er sat for denne runde")
	_, body = reader.get("/rounds/2027F")
	has(body, "Version 1", ", KL: Påsken")
	_, body = reader.get("/help/count-week")
	has(body, "18, 19, 20", "10-06-2027")
	_, body = reader.get("/api/v1/rounds")
	for _, text := range []string{`"round":"2027F"`, `"weeks":[18,19,20]`, `"data_deadline":"2027-06-10"`, `"totals_deadline":"2027-06-14"`, `"central_deliveries":[{"what":"Digital Post","day":"2027-06-21"}]`, `"declared":true`} {
		if !strings.Contains(body, text) {
			t.Errorf("the API does not say %s: %s", text, body)
		}
	}
	_, body = operator.get("/audit")
	has(body, "Ændrede en rundes datoer", "2027F")
	_, body = operator.post("/rounds/2027F/withdraw", nil)
	has(body, "Version 2", "de almindelige datoer gælder igen", "Uger: 17, 18 og 19 i stedet for 18, 19 og 20")
	if status, _ := operator.post("/rounds/2027F/withdraw", nil); status != http.StatusConflict {
		t.Error("withdrawn twice:", status)
	}
}

// feed fetches the calendar without signing in, holds it to RFC 5545, and reads it.
func (s *site) feed(t *testing.T) (text string, events map[string]*ics.VEvent) {
	t.Helper()
	v := s.visit(t)
	r, err := v.Get(s.URL + "/calendar.ics")
	status, body := v.read(r, err)
	if status != http.StatusOK || r.Header.Get("Content-Type") != "text/calendar; charset=utf-8" {
		t.Fatal(status, r.Header)
	}
	for _, line := range strings.SplitAfter(body, "\n") {
		if line != "" && !strings.HasSuffix(line, "\r\n") || len(line) > 77 || !utf8.ValidString(line) || strings.Count(line, "\r") > 1 {
			t.Errorf("a line of %d bytes: %q", len(line), line)
		}
	}
	c, err := ics.ParseCalendar(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	events = map[string]*ics.VEvent{}
	for _, e := range c.Events() {
		if events[e.Id()] != nil {
			t.Errorf("%s twice", e.Id())
		}
		events[e.Id()] = e
	}
	return body, events
}

func valueOf(e *ics.VEvent, property ics.ComponentProperty) string {
	if p := e.GetProperty(property); p != nil {
		return p.Value
	}
	return ""
}

// TestCalendarFeed: whole days with the day after as the end, text that comes back as it was, and an event that keeps its UID and counts
// its versions when the round is moved.
func TestCalendarFeed(t *testing.T) {
	s := newSite(t, Config{Now: at(2027, 4, 27)})
	text, events := s.feed(t)
	again, _ := s.feed(t)
	if text != again {
		t.Error("the feed is another when nothing has changed")
	}
	is := func(uid string, property ics.ComponentProperty, want string) {
		t.Helper()
		if events[uid] == nil {
			t.Errorf("no event %s", uid)
		} else if got := valueOf(events[uid], property); got != want {
			t.Errorf("%s %s: %q, want %q", uid, property, got, want)
		}
	}
	is("2027F-count@komhen", ics.ComponentPropertyDtStart, "20270426")
	is("2027F-count@komhen", ics.ComponentPropertyDtEnd, "20270517")
	is("2027F-data@komhen", ics.ComponentPropertyDtStart, "20270530")
	is("2027F-data@komhen", ics.ComponentPropertyDtEnd, "20270531")
	is("2027F-data@komhen", ics.ComponentPropertySequence, "0")
	is("2027F-data@komhen", ics.ComponentPropertySummary, "Frist for data, forår 2027")
	is("2027E-count@komhen", ics.ComponentPropertySummary, "Tælleuger 43, 44 og 45, efterår 2027")
	is("2027E-count@komhen", ics.ComponentPropertyDtStart, "20271025") // before the clock is set back
	is("2027E-count@komhen", ics.ComponentPropertyDtEnd, "20271115")   // and after
	is("2026F-test-off@komhen", ics.ComponentPropertyUrl, s.URL+"/rounds/2026F")
	if !strings.Contains(text, "DTSTART;VALUE=DATE:20270426\r\n") || !strings.Contains(text, "\\, 44 og 45") || strings.Contains(text, "2025F") || !strings.Contains(text, "2028E") {
		t.Error(text)
	}
	operator := s.as(t, account.Operator, 0, "")
	operator.post("/rounds/2027F", url.Values{"weeks": {"18-20"}, "central1": {"Æbler; pærer, og \\ mere"}, "central1-day": {"21-06-2027"}})
	operator.post("/rounds/2027F", url.Values{"weeks": {"18-20"}, "data": {"11-06-2027"}, "central1": {"Æbler; pærer, og \\ mere"}, "central1-day": {"22-06-2027"}})
	_, events = s.feed(t)
	is("2027F-count@komhen", ics.ComponentPropertyDtStart, "20270503")
	is("2027F-data@komhen", ics.ComponentPropertyDtStart, "20270611")
	is("2027F-data@komhen", ics.ComponentPropertySequence, "2")
	is("2027F-data@komhen", ics.ComponentPropertyDtstamp, "20270427T100000Z")
	is("2027E-data@komhen", ics.ComponentPropertySequence, "0")
	central := 0
	for uid, e := range events {
		if strings.HasPrefix(uid, "2027F-central-") {
			central++
			if got := valueOf(e, ics.ComponentPropertySummary); got != "Æbler; pærer, og \\ mere bliver indlæst centralt, forår 2027" {
				t.Errorf("%q", got)
			}
		}
	}
	if central != 1 {
		t.Errorf("%d central deliveries", central)
	}
}

// TestLocalReport: what a municipality counts outside the rounds is there for it to see, month by month, and nowhere else; when a round
// gets days that hold it, it is the round's.
func TestLocalReport(t *testing.T) {
	x := newService(t)
	x.send("coordinator", "?municipality=259", "lokal.csv", []byte("Kommune;Enhed;Opgave;Kanal;Type;Afslutning;Blanket;Dato\n"+
		"259;Borgerservice;23.05.10;TLFIND;VEJL;STRAKS;NEJ;14-05-2012\n259;Borgerservice;23.05.10;TLFIND;VEJL;STRAKS;NEJ;15-05-2012\n"+
		"259;Borgerservice;23.05.10;PRSNLG;VEJL;STRAKS;NEJ;12-03-2012\n259;Borgerservice;23.05.10;PRSNLG;VEJL;STRAKS;NEJ;23-04-2012\n")).want(t, 201, "")
	local := func(want ...string) {
		t.Helper()
		body := string(x.get("reader", "/api/v1/reports/local?municipality=259&round=2012F").want(t, 200, "").body)
		for _, text := range want {
			if !strings.Contains(body, text) {
				t.Errorf("no %s in %s", text, body)
			}
		}
	}
	local(`["2012-03-01","marts 2012","PRSNLG","Personligt fremmøde","ind",1,`, `["2012-05-01","maj 2012","TLFIND","Telefon ind","ind",2,`, `"totals":["","I alt","","","",3,1]`)
	x.get("other", "/api/v1/reports/local?municipality=259&round=2012F").want(t, 403, "")
	if _, err := x.folder.SetRound(t.Context(), "2012F", model.RoundDates{Weeks: []int{17, 18, 19, 20}}, ingest.Decision{At: inRound}); err != nil {
		t.Fatal(err)
	}
	local(`"totals":["","I alt","","","",1,1]`)
	if body := string(x.get("reader", "/api/v1/reports/channels?municipality=259&round=2012F").body); !strings.Contains(body, `["TLFIND","Telefon ind","ind",2,`) {
		t.Error(body)
	}
	v := x.as(t, account.Reader, 259, "")
	if _, page := v.get("/reports/local?round=2012F&municipality=259"); !strings.Contains(words(page), "marts 2012") || !strings.Contains(page, `id="graf-local`) {
		t.Error(words(page))
	}
}

// TestMovedRoundIsApprovedAgain: when KL gives a round other days, the coordinator who had approved it is told on the front page.
func TestMovedRoundIsApprovedAgain(t *testing.T) {
	x := newService(t)
	x.sendFile("coordinator", "?municipality=259", walkFolder+"1-registreringer.csv").want(t, 201, "")
	v := x.as(t, account.Coordinator, koege, "")
	v.post("/rounds/2012F/approve", nil)
	const told = "Runden var godkendt, men dens dage er ændret til 23-04-2012 – 06-05-2012"
	if _, page := v.get("/?round=2012F"); strings.Contains(words(page), told) || !strings.Contains(words(page), "Genåbn") {
		t.Error(words(page))
	}
	operator := x.as(t, account.Operator, 0, "")
	operator.post("/rounds/2012F", url.Values{"data": {"08-06-2012"}})
	if _, page := v.get("/?round=2012F"); strings.Contains(words(page), told) || !strings.Contains(words(page), "08-06-2012") {
		t.Error("another deadline:", words(page))
	}
	operator.post("/rounds/2012F", url.Values{"weeks": {"17-18"}})
	if _, page := v.get("/?round=2012F"); !strings.Contains(words(page), told) || strings.Contains(words(page), "Genåbn") {
		t.Error("other weeks:", words(page))
	}
}
