package web

import (
	"bytes"
	"math/rand/v2"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"

	"komhen/ingest"
	"komhen/ingest/demo"
	"komhen/web/account"
	"komhen/web/audit"
)

// importKlikTables loads the invented driftsstatus and klarmelding.
func importKlikTables(t *testing.T, s *site) {
	t.Helper()
	by := ingest.Decision{At: s.now()}
	for _, table := range [][]byte{demo.Operations(), demo.Readiness()} {
		load := s.folder.ImportOperations
		if bytes.HasPrefix(table, []byte("Leverandør")) {
			load = s.folder.ImportReadiness
		}
		if receipt, err := load(t.Context(), bytes.NewReader(table), int64(len(table)), by, false); err != nil || len(receipt.Faults) > 0 {
			t.Fatal(receipt, err)
		}
	}
}

// sendTable sends a file to a page that takes tables.
func (v *visitor) sendTable(path, name string, data []byte) (status int, body string) {
	v.t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	part, err := w.CreateFormFile("file", name)
	if err == nil {
		_, err = part.Write(data)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		v.t.Fatal(err)
	}
	r, err := v.Post(v.s.URL+path, w.FormDataContentType(), &b)
	return v.read(r, err)
}

// TestKlikTablePages: KL loads the tables, a file with faults changes nothing and says each with its place, everybody who reads sees the months below
// target marked by a word, and the page's files are the API's.
func TestKlikTablePages(t *testing.T) {
	s := newSite(t, Config{})
	kl, reader := s.as(t, account.Operator, 0, ""), s.as(t, account.Reader, 259, "")
	for path, parts := range map[string][]string{"/klik/operations": {"Her er ingen driftsstatus endnu"}, "/klik/readiness": {"Her er ingen klarmeldinger endnu"}} {
		_, body := reader.get(path)
		reader.wants(body, parts...)
	}
	for _, kind := range []struct{ path, folder, good, bad string }{
		{"/klik/operations", "operations", "breaches.csv", "Linje 4, kolonnen »SLA-mål«"}, {"/klik/readiness", "readiness", "form.csv", "Linje 5, kolonnen »Klarmeldt«"}} {
		faults, err := os.ReadFile("../testdata/" + kind.folder + "/faults.csv")
		if err != nil {
			t.Fatal(err)
		}
		status, body := kl.sendTable(kind.path, "fejl.csv", faults)
		if status != http.StatusUnprocessableEntity {
			t.Error(status)
		}
		kl.wants(body, kind.bad, "Der er ikke indlæst noget")
		if _, body := reader.get(kind.path); !strings.Contains(body, "Her er ingen") {
			t.Error("a file with faults changed something")
		}
		if status, _ := reader.sendTable(kind.path, "x.csv", faults); status != http.StatusForbidden {
			t.Error(status)
		}
		if status, _ := kl.sendTable(kind.path, "x.csv", nil); status != http.StatusBadRequest {
			t.Error(status)
		}
		good, err := os.ReadFile("../testdata/" + kind.folder + "/" + kind.good)
		if err != nil {
			t.Fatal(err)
		}
		status, body = kl.sendTable(kind.path, kind.good, good)
		kl.wants(body, "nye eller ændret")
		if _, body = kl.sendTable(kind.path, kind.good, good); status != http.StatusOK {
			t.Error(status)
		}
		kl.wants(body, "der er ikke ændret noget")
	}
	_, body := reader.get("/klik/operations")
	reader.wants(body, "12 måneder er under mål", "98,98 % under mål", "Serviceplatformen", "KO, applikation, september 2020: 98,30 %, og målet er 99,90 %.", "715 af månedens 43.200 minutter", "29-09-2020 kl. 19.50 til 30-09-2020 kl. 07.45")
	if n := strings.Count(body, "numeric below"); n != 12 {
		t.Errorf("%d cells are marked", n)
	}
	_, body = reader.get("/klik/operations?month=2019-11&system=St%C3%B8ttesystemer")
	reader.wants(body, "2 måneder er under mål", "november 2019")
	if status, _ := reader.get("/klik/operations?system=x"); status != http.StatusNotFound {
		t.Error(status)
	}
	if status, _ := reader.get("/klik/operations?month=x"); status != http.StatusBadRequest {
		t.Error(status)
	}
	_, body = reader.get("/klik/readiness?system=nordlysomsorgas%2Fnordlysjournal")
	reader.wants(body, "Systemet er ikke klart. 2 af 3 snitflader er klarmeldt.", "Køge", "Kan kvittere", "Ikke besvaret", "Ikke relevant for systemet.")
	for _, path := range []string{"/klik/operations/download?format=", "/klik/readiness/download?format="} {
		for _, format := range []string{"csv", "xlsx", "json"} {
			if status, body := reader.get(path + format); status != http.StatusOK || len(body) < 100 {
				t.Error(path, format, status)
			}
		}
		if status, _ := reader.get(path + "docx"); status != http.StatusBadRequest {
			t.Error(status)
		}
	}
	for _, what := range []string{"", "/m1", "figure/", "/m1/"} {
		if status, _ := kl.post("/klik/operations/withdraw", url.Values{"what": {what}}); status != http.StatusConflict {
			t.Errorf("%q: %d", what, status)
		}
	}
	_, body = kl.post("/klik/operations/withdraw", url.Values{"what": {"/m1/spproduktionsmiljoe"}})
	kl.wants(body, "12 oplysninger er taget tilbage", "11 måneder er under mål", "SP produktionsmiljø, m2", "STS adm produktionsmiljø, m1")
	_, body = kl.post("/klik/operations/withdraw", url.Values{"what": {regexp.MustCompile(`value="(incident/[^"]+)"`).FindStringSubmatch(body)[1]}})
	if kl.wants(body, "1 oplysning er taget tilbage"); strings.Contains(body, "Nedbrud") {
		t.Error("the incident stands")
	}
	_, body = kl.post("/klik/readiness/withdraw", url.Values{"system": {"nordlysomsorgas/nordlysjournal"}})
	kl.wants(body, "4 oplysninger er taget tilbage", "Her er ingen klarmeldinger endnu")
	good, err := os.ReadFile("../testdata/readiness/form.csv")
	if err != nil {
		t.Fatal(err)
	}
	_, body = kl.sendTable("/klik/readiness", "form.csv", good)
	kl.wants(body, "Nordlys Journal")
	if got := s.actions(t, audit.Filter{Action: "klik"}); got != "klik.readiness klik.withdraw klik.withdraw klik.withdraw klik.readiness klik.readiness klik.operations klik.operations" {
		t.Error(got)
	}
}

// TestKlikExamples: what the help shows as files is read as files.
func TestKlikExamples(t *testing.T) {
	s := newSite(t, Config{})
	o, faults, err := ingest.ReadOperations(s.book, strings.NewReader(operationsExample), int64(len(operationsExample)))
	if err != nil || len(faults) > 0 || len(o.Figures) != 9 || len(o.Narratives) != 1 || len(o.Incidents) != 1 || len(o.Notes) > 0 {
		t.Error(o, faults, err)
	}
	list, faults, err := ingest.ReadReadiness(s.book, strings.NewReader(readinessExample), int64(len(readinessExample)))
	if err != nil || len(faults) > 0 || len(list) != 2 {
		t.Error(list, faults, err)
	}
}

// TestHostileTables sends tables that mean ill, noise among them: none is a fault of ours, none runs in a page or in a spreadsheet.
func TestHostileTables(t *testing.T) {
	t.Parallel()
	s := newSite(t, Config{})
	kl := s.as(t, account.Operator, 0, "")
	r := rand.New(rand.NewPCG(2020, 10))
	bad := []string{live, "=cmd|' /C calc'!A0", "@SUM(A1)", "\x00\x01", `"`, "\u202e", strings.Repeat("x", 90), "{{.Data}}", "\xff\xfe", "javascript:alert(1)", "99999999999999999999", "-1"}
	loaded := 0
	for i := range 160 {
		path, example := "/klik/operations", operationsExample
		if i%2 == 1 {
			path, example = "/klik/readiness", readinessExample
		}
		data := hostileContent(r)
		if i%4 > 1 { // a good table with ill cells
			lines := strings.Split(example, "\n")
			at := 1 + r.IntN(len(lines)-1)
			cells := strings.Split(lines[at], ";")
			cells[r.IntN(len(cells))] = bad[r.IntN(len(bad))]
			lines[at] = strings.Join(cells, ";")
			data = []byte(strings.Join(lines, "\n"))
		}
		status, body := kl.sendTable(path, "x.csv", data)
		if status >= 500 || strings.Contains(body, live) {
			t.Errorf("file %d: %d %s", i, status, words(body))
		}
		if status == http.StatusOK {
			loaded++
		}
	}
	if loaded < 10 {
		t.Errorf("%d were loaded", loaded)
	}
	for _, path := range []string{"/klik/operations", "/klik/readiness", "/klik/operations/download?format=csv", "/klik/readiness/download?format=csv", "/klik/operations/download?format=xlsx", "/klik/readiness/download?format=xlsx"} {
		status, body := kl.get(path)
		if status != http.StatusOK || strings.Contains(path, "/klik/operations") && !strings.Contains(path, "?") && strings.Contains(body, live) {
			t.Errorf("%s: %d", path, status)
		}
		if strings.HasSuffix(path, "csv") && (strings.Contains(body, ";=cmd") || strings.Contains(body, ";@SUM")) {
			t.Errorf("%s holds a formula", path)
		}
	}
	if left, err := os.ReadDir(s.folder.Dir + "/tmp"); err != nil || len(left) > 0 {
		t.Errorf("left in tmp: %v, %v", left, err)
	}
}
