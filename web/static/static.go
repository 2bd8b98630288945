// Package static holds the files that pages load: design system, htmx, charts, and our own style and script. They are part
// of the program, so that the service works without any other server.
//
// Danger: pages must take every address from Path. The address holds a hash of all files together, browsers keep what is
// behind it for a year, and style sheets find fonts and icons relative to it.
package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// FS is every file that is served, by the name that Path takes.
//
//go:embed vendor komhen.css layout.css figures.css help.css komhen.js
var FS embed.FS

// Prefix is the address below which Handler serves.
const Prefix = "/static/"

// file is what is sent for a name. Text is compressed the first time somebody asks.
type file struct {
	body     []byte
	mime     string
	etag     string
	compress func() []byte // nil where it would not pay
}

// Read when the first is asked for: every command starts this program, and few of them serve pages.
var (
	files = sync.OnceValue(readAll)
	tree  = sync.OnceValue(hashAll)
)

// Path is the address of a file, such as "komhen.css". The address changes when any file does. An unknown name panics:
// it is a mistake in a template, and every template is drawn by a test.
func Path(name string) string {
	if files()[name] == nil {
		panic("static: no file " + name)
	}
	return Prefix + tree() + "/" + name
}

// Names is every file, sorted.
func Names() []string {
	var names []string
	for name := range files() {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Handler serves the files at the addresses of Path. An address with another hash (a page that was open while the program
// was replaced) gets the file as it is now, not to be kept.
func Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rest, ok := strings.CutPrefix(r.URL.Path, Prefix)
		hash, name, ok2 := strings.Cut(rest, "/")
		f := files()[name]
		if !ok || !ok2 || f == nil {
			http.NotFound(w, r)
			return
		}
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
			return
		}
		f.serve(w, r, hash == tree())
	})
}

func (f *file) serve(w http.ResponseWriter, r *http.Request, keep bool) {
	h := w.Header()
	h.Set("Content-Type", f.mime)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-cache")
	if keep {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	body, etag := f.body, f.etag
	if f.compress != nil {
		h.Set("Vary", "Accept-Encoding")
		if acceptsGzip(r.Header.Get("Accept-Encoding")) {
			body, etag = f.compress(), f.etag+"-gzip"
			h.Set("Content-Encoding", "gzip")
		}
	}
	etag = `"` + etag + `"`
	h.Set("ETag", etag)
	if matches(r.Header.Get("If-None-Match"), etag) {
		h.Del("Content-Encoding")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method == http.MethodGet {
		_, _ = w.Write(body) // whoever asked has gone
	}
}

// acceptsGzip reads Accept-Encoding; "gzip;q=0" is a no.
func acceptsGzip(header string) bool {
	for part := range strings.SplitSeq(header, ",") {
		coding, params, _ := strings.Cut(strings.TrimSpace(part), ";")
		if !strings.EqualFold(strings.TrimSpace(coding), "gzip") {
			continue
		}
		q, isQ := strings.CutPrefix(strings.TrimSpace(params), "q=")
		weight, err := strconv.ParseFloat(q, 64)
		return !isQ || (err == nil && weight > 0)
	}
	return false
}

func matches(header, etag string) bool {
	for part := range strings.SplitSeq(header, ",") {
		if part = strings.TrimPrefix(strings.TrimSpace(part), "W/"); part == etag || part == "*" {
			return true
		}
	}
	return false
}

// types of the files we have; mime.TypeByExtension would ask the machine it runs on.
var types = map[string]string{
	".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml", ".png": "image/png",
	".woff2": "font/woff2", ".md": "text/plain; charset=utf-8", ".txt": "text/plain; charset=utf-8", "": "text/plain; charset=utf-8",
}

func readAll() map[string]*file {
	all := map[string]*file{}
	err := fs.WalkDir(FS, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := FS.ReadFile(name)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(body)
		f := &file{body: body, mime: types[path.Ext(name)], etag: hex.EncodeToString(sum[:8])}
		if kind, _, _ := mime.ParseMediaType(f.mime); strings.HasPrefix(kind, "text/") || kind == "image/svg+xml" {
			f.compress = sync.OnceValue(func() []byte { return packed(body) })
		}
		all[name] = f
		return nil
	})
	if err != nil {
		panic(err) // the files are in the program
	}
	return all
}

func packed(body []byte) []byte {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err == nil {
		_, err = w.Write(body)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		panic(err) // memory does not fail
	}
	return out.Bytes()
}

// hashAll is 16 hexadecimal digits that change when a file is added, removed, renamed or changed.
func hashAll() string {
	sum := sha256.New()
	for _, name := range Names() {
		_, _ = io.WriteString(sum, name+"\x00"+files()[name].etag+"\n")
	}
	return hex.EncodeToString(sum.Sum(nil)[:8])
}
