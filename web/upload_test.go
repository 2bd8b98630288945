package web

import (
	"bytes"
	"html"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"komhen/web/account"
)

// send posts files to the upload form and gives the page it ends on.
func (v *visitor) send(fields map[string]string, files map[string][]byte) (where string, status int, body string) {
	v.t.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	for name, value := range fields {
		form.WriteField(name, value)
	}
	for name, content := range files {
		part, err := form.CreateFormFile("files", name)
		if err != nil {
			v.t.Fatal(err)
		}
		part.Write(content)
	}
	form.Close()
	r, err := v.Post(v.s.URL+"/uploads", form.FormDataContentType(), &b)
	if err != nil {
		v.t.Fatal(err)
	}
	where = r.Request.URL.Path
	status, body = v.read(r, nil)
	return where, status, body
}

// settle reloads a page until the check or the loading behind it has ended.
func (v *visitor) settle(path string) (where, body string) {
	v.t.Helper()
	end, wait := time.Now().Add(time.Minute), time.Millisecond
	for ; ; time.Sleep(wait) { // most files are done at once
		wait = min(2*wait, 20*time.Millisecond)
		r, err := v.Get(v.s.URL + path)
		if err != nil {
			v.t.Fatal(err)
		}
		where = r.Request.URL.Path
		var status int
		if status, body = v.read(r, nil); status != http.StatusOK {
			v.t.Fatalf("%s: %d %s", path, status, body)
		}
		if !strings.Contains(body, "check-progress") {
			return where, body
		}
		if time.Now().After(end) {
			v.t.Fatalf("%s never ends", path)
		}
	}
}

func walkFile(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "testdata", "walkthrough", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

var tags = regexp.MustCompile(`(?s)<[^>]*>`)

// words is a page as one reads it.
func words(body string) string {
	return strings.Join(strings.Fields(tags.ReplaceAllString(body, " ")), " ")
}

func (v *visitor) wants(body string, parts ...string) {
	v.t.Helper()
	text := words(body)
	for _, p := range parts {
		if !strings.Contains(text, p) {
			v.t.Errorf("the page does not say %q:\n%s", p, text)
		}
	}
}

// TestWalkthrough does what a newcomer does: send, read the receipt, load, undo, redo.
func TestWalkthrough(t *testing.T) {
	s := newSite(t, Config{})
	v := s.as(t, account.Coordinator, 259, "")
	where, _, _ := v.send(nil, map[string][]byte{"1-registreringer.csv": walkFile(t, "1-registreringer.csv")})
	_, body := v.settle(where)
	v.wants(body, "Kvittering før indlæsning", "Godtaget 55", "Afvist 5", "Rækker i alt 61", "Indlæs de 55 gode rækker", "R05", "TLFINN", "Køge Kommune")
	if n, err := s.folder.Store.NextUpload(t.Context()); err != nil || n != 1 {
		t.Fatalf("a check loaded something: next upload %d, %v", n, err)
	}
	v.post(where+"/load", nil)
	at, body := v.settle(where)
	if at != "/uploads/1" {
		t.Fatalf("loading ended at %s:\n%s", at, words(body))
	}
	v.wants(body, "Indmelding 1", "tæller med", "Godtaget 55", "Hent rettefil")
	v.mends()
	where, _, _ = v.send(map[string]string{"kind": "system", "source": "Telefonsystem"}, map[string][]byte{"2-telefonsystem.csv": walkFile(t, "2-telefonsystem.csv")})
	v.settle(where)
	v.post(where+"/load", nil)
	_, body = v.settle(where)
	v.wants(body, "Indmelding 3", "Godtaget 109", "Telefonsystem")
	_, body = v.post("/uploads/3/undo", nil)
	v.wants(body, "Indmelding 3 er fortrudt. Det tog 109 henvendelser væk.", "fortrudt")
	_, body = v.post("/uploads/3/redo", nil)
	v.wants(body, "Indmelding 3 tæller med igen. Det gav 109 henvendelser mere.")
	where, _, _ = v.send(nil, map[string][]byte{"3.csv": walkFile(t, "3-registreringer-rettet-og-flere.csv")})
	_, body = v.settle(where)
	v.wants(body, "Godtaget 15", "Tilbageholdt 60")
	_, body = v.post(where+"/cancel", nil)
	v.wants(body, "Intet er indlæst")
	if status, _ := v.get(where); status != http.StatusNotFound {
		t.Errorf("a dropped file is still there: %d", status)
	}
}

// TestUploadsStayInTheirMunicipality: what another municipality sent does not exist.
func TestUploadsStayInTheirMunicipality(t *testing.T) {
	s := newSite(t, Config{})
	own, other := s.as(t, account.Coordinator, 259, ""), s.as(t, account.Coordinator, 461, "")
	where, _, _ := own.send(nil, map[string][]byte{"a.csv": walkFile(t, "1-registreringer.csv")})
	own.settle(where)
	if status, _ := other.get(where); status != http.StatusNotFound {
		t.Errorf("another's waiting file: %d", status)
	}
	if status, _ := other.post(where+"/load", nil); status != http.StatusNotFound {
		t.Errorf("loading another's waiting file: %d", status)
	}
	own.post(where+"/load", nil)
	own.settle(where)
	for _, path := range []string{"/uploads/1", "/uploads/1/fix-file", "/uploads/1/file"} {
		if status, body := other.get(path); status != http.StatusNotFound {
			t.Errorf("%s: %d %s", path, status, words(body))
		}
	}
	for _, path := range []string{"/uploads/1/undo", "/uploads/1/redo", "/uploads/1/further"} {
		if status, _ := other.post(path, nil); status != http.StatusNotFound {
			t.Errorf("%s: %d", path, status)
		}
	}
	if _, body := other.get("/uploads"); strings.Contains(body, "a.csv") {
		t.Error("another's upload is listed")
	}
	_, status, _ := other.send(map[string]string{"municipality": "259"}, map[string][]byte{"b.csv": walkFile(t, "1-registreringer.csv")})
	if status != http.StatusForbidden {
		t.Errorf("loading for another municipality: %d", status)
	}
}

var mendInput = regexp.MustCompile(`<input class="form-input" id="c-(\d+)-(\d+)" name="c\.\d+" value="([^"]*)"`)

// mends mends the rejected rows of upload 1 in the page: first some, wrongly, then all of them.
func (v *visitor) mends() {
	v.t.Helper()
	status, body := v.get("/uploads/1/mend")
	if status != http.StatusOK {
		v.t.Fatal(status, words(body))
	}
	v.wants(body, "5 rækker mangler", "TLFINN", "Der stod »TLFINN«. Det her er vores forslag.")
	form := url.Values{}
	for _, m := range mendInput.FindAllStringSubmatch(body, -1) {
		form.Add("c."+m[1], html.UnescapeString(m[3]))
	}
	if len(form) != 5 {
		v.t.Fatalf("%d rows to mend", len(form))
	}
	form.Set("row", "33") // still without a unit
	status, body = v.post("/uploads/1/mend", form)
	if status != http.StatusUnprocessableEntity {
		v.t.Fatal(status, words(body))
	}
	v.wants(body, "Intet er ændret", "5 rækker mangler")
	form["c.21"][7], form["c.33"][1], form["c.55"][4] = "26-04-2012 09:26", "Borgerservice", "INFO"
	form["row"] = []string{"10", "21", "33", "44", "55"}
	status, body = v.post("/uploads/1/mend", form)
	if status != http.StatusOK {
		v.t.Fatal(status, words(body))
	}
	v.wants(body, "5 rækker er rettet og tæller med", "Rettet i indmelding 2", "Historik")
}
