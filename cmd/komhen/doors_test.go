package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"komhen/ingest"
	"komhen/model/codebook"
	"komhen/web"
	accounts "komhen/web/account"
)

// overHTTP is a service over a data folder and the key of an operator.
type overHTTP struct {
	url, key string
}

func serveOver(t *testing.T, data string) overHTTP {
	t.Helper()
	book, err := codebook.Load()
	fine(t, err)
	folder, err := ingest.Open(t.Context(), data, book, ingest.OpenOptions{})
	fine(t, err)
	s, err := web.New(t.Context(), folder, web.Config{})
	fine(t, err)
	server := httptest.NewServer(s.Handler())
	t.Cleanup(func() {
		server.Close()
		fine(t, s.Close())
		fine(t, folder.Close())
	})
	a, err := s.Accounts().Create(accounts.Account{Email: "kl@example.dk", Name: "KL", Role: accounts.Operator}, "")
	fine(t, err)
	key, _, err := s.Accounts().IssueToken(accounts.Token{AccountID: a.ID, Name: "prøve", Role: accounts.Operator, Expires: time.Now().AddDate(0, 1, 0)}, time.Now())
	fine(t, err)
	return overHTTP{server.URL, key}
}

func (o overHTTP) ask(t *testing.T, method, path, kind string, body io.Reader) string {
	t.Helper()
	r, err := http.NewRequest(method, o.url+path, body)
	fine(t, err)
	r.Header.Set("Authorization", "Bearer "+o.key)
	r.Header.Set("Content-Type", kind)
	answer, err := http.DefaultClient.Do(r)
	fine(t, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	fine(t, err)
	return string(text)
}

func (o overHTTP) upload(t *testing.T, query, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	fine(t, err)
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	part, err := w.CreateFormFile("file", filepath.Base(path))
	fine(t, err)
	_, err = part.Write(data)
	fine(t, err)
	fine(t, w.Close())
	return o.ask(t, http.MethodPost, "/api/v1/uploads"+query, w.FormDataContentType(), &b)
}

// TestSameThroughTheAPI: what the program prints and what the service answers are the same texts: receipts, lists, reports.
func TestSameThroughTheAPI(t *testing.T) {
	const walk = "../../testdata/walkthrough/"
	byProgram, byService := t.TempDir(), t.TempDir()
	api := serveOver(t, byService)
	for _, step := range []struct {
		status int
		query  string
		args   []string
		file   string
	}{
		{statusDone, "?dry_run=1&kind=system", []string{"--dry-run", "--kind", "system"}, walk + "2-telefonsystem.csv"},
		{statusNothing, "?strict=1&municipality=259", []string{"--strict", "--municipality", "259"}, walk + "1-registreringer.csv"},
		{statusRejected, "?municipality=K%C3%B8ge", []string{"--municipality", "Køge"}, walk + "1-registreringer.csv"},
		{statusDone, "?kind=system&source=Telefonsystem", []string{"--kind", "system", "--source", "Telefonsystem"}, walk + "2-telefonsystem.csv"},
		{statusDone, "", nil, walk + "3-registreringer-rettet-og-flere.csv"},
		{statusDone, "?test=1", []string{"--test"}, "../../testdata/layouts/c-dates.xlsx"},
		{statusNothing, "", nil, "../../testdata/rules/F06-two-spellings/input.csv"},
	} {
		printed := run(t, byProgram, append(append([]string{"import", "--json"}, step.args...), step.file)...)
		if printed.status != step.status {
			t.Errorf("import %v %s: status %d", step.args, step.file, printed.status)
		}
		if got := api.upload(t, step.query, step.file); got != printed.stdout {
			t.Errorf("%s%s\nprogram %.600s\nservice %.600s", step.file, step.query, printed.stdout, got)
		}
	}
	for path, args := range map[string][]string{
		"uploads/1": {"receipt", "1", "--json"}, "uploads/3": {"receipt", "3", "--json"}, "uploads/1/fix-file": {"receipt", "1", "--json"},
		"codebook": {"codebook", "--json"}, "rules": {"rules", "--json"}, "rounds": {"rounds", "--json"}, "municipalities": {"municipalities", "--json"},
		"reports": {"report", "list", "--format", "json"}, "reports/channels": {"report", "channels", "--format", "json"},
		"reports/units?municipality=259&format=csv":                           {"report", "units", "--municipality", "259", "--format", "csv"},
		"reports/channel-by-subject?types=transaction&round=2012F":            {"report", "channel-by-subject", "--types", "transaction", "--round", "2012F", "--format", "json"},
		"export/contacts?round=2012F&municipality=" + url.QueryEscape("Køge"): {"export", "contacts", "--round", "2012F", "--municipality", "Køge"},
	} {
		want := ok(t, byProgram, args...)
		if path == "uploads/1/fix-file" {
			fix := filepath.Join(t.TempDir(), "ret.csv")
			ok(t, byProgram, append(args, "--fix-file", fix)...)
			text, err := os.ReadFile(fix)
			fine(t, err)
			want = string(text)
		}
		if got := api.ask(t, http.MethodGet, "/api/v1/"+path, "", nil); got != want {
			t.Errorf("%s\nprogram %.600s\nservice %.600s", path, want, got)
		}
	}
	for _, step := range []struct{ method, path, command string }{{http.MethodDelete, "", "undo"}, {http.MethodPost, "/redo", "redo"}, {http.MethodPost, "/further", "further"}} {
		want := ok(t, byProgram, step.command, "2", "--json")
		if got := api.ask(t, step.method, "/api/v1/uploads/2"+step.path, "", nil); !sameJSON(t, got, want) {
			t.Errorf("%s\nprogram %.600s\nservice %.600s", step.command, want, got)
		}
	}
}

// sameJSON compares documents whose fields may stand in another order.
func sameJSON(t *testing.T, a, b string) bool {
	t.Helper()
	var x, y any
	fine(t, json.Unmarshal([]byte(a), &x))
	fine(t, json.Unmarshal([]byte(b), &y))
	return fmt.Sprint(x) == fmt.Sprint(y)
}

func fine(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
