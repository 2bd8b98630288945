package static_test

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"komhen/web/static"
)

// vendored reads a list of files from elsewhere: name, version, file, sha256, licence, origin.
func vendored(t *testing.T, file string) map[string][]string {
	t.Helper()
	in, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	r := csv.NewReader(in)
	r.Comma = ';'
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string][]string{}
	for _, row := range rows[1:] {
		if listed[row[2]] != nil {
			t.Errorf("%s: %s is listed twice", file, row[2])
		}
		for i, cell := range row {
			if cell == "" {
				t.Errorf("%s: %s has no %s", file, row[2], rows[0][i])
			}
		}
		listed[row[2]] = row
	}
	return listed
}

// TestVendored holds what others made against the list of it: nothing unlisted, nothing missing, nothing changed.
func TestVendored(t *testing.T) {
	for _, c := range []struct{ dir, list string }{{"vendor", "vendor.csv"}, {"../testdata/axe", "../testdata/axe.csv"}} {
		listed := vendored(t, c.list)
		licences := map[string]bool{}
		err := filepath.WalkDir(c.dir, func(file string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			name, err := filepath.Rel(c.dir, file)
			if err != nil {
				return err
			}
			name = filepath.ToSlash(name)
			row := listed[name]
			delete(listed, name)
			if row == nil {
				t.Errorf("%s is not in %s", file, c.list)
				return nil
			}
			if strings.HasPrefix(strings.ToUpper(path.Base(name)), "LICEN") {
				licences[row[0]] = true
			}
			body, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			if sum := sha256.Sum256(body); hex.EncodeToString(sum[:]) != row[3] {
				t.Errorf("%s is not as it was fetched: its SHA-256 is %x", file, sum)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for name := range listed {
			t.Errorf("%s lists %s, which is not there", c.list, name)
		}
		for _, row := range vendored(t, c.list) {
			if !licences[row[0]] {
				t.Errorf("%s comes without its licence text", row[0])
				licences[row[0]] = true
			}
		}
	}
}

var urls = regexp.MustCompile(`url\(["']?([^)"']+)["']?\)`)

// TestStyleSheetsFindTheirFiles follows every address in every style sheet, as a browser would from below Path.
func TestStyleSheetsFindTheirFiles(t *testing.T) {
	server := httptest.NewServer(static.Handler())
	defer server.Close()
	followed := 0
	for _, name := range static.Names() {
		if path.Ext(name) != ".css" {
			continue
		}
		body, err := static.FS.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range urls.FindAllStringSubmatch(string(body), -1) {
			to := m[1]
			switch {
			case strings.HasPrefix(to, "data:"):
				continue
			case strings.HasPrefix(to, "http:") || strings.HasPrefix(to, "https:") || strings.HasPrefix(to, "//"):
				t.Errorf("%s fetches %s from elsewhere", name, to)
				continue
			case strings.HasSuffix(to, ".eot") || strings.HasSuffix(to, ".ttf") || strings.HasSuffix(to, ".woff"):
				continue // older formats of fonts that komhen.css declares again
			}
			response, err := http.Get(server.URL + path.Join(path.Dir(static.Path(name)), to))
			if err != nil {
				t.Fatal(err)
			}
			response.Body.Close()
			if response.StatusCode != http.StatusOK {
				t.Errorf("%s refers to %s: %s", name, to, response.Status)
			}
			followed++
		}
	}
	if followed < 100 {
		t.Errorf("followed %d addresses only", followed)
	}
}

func get(t *testing.T, method, url string, header ...string) (*http.Response, []byte) {
	t.Helper()
	request := httptest.NewRequest(method, url, nil)
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	recorder := httptest.NewRecorder()
	static.Handler().ServeHTTP(recorder, request)
	return recorder.Result(), recorder.Body.Bytes()
}

func TestEveryFileIsServed(t *testing.T) {
	for _, name := range static.Names() {
		want, err := static.FS.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		plain, body := get(t, "GET", static.Path(name))
		if plain.StatusCode != 200 || !bytes.Equal(body, want) {
			t.Errorf("%s: %s and %d bytes, not the %d of the file", name, plain.Status, len(body), len(want))
		}
		if plain.Header.Get("Content-Type") == "" || plain.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: no certain type: %v", name, plain.Header)
		}
		if got := plain.Header.Get("Cache-Control"); got != "public, max-age=31536000, immutable" {
			t.Errorf("%s: Cache-Control %q", name, got)
		}
		small, body := get(t, "GET", static.Path(name), "Accept-Encoding", "br, gzip;q=0.5")
		if small.Header.Get("Content-Encoding") == "gzip" {
			r, err := gzip.NewReader(bytes.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			if body, err = io.ReadAll(r); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(body, want) {
			t.Errorf("%s comes back different from gzip", name)
		}
		if small.Header.Get("Content-Encoding") == "gzip" && small.Header.Get("ETag") == plain.Header.Get("ETag") {
			t.Errorf("%s has one ETag for two encodings", name)
		}
		again, body := get(t, "GET", static.Path(name), "If-None-Match", `"other", W/`+plain.Header.Get("ETag"))
		if again.StatusCode != http.StatusNotModified || len(body) > 0 {
			t.Errorf("%s is sent again: %s", name, again.Status)
		}
		head, body := get(t, "HEAD", static.Path(name))
		if head.StatusCode != 200 || len(body) > 0 || head.Header.Get("Content-Length") != plain.Header.Get("Content-Length") {
			t.Errorf("%s: HEAD gives %s, %v", name, head.Status, head.Header)
		}
	}
}

func TestRefusals(t *testing.T) {
	for _, url := range []string{"/static/", "/static/x", "/static/x/", "/static/x/missing.css", "/static/x/../static.go", "/static/x/vendor",
		"/static/x/static.go", "/static/x/vendor.csv", "/other/x/komhen.css"} {
		if response, _ := get(t, "GET", url); response.StatusCode != 404 {
			t.Errorf("%s: %s", url, response.Status)
		}
	}
	if response, _ := get(t, "POST", static.Path("komhen.css")); response.StatusCode != 405 {
		t.Errorf("POST: %s", response.Status)
	}
	if response, _ := get(t, "GET", "/static/0123456789abcdef/komhen.css"); response.StatusCode != 200 || response.Header.Get("Cache-Control") != "no-cache" {
		t.Errorf("an earlier program's address: %s, %v", response.Status, response.Header)
	}
	if response, _ := get(t, "GET", static.Path("komhen.css"), "Accept-Encoding", "gzip;q=0"); response.Header.Get("Content-Encoding") != "" {
		t.Error("gzip where it was declined")
	}
	defer func() {
		if recover() == nil {
			t.Error("an unknown name has an address")
		}
	}()
	static.Path("missing.css")
}
