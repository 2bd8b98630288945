package web

import (
	"cmp"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"komhen/model"
	"komhen/reports"
	"komhen/web/paper"
)

// readinessView is the page of klarmelding, or of one system of it.
type readinessView struct {
	*reports.Readiness
	Form      *formData
	One       *reports.ReadySystem // nil for the overview
	Rules     []string
	Downloads []link
	Schedule  string // as klikView's
	MaxMB     int
}

// Href is the address of a system.
func (readinessView) Href(key string) string {
	return "/klik/readiness?" + url.Values{"system": {key}}.Encode()
}

func (s *Server) readinessPage(w http.ResponseWriter, r *http.Request, v Viewer) error {
	return s.showReadiness(w, r, v, http.StatusOK, nil)
}

func (s *Server) showReadiness(w http.ResponseWriter, r *http.Request, v Viewer, status int, f *formData) error {
	all, err := reports.RunReadiness(r.Context(), s.folder.Store, s.book)
	if err != nil {
		return err
	}
	view := readinessView{Readiness: all, Form: f, Rules: reports.ReadinessRules, MaxMB: maxSmallMB}
	if key := r.URL.Query().Get("system"); key != "" {
		at := slices.IndexFunc(all.Systems, func(x reports.ReadySystem) bool { return x.Key == key })
		if at < 0 {
			return &model.Problem{Code: "system-unknown", Message: "Der er ingen klarmelding af det system. Gå til oversigten, og vælg et."}
		}
		view.One = &all.Systems[at]
	}
	if len(all.Systems) > 0 {
		for _, format := range slices.Concat(formatLinks, s.paperLinks("html", "pdf")) {
			view.Downloads = append(view.Downloads, link{"/klik/readiness/download?format=" + format.Href, format.Text})
		}
	}
	view.Schedule = klikTableSchedule(v, "klik-readiness", len(all.Systems))
	return s.pageWith(w, r, v, status, "klik-readiness", view)
}

func (s *Server) importReadiness(w http.ResponseWriter, r *http.Request, v Viewer) error {
	receipt, err := s.importSmall(w, r, v, s.folder.ImportReadiness, "klik.readiness")
	if err != nil {
		return err
	}
	if len(receipt.Faults) > 0 {
		return s.showReadiness(w, r, v, http.StatusUnprocessableEntity, smallForm(receipt))
	}
	http.Redirect(w, r, "/klik/readiness", http.StatusSeeOther)
	return nil
}

// withdrawReadiness takes a system's klarmelding back.
func (s *Server) withdrawReadiness(w http.ResponseWriter, r *http.Request, v Viewer) error {
	system := r.PostFormValue("system")
	return s.withdraw(w, r, v, model.RecordReadiness, system, "/klik/readiness", func(key string) bool { return system != "" && strings.HasPrefix(key, system+"/") })
}

func (s *Server) downloadReadiness(w http.ResponseWriter, r *http.Request, v Viewer) error {
	format := cmp.Or(r.URL.Query().Get("format"), "csv")
	write := reports.ReadinessFormats[format]
	if (write == nil || format == "table") && !isPaper(format) {
		return errKlikFormat
	}
	all, err := reports.RunReadiness(r.Context(), s.folder.Store, s.book)
	if err != nil {
		return err
	}
	if isPaper(format) {
		return s.sendPaper(w, r, v, "download.readiness", nil, "klarmelding", format, s.readinessPaper(all))
	}
	return s.download(w, r, v, "download.readiness", nil, "klarmelding."+format, func(w io.Writer) error { return write(w, all) })
}

func (s *Server) apiReadiness(w http.ResponseWriter, r *http.Request, v Viewer) error {
	fields, err := asked(r, "format")
	if err != nil {
		return err
	}
	format, err := oneOf(fields, "format", "json", "csv", "xlsx", "pdf", "html")
	if err != nil {
		return err
	}
	all, err := reports.RunReadiness(r.Context(), s.folder.Store, s.book)
	if err != nil {
		return err
	}
	if isPaper(format) {
		return s.sendPaper(w, r, v, "download.readiness", nil, "klarmelding", format, s.readinessPaper(all))
	}
	return s.apiTable(w, r, v, "download.readiness", "klarmelding", format, func(w io.Writer) error { return reports.ReadinessFormats[format](w, all) })
}

func (s *Server) readinessPaper(all *reports.Readiness) func(paper.Message) (paper.Document, error) {
	return func(m paper.Message) (paper.Document, error) {
		return paper.Readiness(all, model.DateOf(s.now()), s.now(), m)
	}
}
