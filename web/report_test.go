package web

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"html"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"komhen/reports"
	"komhen/web/account"
)

var (
	tableRow  = regexp.MustCompile(`(?s)<tr[^>]*>(.*?)</tr>`)
	tableCell = regexp.MustCompile(`(?s)<(?:td|th scope="row")[^>]*>(.*?)</(?:td|th)>`)
	anyTag    = regexp.MustCompile(`<[^>]*>`)
)

// shownFigures reads the table of figures of a page: its body and its totals.
func shownFigures(t *testing.T, page string) (rows [][]string, totals []string) {
	t.Helper()
	_, table, found := strings.Cut(page, `<table class="table table--compact figures`)
	if !found {
		t.Fatalf("no table of figures on the page:\n%.3000s", words(page))
	}
	table, _, _ = strings.Cut(table, "</table>")
	body, foot, _ := strings.Cut(table, "</tbody>")
	cells := func(row string) (list []string) {
		for _, c := range tableCell.FindAllStringSubmatch(row, -1) {
			list = append(list, strings.TrimSpace(html.UnescapeString(anyTag.ReplaceAllString(c[1], ""))))
		}
		return list
	}
	for _, r := range tableRow.FindAllStringSubmatch(body, -1) {
		if c := cells(r[1]); len(c) > 0 {
			rows = append(rows, c)
		}
	}
	for _, r := range tableRow.FindAllStringSubmatch(foot, -1) {
		totals = cells(r[1])
	}
	return rows, totals
}

// TestReportsShowTheFigures: every report's page shows the cells that reports.Run has, in both rounds, for the municipality and
// for the country.
func TestReportsShowTheFigures(t *testing.T) {
	s := demoSite(t, Config{})
	v := s.as(t, account.Reader, 259, "")
	for _, d := range reports.Names() {
		if reportWords[d.Name] == "" {
			t.Errorf("%s has no sentence in reportWords", d.Name)
		}
		for _, where := range []string{"round=2012F&municipality=259", "round=2012E&municipality=all", "round=2012E&municipality=259&weeks=primary&types=transaction"} {
			if d.NeedsMunicipality && strings.Contains(where, "=all") || strings.Contains(where, "types") && !d.TakesTypes {
				continue
			}
			status, page := v.get("/reports/" + d.Name + "?" + where)
			if status != http.StatusOK {
				t.Fatalf("%s: %d %s", d.Name, status, words(page))
			}
			q := reports.Query{Name: d.Name}
			q.Round, _ = s.book.Round(strings.TrimPrefix(where[:11], "round="))
			if strings.Contains(where, "=259") {
				q.Municipality = 259
			}
			if strings.Contains(where, "primary") {
				q.Weeks, q.Types = "primary", "transaction"
			}
			rep, err := reports.Run(t.Context(), s.folder.Store, s.book, q)
			if err != nil {
				t.Fatal(err)
			}
			if hasFigures(rep) {
				sameCells(t, d.Name+" "+where, rep, page)
			} else if d.Name != "local" || !strings.Contains(words(page), "Ingen henvendelser i 2012 uden for runderne") {
				t.Errorf("%s %s has no figures:\n%s", d.Name, where, words(page))
			}
			for _, n := range rep.Notes {
				if !strings.Contains(html.UnescapeString(page), reports.PlainText(n)) {
					t.Errorf("%s %s does not say %q", d.Name, where, n)
				}
			}
		}
	}
}

func sameCells(t *testing.T, what string, rep *reports.Report, page string) {
	t.Helper()
	left := map[int]bool{}
	for _, i := range rep.Unused() {
		left[i] = true
	}
	rows, totals := shownFigures(t, page)
	want := rep.Shown()
	if len(rows) != len(want) {
		t.Fatalf("%s: %d rows, want %d", what, len(rows), len(want))
	}
	line := func(cells []any) (texts []string) {
		for i, v := range cells {
			if !left[i] {
				texts = append(texts, strings.TrimSpace(reports.CellText(v, rep.Columns[i].Unit)))
			}
		}
		return texts
	}
	for i, row := range want {
		if got := strings.Join(rows[i], "|"); got != strings.Join(line(row), "|") {
			t.Fatalf("%s row %d:\n got %s\nwant %s", what, i, got, strings.Join(line(row), "|"))
		}
	}
	if len(rep.Totals) > 0 {
		want := strings.ReplaceAll(strings.Join(line(rep.Totals), "|"), "–", "")
		if got := strings.Join(totals, "|"); got != want {
			t.Errorf("%s totals: %s, want %s", what, got, want)
		}
	}
}

// TestReportAddresses: an address that leaves something out is led on to the whole one; one that asks for something unknown is told.
func TestReportAddresses(t *testing.T) {
	s := demoSite(t, Config{})
	v := s.as(t, account.Analyst, 259, "")
	r, err := v.Get(s.URL + "/reports/channels")
	if _, body := v.read(r, err); r.Request.URL.Query().Get("round") != "2012E" || r.Request.URL.Query().Get("municipality") != "259" || !strings.Contains(body, "Køge Kommune, Efterår 2012") {
		t.Errorf("led to %s", r.Request.URL)
	}
	for path, want := range map[string]struct {
		status int
		says   string
	}{
		"/reports/nope":               {404, "findes ikke"},
		"/reports/channels?round=12F": {404, "Runden"},
		"/reports/channels?round=2012F&municipality=Atlantis":                  {404, "Kommunen"},
		"/reports/channels?round=2012F&municipality=461":                       {403, "En anden kommunes"},
		"/reports/channels?round=2012F&municipality=259&weeks=5":               {400, "Ugerne"},
		"/reports/channels?round=2012F&municipality=259&types=x":               {400, "Henvendelsestyperne"},
		"/reports/channels/download?round=2012F&format=exe":                    {400, "Formatet"},
		"/municipalities/461/report.html":                                      {403, ""},
		"/municipalities/all/report.html":                                      {403, ""},
		"/municipalities/1/report":                                             {404, "Kommunen"},
		"/municipalities/259/report.html?round=12F":                            {404, "Runden"},
		"/reports/channels/download?round=2012F&municipality=Odense":           {403, "En anden kommunes"},
		"/reports/channels/download?format=csv&round=2012F":                    {200, ""},
		"/reports/units?round=2012F&municipality=all":                          {200, "Vælg en kommune"},
		"/reports/channels?round=2020E&municipality=259":                       {200, "Ingen henvendelser i Efterår 2020"},
		"/benchmark.xlsx?round=2012F&municipality=461":                         {403, "En anden kommunes"},
		"/benchmark.xlsx?round=2012F&municipality=all":                         {400, "Vælg kommunen"},
		"/benchmark.xlsx?round=2020F":                                          {404, "ingen henvendelser"},
		"/benchmark.xlsx?round=2012F&group=nope":                               {400, "Sammenligningsgruppen"},
		"/export/contacts?municipality=461":                                    {403, "En anden kommunes"},
		"/export/contacts?municipality=all":                                    {403, "Rækkerne selv"},
		"/export/contacts?format=exe":                                          {400, "Formatet"},
		"/rankings?round=2012F&measure=nope":                                   {400, "Målet"},
		"/rankings?round=2012F&measure=per-1000&group=nope":                    {400, "Sammenligningsgruppen"},
		"/rankings?round=2012F&measure=per-1000&municipality=all&group=region": {400, "Vælg den kommune"},
		"/map?round=2012F&measure=per-1000&view=globe":                         {400, "felter"},
	} {
		status, body := v.get(path)
		if status != want.status || !strings.Contains(words(body), want.says) {
			t.Errorf("%s: %d %.300s; want %d and %q", path, status, words(body), want.status, want.says)
		}
	}
	reader := s.as(t, account.Reader, 259, "")
	if status, _ := reader.get("/export/contacts"); status != http.StatusForbidden {
		t.Errorf("a reader got the rows: %d", status)
	}
}

// TestDownloads: what is fetched is what the report has, and the log says who fetched it.
func TestDownloads(t *testing.T) {
	s := demoSite(t, Config{})
	v := s.as(t, account.Analyst, 259, "")
	round, _ := s.book.Round("2012F")
	rep, err := reports.Run(t.Context(), s.folder.Store, s.book, reports.Query{Name: "subjects", Round: round, Municipality: 259})
	if err != nil {
		t.Fatal(err)
	}
	for format, write := range reportFormats {
		status, body := v.get("/reports/subjects/download?round=2012F&municipality=259&format=" + format)
		if status != http.StatusOK {
			t.Fatalf("%s: %d %s", format, status, words(body))
		}
		var want bytes.Buffer
		if err := write(&want, rep); err != nil {
			t.Fatal(err)
		}
		if format == "xlsx" { // zip stamps nothing of the clock, but read it back as Excel does
			f, err := excelize.OpenReader(strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			rows, err := f.GetRows(f.GetSheetName(0))
			if err != nil || !strings.Contains(strings.Join(flat(rows), "|"), rep.Rows[0][1].(string)) {
				t.Errorf("xlsx: %v %v", rows, err)
			}
			continue
		}
		if body != want.String() {
			t.Errorf("%s differs from the command line's", format)
		}
	}
	status, body := v.get("/benchmark.xlsx?round=2012F&municipality=259&group=region")
	if f, err := excelize.OpenReader(strings.NewReader(body)); status != http.StatusOK || err != nil || len(f.GetSheetList()) < 8 {
		t.Errorf("benchmark: %d %v", status, err)
	}
	status, body = v.get("/export/contacts?round=2012F")
	rows := csv.NewReader(strings.NewReader(strings.TrimPrefix(body, "\ufeff")))
	rows.Comma = ';'
	lines, err := rows.ReadAll()
	if status != http.StatusOK || err != nil || len(lines) < 1000 {
		t.Fatalf("extract: %d %v %d lines", status, err, len(lines))
	}
	contacts := 0
	for _, l := range lines[1:] {
		n, err := strconv.Atoi(l[12])
		if contacts += n; err != nil || l[0] != "259" {
			t.Fatalf("the extract has a row of %s", l[0])
		}
	}
	var doc struct {
		Totals []any
	}
	_, body = v.get("/reports/channels/download?round=2012F&municipality=259&format=json")
	if err := json.Unmarshal([]byte(body), &doc); err != nil || int(doc.Totals[3].(float64)) != contacts {
		t.Errorf("the extract has %d contacts, the report %v", contacts, doc.Totals)
	}
	log, err := os.ReadFile(newest(t, filepath.Join(s.folder.Dir, "audit")))
	for _, action := range []string{"download.report", "download.benchmark", "download.contacts"} {
		if err != nil || !strings.Contains(string(log), action) {
			t.Errorf("the log does not tell of %s: %v", action, err)
		}
	}
}

func flat(rows [][]string) (all []string) {
	for _, r := range rows {
		all = append(all, r...)
	}
	return all
}

func newest(t *testing.T, dir string) string {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil || len(files) == 0 {
		t.Fatal(dir, err)
	}
	return filepath.Join(dir, files[len(files)-1].Name())
}

// TestNothingToShow: a service without contacts, and one with a single municipality, say so kindly on every page.
func TestNothingToShow(t *testing.T) {
	s := newSite(t, Config{Now: at(2013, 1, 20)})
	v := s.as(t, account.Coordinator, 259, "")
	for _, path := range []string{"/", "/reports", "/reports/channels", "/reports/units", "/rankings", "/map"} {
		status, body := v.get(path)
		if status != http.StatusOK || !strings.Contains(words(body), "ingen tal endnu") {
			t.Errorf("%s: %d %.400s", path, status, words(body))
		}
	}
	if status, body := v.get("/benchmark.xlsx"); status != http.StatusNotFound || !strings.Contains(words(body), "Send en fil") {
		t.Errorf("benchmark: %d %s", status, words(body))
	}
	file := "Kommune;Enhed;Opgave;Kanal;Type;Afslutning;Blanket;Dato\n259;Borgerservice;23.05.10;TLFIND;VEJL;STRAKS;NEJ;24-04-2012\n"
	where, _, _ := v.send(nil, map[string][]byte{"en.csv": []byte(file)})
	v.settle(where)
	v.post(where+"/load", nil)
	v.settle(where)
	for _, path := range []string{"/rankings", "/map"} {
		status, body := v.get(path)
		if status != http.StatusOK || !strings.Contains(words(body), "kun én kommune med tal") {
			t.Errorf("%s: %d %.600s", path, status, words(body))
		}
	}
}

// TestRankings holds a ranking to the benchmark's measures and the ranking report.
func TestRankings(t *testing.T) {
	s := demoSite(t, Config{})
	v := s.as(t, account.Reader, 259, "")
	round, _ := s.book.Round("2012E")
	rep, err := reports.Run(t.Context(), s.folder.Store, s.book, reports.Query{Name: "ranking", Round: round})
	if err != nil {
		t.Fatal(err)
	}
	status, page := v.get("/rankings?round=2012E&measure=digital-share&municipality=259&group=all")
	if status != http.StatusOK {
		t.Fatal(words(page))
	}
	rows, _ := shownFigures(t, page)
	for i, row := range rows {
		want := rep.Rows[i]
		if row[0] != reports.CellText(want[5], reports.Number) || !strings.HasPrefix(row[1], want[1].(string)) || row[2] != reports.CellText(want[4], reports.Share) {
			t.Errorf("row %d: %v, want %v", i, row, want)
		}
	}
	if len(rows) != 3 || !strings.Contains(page, "din kommune") || !strings.Contains(words(page), "95 kommuner uden tal") {
		t.Errorf("%d rows", len(rows))
	}
	status, body := v.get("/rankings/download?round=2012E&measure=digital-share&format=csv")
	if lines := strings.Split(strings.TrimSpace(body), "\r\n"); status != http.StatusOK || len(lines) != 99 {
		t.Errorf("%d: %d lines", status, len(lines))
	}
	// Every measure can be chosen, and none breaks the page or the map.
	for _, m := range regexp.MustCompile(`<option value="([a-z0-9-]+-(?:share|1000))"`).FindAllStringSubmatch(page, -1) {
		for _, path := range []string{"/rankings", "/map"} {
			if status, body := v.get(path + "?round=2012E&municipality=259&measure=" + m[1]); status != http.StatusOK {
				t.Errorf("%s %s: %d %s", path, m[1], status, words(body))
			}
		}
	}
}
