package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"komhen/ingest"
	"komhen/web/account"
)

// boardSite is Køge in the second week of a round: Borgerservice and Jobcenter counted every working day of the round before; now the
// Jobcenter has been silent since Wednesday 24 October.
func boardSite(t *testing.T) *site {
	t.Helper()
	s := newSite(t, Config{Now: at(2012, 10, 30)})
	load := func(name string, rows ...string) {
		file := "Kommune;Enhed;Opgave;Kanal;Type;Afslutning;Blanket;Dato\n" + strings.Join(rows, "")
		u, err := s.folder.Prepare(t.Context(), strings.NewReader(file), int64(len(file)), ingest.Options{Name: name, Municipality: 259, Received: s.now()})
		if err != nil || u.Fault != nil {
			t.Fatal(err, u.Fault)
		}
		if err := u.Commit(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	row := func(unit, day, month string) string {
		return strings.Repeat(fmt.Sprintf("259;%s;23.05.10;TLFIND;VEJL;STRAKS;NEJ;%s-%s-2012\n", unit, day, month), 4)
	}
	var spring, autumn []string
	for _, day := range []string{"23", "24", "25", "26", "27"} {
		spring = append(spring, row("Borgerservice", day, "04"), row("Jobcenter", day, "04"))
	}
	for _, day := range []string{"30-04", "01-05", "02-05", "03-05"} { // 4 May was Store bededag
		day, month, _ := strings.Cut(day, "-")
		spring = append(spring, row("Borgerservice", day, month), row("Jobcenter", day, month))
	}
	for _, day := range []string{"22", "23", "24", "25", "26", "29"} {
		autumn = append(autumn, row("Borgerservice", day, "10"))
	}
	for _, day := range []string{"22", "23"} {
		autumn = append(autumn, row("Jobcenter", day, "10"))
	}
	load("forår.csv", spring...)
	load("efterår.csv", autumn...)
	return s
}

// TestBoardPage: a silence is told, a zero ends it, contacts that come later win, and what is taken back is silent again.
func TestBoardPage(t *testing.T) {
	s := boardSite(t)
	v := s.as(t, account.Coordinator, 259, "")
	shows := func(path string, want ...string) {
		t.Helper()
		status, body := v.get(path)
		text := words(body)
		for _, w := range want {
			if status != http.StatusOK || !strings.Contains(text, w) {
				t.Fatalf("%s (%d) does not say %q:\n%s", path, status, w, text)
			}
		}
	}
	shows("/board", "Foreløbige tal", "Jobcenter plejer at have henvendelser, men har ingen haft siden onsdag 24-10-2012 (4 arbejdsdage)", "8 af 12 ventede enhedsdage")
	shows("/board?municipality=259&round=2012E&unit=Jobcenter", "Alle kanaler", "Telefon ind", "tavs Erklær nul")
	form := url.Values{"municipality": {"259"}, "round": {"2012E"}, "whose": {"unit:Jobcenter"}, "day": {"2012-10-24"}, "last": {"2012-10-29"}, "why": {"flytning"}}
	if status, body := v.post("/board/zeros", form); status != http.StatusOK || !strings.Contains(words(body), "Nul er erklæret for 4 dage") {
		t.Fatal(status, words(body))
	}
	shows("/board?municipality=259&round=2012E", "12 af 12 ventede enhedsdage", "Jobcenter, onsdag 24-10-2012 flytning")
	if status, _ := v.post("/board/zeros", form); status != http.StatusConflict {
		t.Errorf("twice is %d", status)
	}
	v.sendRows(t, "259;Jobcenter;23.05.10;TLFIND;VEJL;STRAKS;NEJ;24-10-2012\n")
	shows("/board?municipality=259&round=2012E", "1 dag er erklæret nul, men der kom henvendelser alligevel", "der kom henvendelser, og de tæller", "1 erklæret nul")
	if status, body := v.post("/board/zeros/withdraw", url.Values{"municipality": {"259"}, "round": {"2012E"}, "key": {"2012-10-25||Jobcenter"}}); status != http.StatusOK || !strings.Contains(words(body), "Nul er taget tilbage") {
		t.Fatal(status, words(body))
	}
	shows("/board?municipality=259&round=2012E", "11 af 12 ventede enhedsdage", "Jobcenter har ingen henvendelser torsdag 25-10-2012")
	for _, wrong := range []url.Values{
		{"municipality": {"259"}, "whose": {"unit:Jobcenter"}, "day": {"24/10"}}, {"municipality": {"259"}, "whose": {"unit:Jobcenter"}},
		{"municipality": {"259"}, "whose": {"unit:Findes ikke"}, "day": {"2012-10-24"}}, {"municipality": {"259"}, "whose": {"all"}, "channel": {"TLFIND"}, "day": {"2012-10-24"}}, {"municipality": {"259"}, "day": {"2012-10-24"}},
		{"municipality": {"259"}, "whose": {"unit:Jobcenter"}, "day": {"2012-10-24"}, "last": {"2012-10-23"}}, {"municipality": {"259"}, "whose": {"unit:Jobcenter"}, "day": {"2012-10-24"}, "last": {"2013-10-23"}},
	} {
		if status, body := v.post("/board/zeros", wrong); status != http.StatusBadRequest {
			t.Errorf("%v is %d: %s", wrong, status, words(body))
		}
	}
	shows("/board?municipality=259&round=2012E&from=24-10-2012&to=25-10-2012", "Uge 43, 24-10-2012 – 25-10-2012", "3 af 4 ventede enhedsdage")
	for _, days := range []string{"&from=i+g%C3%A5r", "&from=25-10-2012&to=24-10-2012", "&from=01-01-2012&to=31-12-2012"} {
		if status, _ := v.get("/board?municipality=259&round=2012E" + days); status != http.StatusBadRequest {
			t.Errorf("%s: %d", days, status)
		}
	}
	log := s.as(t, account.Operator, 0, "")
	if _, body := log.get("/audit"); !strings.Contains(body, "Erklærede nul") || !strings.Contains(body, "Tog nul tilbage") {
		t.Error("the log does not tell")
	}
}

// sendRows loads a file as its coordinator does.
func (v *visitor) sendRows(t *testing.T, rows string) {
	t.Helper()
	where, _, _ := v.send(nil, map[string][]byte{"senere.csv": []byte("Kommune;Enhed;Opgave;Kanal;Type;Afslutning;Blanket;Dato\n" + rows)})
	v.settle(where)
	v.post(where+"/load", nil)
	v.settle(where)
}

// TestBoardRights: readers see their own municipality's and change nothing; the country's is KL's.
func TestBoardRights(t *testing.T) {
	s := boardSite(t)
	reader := s.as(t, account.Reader, 259, "")
	if status, body := reader.get("/board"); status != http.StatusOK || !strings.Contains(body, "Jobcenter") || strings.Contains(body, "/board/zeros") {
		t.Errorf("a reader got %d", status)
	}
	for who, path := range map[*visitor]string{reader: "/board?municipality=all&round=2012E", s.as(t, account.Coordinator, 461, ""): "/board?municipality=259&round=2012E"} {
		if status, body := who.get(path); status != http.StatusForbidden || strings.Contains(body, "Jobcenter") {
			t.Errorf("%s: %d", path, status)
		}
	}
	neighbour := s.as(t, account.Coordinator, 461, "")
	if status, _ := neighbour.post("/board/zeros", url.Values{"municipality": {"259"}, "whose": {"unit:Jobcenter"}, "day": {"2012-10-24"}}); status != http.StatusForbidden {
		t.Errorf("a neighbour's zero: %d", status)
	}
}

// TestCountryBoardPage: every column sorts both ways, without script, and the country's page names no unit.
func TestCountryBoardPage(t *testing.T) {
	s := demoSite(t, Config{Now: at(2012, 11, 20)})
	v := s.as(t, account.Operator, 0, "")
	first := func(query string) string {
		t.Helper()
		status, body := v.get("/board?municipality=all&round=2012E" + query)
		if status != http.StatusOK || strings.Contains(body, "Borgerservice") {
			t.Fatalf("%s: %d", query, status)
		}
		_, rest, _ := strings.Cut(body, "<tbody><tr>")
		row, _, _ := strings.Cut(rest, "</th>")
		return words(row)
	}
	for query, want := range map[string]string{"": "Albertslund", "&sort=name&order=desc": "Aarhus", "&sort=delivered&order=asc": "Køge", "&sort=received": "Odense"} {
		if got := first(query); !strings.Contains(got, want) {
			t.Errorf("%s begins with %q, must be %s", query, got, want)
		}
	}
	for _, one := range boardSorts {
		for _, order := range []string{"", "&order=asc", "&order=desc"} {
			first("&sort=" + one.value + order)
		}
	}
	for _, wrong := range []string{"&sort=unit", "&order=up", "&show=units"} {
		if status, _ := v.get("/board?municipality=all&round=2012E" + wrong); status != http.StatusBadRequest {
			t.Errorf("%s: %d", wrong, status)
		}
	}
}

// TestDemoHasASilentUnit: who tries the demonstration sees a silence and a zero.
func TestDemoHasASilentUnit(t *testing.T) {
	s := demoSite(t, Config{Now: at(2012, 11, 20)})
	_, body := s.as(t, account.Coordinator, 259, "").get("/board?municipality=259&round=2012E")
	text := words(body)
	for _, want := range []string{"Enheder med tavse dage 1 ", "Teknik og Miljø har ingen henvendelser tirsdag 30-10-2012", "Ældre og Handicap, onsdag 07-11-2012 Hele afdelingen var på kursus."} {
		if !strings.Contains(text, want) {
			t.Errorf("the board does not say %q:\n%s", want, text)
		}
	}
}

// TestZeroInTheBrowser walks it as a coordinator does: from the silence to the unit, declares a zero there, and takes it back; with and without
// script.
func TestZeroInTheBrowser(t *testing.T) {
	s := boardSite(t)
	b := s.as(t, account.Coordinator, 259, "").browse()
	for _, script := range []bool{true, false} {
		b.scripts(script)
		b.size(1280, 900)
		b.open("/board")
		b.wants("Jobcenter plejer at have henvendelser", "66,7 %")
		b.press(".to-do a.button", "td.board-silent form")
		b.wants("Kanalerne dag for dag")
		b.press("button[aria-label='Erklær nul: alle kanaler, 24-10-2012']", "button[aria-label^='Tag tilbage']")
		b.wants("Nul er erklæret for 24-10-2012", "Jobcenter, onsdag 24-10-2012")
		b.press("button[aria-label='Tag tilbage: Jobcenter, onsdag 24-10-2012']", "button[aria-label='Erklær nul: alle kanaler, 24-10-2012']")
		b.wants("Nul er taget tilbage", "Intet er erklæret som nul for enheden")
	}
}
