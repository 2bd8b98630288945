package web

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"path"
	"strings"
	"time"

	"komhen/model"
	"komhen/web/static"
)

//go:embed templates
var templateFiles embed.FS

// pages are the parsed templates by name: templates/NAME.html inside templates/layout.html, with all of templates/parts.
type pages map[string]*template.Template

func readPages() (pages, error) {
	base, err := template.New("layout").Funcs(pageFuncs).ParseFS(templateFiles, "templates/layout.html", "templates/parts/*.html")
	if err != nil {
		return nil, err
	}
	entries, err := templateFiles.ReadDir("templates")
	if err != nil {
		return nil, err
	}
	all := pages{}
	for _, e := range entries {
		name, isPage := strings.CutSuffix(e.Name(), ".html")
		if !isPage || name == "layout" {
			continue
		}
		one, err := base.Clone()
		if err != nil {
			return nil, err
		}
		if all[name], err = one.ParseFS(templateFiles, path.Join("templates", e.Name())); err != nil {
			return nil, err
		}
	}
	return all, nil
}

var pageFuncs = template.FuncMap{
	"static":  static.Path,
	"number":  func(n any) string { return model.FormatInt(wholeOf(n)) },
	"percent": func(x float64) string { return model.FormatDecimal(x*100, 1) + " %" },
	"moment": func(t time.Time) string {
		if t.IsZero() {
			return model.Missing
		}
		return t.In(model.Copenhagen).Format("02-01-2006 15:04")
	},
	"weekday": func(t time.Time) string {
		return []string{"søndag", "mandag", "tirsdag", "onsdag", "torsdag", "fredag", "lørdag"}[t.In(model.Copenhagen).Weekday()]
	},
	"size":    sizeText,
	"clock":   func(t time.Time) string { return t.In(model.Copenhagen).Format("02-01-2006 15:04:05") },
	"isodate": func(t time.Time) string { return t.In(model.Copenhagen).Format("2006-01-02T15:04:05Z07:00") },
	"dash": func(s string) string {
		if s == "" {
			return model.Missing
		}
		return s
	},
	"count": func(n any, one, many string) string {
		if k := wholeOf(n); k != 1 {
			return model.FormatInt(k) + " " + many
		}
		return "1 " + one
	},
	"megabytes": func(n int64) string { return model.FormatDecimal(float64(n)/1e6, 1) + " MB" },
	"add":       func(a, b int) int { return a + b },
	"dict": func(pairs ...any) (map[string]any, error) {
		if len(pairs)%2 != 0 {
			return nil, fmt.Errorf("dict wants pairs")
		}
		m := make(map[string]any, len(pairs)/2)
		for i := 0; i < len(pairs); i += 2 {
			m[fmt.Sprint(pairs[i])] = pairs[i+1]
		}
		return m, nil
	},
}

func wholeOf(n any) int64 {
	switch n := n.(type) {
	case int:
		return int64(n)
	case int64:
		return n
	case uint16:
		return int64(n)
	case uint32:
		return int64(n)
	}
	panic(fmt.Sprintf("not a whole number: %T", n))
}

// shown is what every template gets; Data is the page's own.
type shown struct {
	Path    string
	Viewer  Viewer
	Where   string // whose service it is to this viewer: a municipality, or KL
	Menu    []menuItem
	Flashes []string
	Demo    bool
	Data    any
}

type menuItem struct {
	Href, Text string
	Current    bool
}

// menu is what the viewer can reach.
func (s *Server) menu(r *http.Request, v Viewer) []menuItem {
	var items []menuItem
	add := func(allowed who, href, text string) {
		if allowed.admits(v) && v.SignedIn() {
			items = append(items, menuItem{href, text, r.URL.Path == href || href != "/" && strings.HasPrefix(r.URL.Path, href+"/") || text == "KLIK" && strings.HasPrefix(r.URL.Path, "/klik/")})
		}
	}
	add(readers, "/", "Overblik")
	add(uploaders, "/uploads", "Indmeldinger")
	add(readers, "/rounds", "Kalender")
	add(readers, "/reports", "Rapporter")
	add(readers, "/klik", "KLIK")
	add(readers, "/map", "Landkort")
	add(readers, "/rankings", "Ranglister")
	add(readers, "/schedule", "Tidsplan")
	add(uploaders, "/people", "Brugere")
	add(uploaders, "/audit", "Log")
	items = append(items, menuItem{"/help", "Hjælp", r.URL.Path == "/help" || strings.HasPrefix(r.URL.Path, "/help/")})
	return items
}

// page shows templates/NAME.html with data. The whole page is made before the first byte is sent, so a fault in it is an error
// page and not half a page.
func (s *Server) page(w http.ResponseWriter, r *http.Request, v Viewer, name string, data any) error {
	return s.pageWith(w, r, v, http.StatusOK, name, data)
}

func (s *Server) pageWith(w http.ResponseWriter, r *http.Request, v Viewer, status int, name string, data any) error {
	t := s.pages[name]
	if t == nil {
		return fmt.Errorf("no page %q", name)
	}
	x := shown{Path: r.URL.Path, Viewer: v, Where: s.whereOf(v), Menu: s.menu(r, v), Flashes: s.flashes(r), Demo: len(s.config.Demo) > 0, Data: data}
	var b bytes.Buffer
	if err := t.ExecuteTemplate(&b, "layout", x); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, err := b.WriteTo(w)
	return ignoreGone(err)
}

// whereOf is whose service the viewer uses.
func (s *Server) whereOf(v Viewer) string {
	switch {
	case v.Municipality != 0:
		return s.nameOf(v.Municipality)
	case v.Operator():
		return "KL – alle kommuner"
	}
	return ""
}

// nameOf is a municipality's name; "Flere kommuner" for 0.
func (s *Server) nameOf(code uint16) string {
	if m := s.book.Municipality(code); m != nil {
		return m.Name + " Kommune"
	}
	return "Flere kommuner"
}
