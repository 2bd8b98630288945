package web

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"komhen/model"
	"komhen/web/account"
	"komhen/web/paper"
)

// service is a site with a token for every role.
type service struct {
	*site
	t      testing.TB
	tokens map[string]string // by role, and by "other" for another municipality's coordinator; "" is nobody
	clock  time.Time
}

const (
	koege, odense = 259, 461
	walkFolder    = "../testdata/walkthrough/"
)

// inRound is a moment before the deadline of 2012F, when nothing in testdata is in the future.
var inRound = time.Date(2012, 5, 20, 12, 0, 0, 0, model.Copenhagen)

func newService(t *testing.T) *service {
	t.Helper()
	x := &service{t: t, clock: inRound, tokens: map[string]string{"": ""}}
	x.site = newSite(t, Config{MaxUploadMB: 8, Chromium: paper.NoBrowser, Now: func() time.Time { return x.clock }})
	x.token("operator", account.Account{Role: account.Operator})
	x.token("coordinator", account.Account{Role: account.Coordinator, Municipality: koege})
	x.token("analyst", account.Account{Role: account.Analyst, Municipality: koege})
	x.token("reader", account.Account{Role: account.Reader, Municipality: koege})
	x.token("unit", account.Account{Role: account.Unit, Municipality: koege, Unit: "Borgerservice"})
	x.token("other", account.Account{Role: account.Coordinator, Municipality: odense})
	return x
}

// token makes an account of its own for a name, and a token with all its rights.
func (x *service) token(name string, a account.Account) {
	x.t.Helper()
	a.Email, a.Name = name+"@example.dk", name
	a, err := x.accounts.Create(a, "")
	check(x.t, err)
	secret, _, err := x.accounts.IssueToken(account.Token{AccountID: a.ID, Name: name, Role: a.Role, Municipality: a.Municipality, Unit: a.Unit,
		Expires: x.clock.AddDate(0, 6, 0)}, x.clock)
	check(x.t, err)
	x.tokens[name] = secret
}

// answered is an answer that has been read.
type answered struct {
	*http.Response
	body []byte
}

// ask sends a request as a role.
func (x *service) ask(role, method, path, kind string, body io.Reader) answered {
	x.t.Helper()
	r, err := http.NewRequest(method, x.URL+path, body)
	check(x.t, err)
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	if secret := x.tokens[role]; secret != "" {
		r.Header.Set("Authorization", "Bearer "+secret)
	}
	return x.do(r)
}

func (x *service) do(r *http.Request) answered {
	x.t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	got, err := client.Do(r)
	check(x.t, err)
	defer got.Body.Close()
	text, err := io.ReadAll(got.Body)
	check(x.t, err)
	return answered{got, text}
}

func (x *service) get(role, path string) answered {
	x.t.Helper()
	return x.ask(role, http.MethodGet, path, "", nil)
}

// send uploads a file to the API, with the fields before it.
func (x *service) send(role, query, name string, data []byte, fields ...string) answered {
	x.t.Helper()
	kind, body := form(x.t, name, data, fields...)
	return x.ask(role, http.MethodPost, "/api/v1/uploads"+query, kind, body)
}

// sendFile uploads a file of the repository.
func (x *service) sendFile(role, query, path string) answered {
	x.t.Helper()
	return x.send(role, query, filepath.Base(path), read(x.t, path))
}

func form(t testing.TB, name string, data []byte, fields ...string) (kind string, body io.Reader) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for i := 0; i < len(fields); i += 2 {
		check(t, w.WriteField(fields[i], fields[i+1]))
	}
	part, err := w.CreateFormFile("file", name)
	check(t, err)
	_, err = part.Write(data)
	check(t, err)
	check(t, w.Close())
	return w.FormDataContentType(), &b
}

// formFiles is a form with several small files: names and contents in turn.
func formFiles(t testing.TB, files ...string) (kind, body string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		part, err := w.CreateFormFile("file", files[i])
		check(t, err)
		_, err = io.WriteString(part, files[i+1])
		check(t, err)
	}
	check(t, w.Close())
	return w.FormDataContentType(), b.String()
}

// want fails unless an answer has a status, and with a code unless it is a problem of that code.
func (a answered) want(t testing.TB, status int, code string) answered {
	t.Helper()
	if a.StatusCode != status || code != "" && !strings.Contains(string(a.body), `"code":"`+code+`"`) {
		t.Errorf("%s %s: %d, want %d %s: %.500s", a.Request.Method, a.Request.URL.RequestURI(), a.StatusCode, status, code, a.body)
	}
	if a.StatusCode >= 400 && a.StatusCode != http.StatusUnprocessableEntity && a.Header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("%s: an error as %s", a.Request.URL.RequestURI(), a.Header.Get("Content-Type"))
	}
	return a
}

func read(t testing.TB, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	check(t, err)
	return data
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
