package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"komhen/ingest"
	"komhen/model"
	"komhen/reports"
	"komhen/web/account"
)

// receiptsOf reads the document of an upload.
func receiptsOf(t testing.TB, a answered) ingest.ReceiptJSON {
	t.Helper()
	var doc struct{ Uploads []ingest.ReceiptJSON }
	check(t, json.Unmarshal(a.body, &doc))
	if len(doc.Uploads) != 1 {
		t.Fatalf("%d receipts: %s", len(doc.Uploads), a.body)
	}
	return doc.Uploads[0]
}

// TestUploadUndoRedo goes the whole way of a file as a program goes it.
func TestUploadUndoRedo(t *testing.T) {
	x := newService(t)
	dry := x.sendFile("coordinator", "?dry_run=1", walkFolder+"1-registreringer.csv").want(t, http.StatusOK, "")
	if r := receiptsOf(t, dry); r.Upload != nil || r.Accepted != 55 || r.Rejected != 5 {
		t.Error(string(dry.body[:300]))
	}
	strict := x.sendFile("coordinator", "?strict=1", walkFolder+"1-registreringer.csv").want(t, http.StatusUnprocessableEntity, "")
	if r := receiptsOf(t, strict); r.Upload != nil || r.Rejected != 5 {
		t.Error(string(strict.body[:300]))
	}
	first := x.sendFile("coordinator", "", walkFolder+"1-registreringer.csv").want(t, http.StatusCreated, "")
	if r := receiptsOf(t, first); r.Upload == nil || *r.Upload != 1 || r.Accepted != 55 || first.Header.Get("Location") != "/api/v1/uploads/1" {
		t.Error(string(first.body[:300]), first.Header)
	}
	system := x.send("coordinator", "?kind=system", "telefon.csv", read(t, walkFolder+"2-telefonsystem.csv"), "source", "Telefonsystem").want(t, http.StatusCreated, "")
	if r := receiptsOf(t, system); r.Source != "Telefonsystem" || r.Kind != "system" || r.Accepted != 109 {
		t.Error(string(system.body[:300]))
	}
	again := x.sendFile("coordinator", "", walkFolder+"1-registreringer.csv").want(t, http.StatusCreated, "")
	if r := receiptsOf(t, again); r.Accepted != 0 || r.Withheld != 55 {
		t.Error(string(again.body[:300]))
	}

	stored := x.get("coordinator", "/api/v1/uploads/1").want(t, http.StatusOK, "")
	if want := strings.Replace(string(first.body), `"upload":1,`, `"upload":1,"state":"live",`, 1); string(stored.body) != want {
		t.Errorf("stored\n%s\nloaded\n%s", stored.body, want)
	}
	var change struct {
		Upload, Contacts int64
		State            string
	}
	for _, step := range []struct {
		method, path, state string
		contacts            int64
	}{
		{http.MethodDelete, "/api/v1/uploads/2", "undone", -109}, {http.MethodPost, "/api/v1/uploads/2/redo", "live", 109},
		{http.MethodDelete, "/api/v1/uploads/1", "undone", 0}, // the third upload holds the same rows
	} {
		a := x.ask("coordinator", step.method, step.path, "", nil).want(t, http.StatusOK, "")
		if check(t, json.Unmarshal(a.body, &change)); change.State != step.state || change.Contacts != step.contacts {
			t.Errorf("%s %s: %s", step.method, step.path, a.body)
		}
	}
	x.ask("coordinator", http.MethodDelete, "/api/v1/uploads/1", "", nil).want(t, http.StatusConflict, "nothing-to-do")
	x.ask("coordinator", http.MethodPost, "/api/v1/uploads/2/redo", "", nil).want(t, http.StatusConflict, "nothing-to-do")
	x.ask("coordinator", http.MethodPost, "/api/v1/uploads/1/redo", "", nil).want(t, http.StatusOK, "")

	further := x.ask("coordinator", http.MethodPost, "/api/v1/uploads/3/further", "", nil).want(t, http.StatusCreated, "")
	if r := receiptsOf(t, further); *r.Upload != 4 || r.Accepted != 55 || r.State != "live" {
		t.Error(string(further.body[:300]))
	}
	var list ingest.UploadsJSON
	check(t, json.Unmarshal(x.get("coordinator", "/api/v1/uploads").want(t, http.StatusOK, "").body, &list))
	var states []string
	for _, u := range list.Uploads {
		states = append(states, fmt.Sprint(*u.Upload, " ", u.State, " ", u.Received))
	}
	if got := strings.Join(states, ", "); got != "1 live 2012-05-20T12:00:00+02:00, 2 live 2012-05-20T12:00:00+02:00, 3 undone 2012-05-20T12:00:00+02:00, 4 live 2012-05-20T12:00:00+02:00" {
		t.Error(got)
	}
	if s := string(x.get("other", "/api/v1/uploads").want(t, http.StatusOK, "").body); s != `{"uploads":[]}`+"\n" {
		t.Error("another municipality sees", s)
	}

	var fix bytes.Buffer
	check(t, x.folder.WriteFixFile(t.Context(), 1, &fix, "csv"))
	if got := x.get("coordinator", "/api/v1/uploads/1/fix-file").want(t, http.StatusOK, ""); !bytes.Equal(got.body, fix.Bytes()) {
		t.Error("another fix-it file than the folder's")
	}
	if got := x.get("coordinator", "/api/v1/uploads/1/fix-file?format=xlsx").want(t, http.StatusOK, ""); !bytes.HasPrefix(got.body, []byte("PK")) {
		t.Error("no workbook")
	}
	if n := x.pending.count(); n != 0 {
		t.Errorf("%d files are still held", n)
	}
}

// TestUploadRefusals: what is wrong with a request is said, and nothing is loaded.
func TestUploadRefusals(t *testing.T) {
	x := newService(t)
	const good = "kommune;enhed;opgave;kanal;type;afslutning;blanket;dato\n259;A;23.09.02;TLFIND;OPRET;STRAKS;;23-04-2012\n"
	upload := func(query string, fields ...string) answered {
		return x.send("coordinator", query, "a.csv", []byte(good), fields...)
	}
	upload("?dryrun=1").want(t, http.StatusBadRequest, "parameter-unknown")
	upload("?dry_run=ja").want(t, http.StatusBadRequest, "parameter-unknown")
	upload("?kind=system&kind=system").want(t, http.StatusBadRequest, "parameter-unknown")
	upload("?x=%zz").want(t, http.StatusBadRequest, "parameter-unknown")
	upload("", "stritc", "1").want(t, http.StatusBadRequest, "parameter-unknown")
	upload("?kind=gaet").want(t, http.StatusBadRequest, "kind-unknown")
	upload("?municipality=461").want(t, http.StatusForbidden, "forbidden")
	upload("?municipality=Narnia").want(t, http.StatusNotFound, "municipality-unknown")
	x.ask("coordinator", http.MethodPost, "/api/v1/uploads", "text/csv", strings.NewReader(good)).want(t, http.StatusUnsupportedMediaType, "media-type")
	x.ask("coordinator", http.MethodPost, "/api/v1/uploads", "multipart/form-data; boundary=x", strings.NewReader("--x--\r\n")).want(t, http.StatusBadRequest, "no-file")
	x.ask("coordinator", http.MethodPost, "/api/v1/uploads", "multipart/form-data; boundary=x",
		strings.NewReader("--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\n"+good)).want(t, http.StatusBadRequest, "cut-off")
	two := "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\n" + good + "\r\n"
	x.ask("coordinator", http.MethodPost, "/api/v1/uploads", "multipart/form-data; boundary=x", strings.NewReader(two+two+"--x--\r\n")).want(t, http.StatusBadRequest, "one-file")
	// A field after the file counts like one before it.
	late := two + "--x\r\nContent-Disposition: form-data; name=\"dry_run\"\r\n\r\n1\r\n--x--\r\n"
	x.ask("coordinator", http.MethodPost, "/api/v1/uploads", "multipart/form-data; boundary=x", strings.NewReader(late)).want(t, http.StatusOK, "")
	big := x.send("coordinator", "", "stor.csv", bytes.Repeat([]byte("259;A;23.09.02;TLFIND;OPRET;STRAKS;;23-04-2012\n"), 200_000)).want(t, http.StatusUnprocessableEntity, "")
	if !strings.Contains(string(big.body), `"rule":"F05"`) {
		t.Errorf("%.400s", big.body)
	}
	for _, role := range []string{"", "analyst", "reader", "unit"} {
		status, code := http.StatusForbidden, "forbidden"
		if role == "" {
			status, code = http.StatusUnauthorized, "sign-in"
		}
		x.send(role, "", "a.csv", []byte(good)).want(t, status, code)
	}
	list, err := x.folder.Store.Uploads(t.Context())
	if check(t, err); len(list) != 0 || x.pending.count() != 0 {
		t.Errorf("%d uploads, %d files held", len(list), x.pending.count())
	}
}

// TestTestToken: what comes with a token for tests is kept out of every figure, whatever the request says.
func TestTestToken(t *testing.T) {
	x := newService(t)
	owner, _ := x.accounts.ByEmail("coordinator@example.dk")
	token := x.accounts.Tokens(owner.ID)[0]
	token.Test = true
	secret, _, err := x.accounts.IssueToken(token, x.clock)
	check(t, err)
	x.tokens["test"] = secret
	a := x.send("test", "?test=0", "1.csv", read(t, walkFolder+"1-registreringer.csv")).want(t, http.StatusCreated, "")
	if !receiptsOf(t, a).Test {
		t.Errorf("%.300s", a.body)
	}
	x.get("coordinator", "/api/v1/reports/channels").want(t, http.StatusNotFound, "no-contacts")
}

// TestSavedProfile: a file of another system is read with the profile that its municipality has saved, and with nobody else's.
func TestSavedProfile(t *testing.T) {
	x := newService(t)
	const folder = "../testdata/mappings/queue-system/"
	var m ingest.Mapping
	check(t, json.Unmarshal(read(t, folder+"mapping.json"), &m))
	var expected struct {
		Accepted, Rejected int64
		Layout             string
	}
	check(t, json.Unmarshal(read(t, folder+"expected.json"), &expected))
	file := read(t, folder+"input.csv")
	x.send("coordinator", "", "koe.csv", file).want(t, http.StatusUnprocessableEntity, "")
	look, err := x.folder.Look(t.Context(), bytes.NewReader(file), int64(len(file)), ingest.Options{Name: "koe.csv", Municipality: koege})
	check(t, err)
	_, err = x.accounts.SaveProfile(account.Profile{Municipality: koege, Name: m.Name, Mapping: read(t, folder+"mapping.json"), Fingerprint: look.Fingerprint, Changed: x.clock})
	check(t, err)
	got := receiptsOf(t, x.send("coordinator", "", "koe.csv", file).want(t, http.StatusCreated, ""))
	if got.Accepted != expected.Accepted || got.Rejected != expected.Rejected || got.Layout != expected.Layout || got.Source != m.Source {
		t.Errorf("%+v, want %+v", got, expected)
	}
	x.send("other", "", "koe.csv", file).want(t, http.StatusUnprocessableEntity, "")
}

// TestNothingOfOthers: an upload, a figure or a row of another municipality is not to be had by changing a number or a name.
func TestNothingOfOthers(t *testing.T) {
	x := newService(t)
	x.sendFile("coordinator", "", walkFolder+"1-registreringer.csv").want(t, http.StatusCreated, "")
	for _, try := range []struct{ method, path string }{
		{http.MethodGet, "/api/v1/uploads/1"}, {http.MethodDelete, "/api/v1/uploads/1"}, {http.MethodPost, "/api/v1/uploads/1/redo"},
		{http.MethodPost, "/api/v1/uploads/1/further"}, {http.MethodGet, "/api/v1/uploads/1/fix-file"},
	} {
		unknown := x.ask("other", try.method, try.path, "", nil).want(t, http.StatusNotFound, "upload-unknown")
		missing := x.ask("other", try.method, strings.Replace(try.path, "uploads/1", "uploads/7", 1), "", nil).want(t, http.StatusNotFound, "upload-unknown")
		if a, b := string(unknown.body), strings.Replace(string(missing.body), "nummer 7", "nummer 1", 1); a != b {
			t.Errorf("%s tells that there is one:\n%s%s", try.path, a, b)
		}
	}
	for _, path := range []string{"/api/v1/reports/channels?municipality=259", "/api/v1/reports/units?municipality=K%C3%B8ge", "/api/v1/benchmark.xlsx?municipality=259", "/api/v1/export/contacts?municipality=259"} {
		x.get("other", path).want(t, http.StatusForbidden, "forbidden")
		x.get("operator", path).want(t, http.StatusOK, "")
	}
	for _, role := range []string{"reader", "unit"} {
		x.get(role, "/api/v1/export/contacts").want(t, http.StatusForbidden, "forbidden")
	}
	if text := string(x.get("other", "/api/v1/export/contacts").want(t, http.StatusOK, "").body); strings.Contains(text, "Borgerservice") {
		t.Error("the extract of Odense holds rows of Køge")
	}
	x.get("unit", "/api/v1/reports/channels").want(t, http.StatusForbidden, "forbidden")
	x.get("coordinator", "/api/v1/benchmark.xlsx").want(t, http.StatusOK, "")
	x.get("operator", "/api/v1/benchmark.xlsx").want(t, http.StatusBadRequest, "municipality-needed")
}

// TestReportBytes: a report through the API is the one the command line writes, byte for byte.
func TestReportBytes(t *testing.T) {
	x := newService(t)
	x.sendFile("coordinator", "", walkFolder+"1-registreringer.csv").want(t, http.StatusCreated, "")
	for _, def := range reports.Names() {
		r, err := reports.Run(t.Context(), x.folder.Store, x.book, reports.Query{Name: def.Name, Municipality: koege})
		check(t, err)
		var wantJSON, wantCSV, wantXLSX bytes.Buffer
		check(t, reports.WriteJSON(&wantJSON, r))
		check(t, reports.WriteCSV(&wantCSV, r))
		check(t, reports.WriteXLSX(&wantXLSX, r))
		path := "/api/v1/reports/" + def.Name + "?municipality=259&round=2012f"
		for format, want := range map[string][]byte{"json": wantJSON.Bytes(), "csv": wantCSV.Bytes(), "xlsx": wantXLSX.Bytes()} {
			if got := x.get("reader", path+"&format="+format).want(t, http.StatusOK, ""); !bytes.Equal(got.body, want) {
				t.Errorf("%s as %s differs", def.Name, format)
			}
		}
	}
	for path, code := range map[string]string{
		"channels?format=doc": "format-unknown", "channels?types=x": "types-unknown", "channels?weeks=x": "weeks-unknown", "units": "municipality-needed", "channels?kommune=259": "parameter-unknown",
	} {
		x.get("operator", "/api/v1/reports/"+path).want(t, http.StatusBadRequest, code)
	}
	for path, code := range map[string]string{"x": "report-unknown", "channels?round=2012X": "round-unknown", "channels?round=2013F": "", "channels?municipality=1": "municipality-unknown"} {
		if a := x.get("operator", "/api/v1/reports/"+path); code != "" {
			a.want(t, http.StatusNotFound, code)
		}
	}
}

// TestLists are those of the codebook.
func TestLists(t *testing.T) {
	x := newService(t)
	for path, want := range map[string]any{"codebook": x.book.Published(), "rules": x.book.PublishedRules(), "rounds": x.book.PublishedRounds(x.clock), "municipalities": x.book.PublishedMunicipalities()} {
		text, err := json.Marshal(want)
		check(t, err)
		var a, b any
		check(t, json.Unmarshal(text, &a))
		check(t, json.Unmarshal(x.get("", "/api/v1/"+path).want(t, http.StatusOK, "").body, &b))
		if fmt.Sprint(a) != fmt.Sprint(b) {
			t.Errorf("%s differs", path)
		}
	}
}

// TestTokens: a bad key is told as such, and keys are for programs' addresses only.
func TestTokens(t *testing.T) {
	x := newService(t)
	x.tokens["wrong"] = "komhen_wrong"
	x.get("wrong", "/api/v1/uploads").want(t, http.StatusUnauthorized, "token-unknown")
	x.get("wrong", "/api/v1/rules").want(t, http.StatusUnauthorized, "token-unknown")
	owner, _ := x.accounts.ByEmail("coordinator@example.dk")
	_, err := x.accounts.Revoke(x.accounts.Tokens(owner.ID)[0].ID, x.clock)
	check(t, err)
	x.get("coordinator", "/api/v1/uploads").want(t, http.StatusUnauthorized, "token-revoked")
	x.clock = x.clock.AddDate(1, 0, 0)
	x.get("operator", "/api/v1/uploads").want(t, http.StatusUnauthorized, "token-expired")
	x.clock = inRound
	if a := x.get("operator", "/uploads"); a.StatusCode != http.StatusSeeOther {
		t.Errorf("a key opens a page: %d", a.StatusCode)
	}
	x.get("operator", "/api/v1/nothing").want(t, http.StatusNotFound, "not-found")
	a := x.ask("operator", http.MethodPut, "/api/v1/uploads", "", nil).want(t, http.StatusMethodNotAllowed, "method")
	if got := strings.Join(a.Header.Values("Allow"), " "); got != "GET POST" {
		t.Error(got)
	}
	x.get("operator", "/api/v1/uploads/1/redo").want(t, http.StatusMethodNotAllowed, "method")
}

// TestMetrics: a watchman sees what was done; others do not, also through a proxy on this machine.
func TestMetrics(t *testing.T) {
	x := newService(t)
	x.sendFile("coordinator", "", walkFolder+"1-registreringer.csv").want(t, http.StatusCreated, "")
	x.get("coordinator", "/api/v1/uploads/99").want(t, http.StatusNotFound, "upload-unknown")
	text := string(x.get("", "/metrics").want(t, http.StatusOK, "").body)
	for _, line := range []string{`komhen_uploads_total 1`, `komhen_upload_rows_total{outcome="accepted"} 55`, `komhen_upload_rows_total{outcome="rejected"} 5`,
		`komhen_http_requests_total{route="GET /api/v1/uploads/{upload}",status="404"} 1`, `komhen_pending_uploads 0`, `komhen_http_request_seconds_count{route="POST /api/v1/uploads"} 1`} {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("%s is not among\n%s", line, text)
		}
	}
	for _, header := range []string{"X-Forwarded-For: 192.0.2.1", "Forwarded: for=192.0.2.1", "Host: komhen.example.dk"} {
		r, err := http.NewRequest(http.MethodGet, x.URL+"/metrics", nil)
		check(t, err)
		name, value, _ := strings.Cut(header, ": ")
		if r.Header.Set(name, value); name == "Host" {
			r.Host = value
		}
		x.do(r).want(t, http.StatusUnauthorized, "sign-in")
		r.Header.Set("Authorization", "Bearer "+x.tokens["coordinator"])
		x.do(r).want(t, http.StatusForbidden, "forbidden")
		r.Header.Set("Authorization", "Bearer "+x.tokens["operator"])
		x.do(r).want(t, http.StatusOK, "")
	}
}

// TestHeldRequests: a service that is closing begins nothing.
func TestHeldRequests(t *testing.T) {
	x := newService(t)
	x.ending.Lock()
	x.ended = true
	x.ending.Unlock()
	x.sendFile("coordinator", "", walkFolder+"1-registreringer.csv").want(t, http.StatusServiceUnavailable, "ending")
	x.ask("coordinator", http.MethodDelete, "/api/v1/uploads/1", "", nil).want(t, http.StatusServiceUnavailable, "ending")
}

// TestParameterNames: what a program wrote is never given back with a person's number in it.
func TestParameterNames(t *testing.T) {
	err := knownField("010190-1234", nil)
	if p := err.(*model.Problem); strings.Contains(p.Message, "010190") {
		t.Error(p.Message)
	}
}
