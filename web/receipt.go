package web

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"komhen/ingest"
	"komhen/model"
	"komhen/queries"
)

// findingsPerPage is how many findings a page shows at a time; there is a page for every one of them.
const findingsPerPage = 50

type receiptFacts struct {
	Municipality, Source, Kind, Round, Period, Format, Layout, SHA256 string
	Test                                                              bool
}

func (s *Server) factsOf(r model.Receipt) receiptFacts {
	f := receiptFacts{Municipality: s.nameOf(r.Municipality), Source: r.Source, Kind: "registreringer", Round: "uden for tællerunderne",
		Period: model.Missing, Layout: r.Layout, SHA256: r.SHA256, Test: r.Test}
	if r.Kind == model.System {
		f.Kind = "systemudtræk"
	}
	if round, err := s.book.Round(r.Round); err == nil && r.Round != "" {
		f.Round = round.Title()
	}
	if r.First != 0 {
		f.Period = r.First.String()
		if r.Last != r.First {
			f.Period += " til " + r.Last.String()
		}
	}
	if r.Format == "xlsx" {
		f.Format = "Excel, arket »" + r.Sheet + "«"
	} else {
		f.Format = "CSV, tegnsæt " + r.Encoding + ", skilletegn " + r.DelimiterWord()
	}
	return f
}

type ruleGroup struct {
	Rule, Title, Word, Href string
	Severity                model.Severity
	Count                   int
	Current                 bool
}

type findingLine struct {
	model.Finding
	Message string
}

type findingsView struct {
	Groups  []ruleGroup
	Items   []findingLine
	All     int
	Action  string
	Caption string
	Pager   pageLinks
}

// findingsOf is a page of findings, of one rule or of all. rules and counts are everything found; read gives a part of it.
func (s *Server) findingsOf(r *http.Request, rules []string, counts map[string]int, say func(model.Finding) string, read func(rule string, skip, limit int) ([]model.Finding, error)) (findingsView, error) {
	view := findingsView{Action: r.URL.Path, Caption: "Alle fund, i filens rækkefølge"}
	chosen := r.URL.Query().Get("rule")
	if counts[chosen] == 0 {
		chosen = ""
	}
	for _, id := range rules {
		g := ruleGroup{Rule: id, Count: counts[id], Current: id == chosen, Href: r.URL.Path + "?rule=" + url.QueryEscape(id) + "#findings-list", Word: "Fejl"}
		if rule := s.book.Rule(id); rule != nil {
			g.Title, g.Severity = rule.Title, rule.Severity
		}
		if g.Severity == model.Warning {
			g.Word = "Advarsel"
		}
		if g.Current {
			view.Caption = "Fund efter regel " + id + ": " + g.Title
		}
		view.All += g.Count
		view.Groups = append(view.Groups, g)
	}
	total := view.All
	if chosen != "" {
		total = counts[chosen]
	}
	var from int
	view.Pager, from, _ = newPager(r.URL, total, findingsPerPage)
	found, err := read(chosen, from, findingsPerPage)
	for _, f := range found {
		view.Items = append(view.Items, findingLine{f, say(f)})
	}
	return view, err
}

type uploadView struct {
	Number, Bag, Replaces uint32
	Fixes                 []uint32
	File, State, By       string
	Overlaps              string // where double registrations of its round are proposed
	Live, Further         bool
	Received              time.Time
	Rejected              int64
	Mendable              int64
	Sums                  model.Receipt
	Facts                 receiptFacts
	Findings              findingsView
	History               []historyLine
}

// uploadPage is the receipt of a stored upload, and what can be done about it.
func (s *Server) uploadPage(w http.ResponseWriter, r *http.Request, v Viewer) error {
	u, err := s.storedUpload(r, v)
	if err != nil {
		return err
	}
	view := uploadView{Number: u.Upload, Replaces: u.Replaces, File: u.File, State: stateWord(u), Live: u.Live, Received: u.Received,
		Rejected: u.Rejected, Sums: u.Receipt, Facts: s.factsOf(u.Receipt), Further: u.Live && u.Withheld > 0 && u.Bag == u.Upload}
	if u.Bag != u.Upload {
		view.Bag = u.Bag
	}
	if u.Municipality != 0 && u.Round != "" && !u.Test {
		view.Overlaps = overlapHref(u.Municipality, u.Round)
	}
	all, err := s.folder.Store.Uploads(r.Context())
	if err != nil {
		return err
	}
	for _, x := range all {
		if x.Bag == u.Upload && x.Upload != u.Upload && x.Live {
			view.Fixes = append(view.Fixes, x.Upload)
		}
	}
	left, err := s.folder.RejectedRows(r.Context(), u.Upload, 0, 0)
	if err != nil {
		return err
	}
	if u.Live {
		view.Mendable = left.Total
	}
	if view.History, err = s.historyOf(u); err != nil {
		return err
	}
	rules, counts, err := s.folder.Store.FindingCounts(r.Context(), u.Upload)
	if err != nil {
		return err
	}
	view.Findings, err = s.findingsOf(r, rules, counts, s.book.MessageOf, func(rule string, skip, limit int) ([]model.Finding, error) {
		return s.folder.Store.FindingsPage(r.Context(), u.Upload, rule, skip, limit)
	})
	if err != nil {
		return err
	}
	return s.page(w, r, v, "upload", view)
}

// fixFile gives the rejected rows, to be mended in a spreadsheet and sent again.
func (s *Server) fixFile(w http.ResponseWriter, r *http.Request, v Viewer) error {
	u, err := s.storedUpload(r, v)
	if err != nil {
		return err
	}
	format := r.URL.Query().Get("format")
	if format != "xlsx" {
		format = "csv"
	}
	f, err := s.pending.nameless() // written whole before the first byte is sent: a fault is then a page and not half a file
	if err != nil {
		return err
	}
	defer f.Close()
	if err := s.folder.WriteFixFile(r.Context(), u.Upload, f, format); err != nil {
		return err
	}
	s.record(v, addressOf(r), "download.fix-file", u.Municipality, fmt.Sprint(u.Upload))
	return sendFile(w, r, f, fmt.Sprintf("ret-%d.%s", u.Upload, format))
}

// keptFile gives an upload as it is kept.
func (s *Server) keptFile(w http.ResponseWriter, r *http.Request, v Viewer) error {
	u, err := s.storedUpload(r, v)
	if err != nil {
		return err
	}
	if u.Delivery != 0 { // the kept file holds other municipalities' rows
		return s.sendPart(w, r, v, u.Delivery, u.Municipality, "download.file", fmt.Sprintf("indmelding-%d.csv", u.Upload))
	}
	f, err := os.Open(filepath.Join(s.folder.Dir, u.Kept))
	if err != nil {
		return &model.Problem{Code: "kept-file-missing", Message: "Den gemte fil mangler på serveren. Sig det til driften.", Err: err}
	}
	defer f.Close()
	s.record(v, addressOf(r), "download.file", u.Municipality, fmt.Sprint(u.Upload))
	return sendFile(w, r, f, fmt.Sprintf("indmelding-%d%s", u.Upload, filepath.Ext(u.Kept)))
}

// downloadTypes are what files are sent as; a browser must save them, never show them.
var downloadTypes = map[string]string{".csv": "text/csv", ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	".json": "application/json", ".parquet": "application/vnd.apache.parquet", ".txt": "text/plain", ".pdf": "application/pdf", ".html": "text/html"}

// sendFile sends a file as a download. The client may take its time, but must go on reading.
func sendFile(w http.ResponseWriter, r *http.Request, f io.ReadSeeker, name string) error {
	kind := downloadTypes[filepath.Ext(name)]
	if kind == "" {
		kind = "application/octet-stream"
	}
	size, err := f.Seek(0, io.SeekEnd)
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	h.Set("Content-Length", strconv.FormatInt(size, 10))
	h.Set("Cache-Control", "no-store")
	if r.Method == http.MethodHead {
		return nil
	}
	_, err = io.Copy(&patientWriter{w, http.NewResponseController(w)}, f)
	return ignoreGone(err)
}

// patientWriter moves the deadline on as long as the client reads.
type patientWriter struct {
	w       io.Writer
	control *http.ResponseController
}

func (p *patientWriter) Write(b []byte) (int, error) {
	_ = p.control.SetWriteDeadline(time.Now().Add(quietClient))
	return p.w.Write(b)
}

func (s *Server) undo(w http.ResponseWriter, r *http.Request, v Viewer) error {
	return s.decide(w, r, v, "upload.undo", func(u queries.StoredUpload, by ingest.Decision) (string, uint32, error) {
		d, err := s.folder.Undo(r.Context(), u.Upload, by)
		return fmt.Sprintf("Indmelding %d er fortrudt. %s", u.Upload, changeWords(d.Contacts-d.ContactsAway)), u.Upload, err
	})
}

func (s *Server) redo(w http.ResponseWriter, r *http.Request, v Viewer) error {
	return s.decide(w, r, v, "upload.redo", func(u queries.StoredUpload, by ingest.Decision) (string, uint32, error) {
		d, err := s.folder.Redo(r.Context(), u.Upload, by)
		return fmt.Sprintf("Indmelding %d tæller med igen. %s", u.Upload, changeWords(d.Contacts-d.ContactsAway)), u.Upload, err
	})
}

// further says that what was withheld as already loaded are contacts of their own.
func (s *Server) further(w http.ResponseWriter, r *http.Request, v Viewer) error {
	return s.decide(w, r, v, "upload.further", func(u queries.StoredUpload, by ingest.Decision) (string, uint32, error) {
		next, err := s.folder.Further(r.Context(), u.Upload, by)
		if err != nil {
			return "", 0, err
		}
		return fmt.Sprintf("Indmelding %d er erstattet af denne, hvor alle rækker tæller som yderligere henvendelser. Vil du det om, så fortryd denne, og bring indmelding %d tilbage.", u.Upload, u.Upload), next.Receipt.Upload, nil
	})
}

// decide carries a decision about an upload out on a page, and goes on to the upload that it ended with.
func (s *Server) decide(w http.ResponseWriter, r *http.Request, v Viewer, action string, act func(queries.StoredUpload, ingest.Decision) (said string, upload uint32, err error)) error {
	var said string
	var upload uint32
	_, err := s.decideOn(r, v, action, func(u queries.StoredUpload, by ingest.Decision) (err error) {
		said, upload, err = act(u, by)
		return err
	})
	if err != nil {
		return err
	}
	s.flash(r, said)
	http.Redirect(w, r, fmt.Sprintf("/uploads/%d", upload), http.StatusSeeOther)
	return nil
}

// decideOn carries a decision about the upload that a request names out, whichever way it came, and tells the log. The service waits
// for it when it closes.
func (s *Server) decideOn(r *http.Request, v Viewer, action string, act func(queries.StoredUpload, ingest.Decision) error) (queries.StoredUpload, error) {
	release, err := s.hold()
	if err != nil {
		return queries.StoredUpload{}, err
	}
	defer release()
	u, err := s.storedUpload(r, v)
	if err != nil {
		return u, err
	}
	if err := act(u, ingest.Decision{At: s.now(), By: v.ID()}); err != nil {
		return u, err
	}
	s.record(v, addressOf(r), action, u.Municipality, fmt.Sprint(u.Upload))
	s.changed()
	return u, nil
}

func changeWords(n int64) string {
	switch {
	case n > 0:
		return "Det gav " + countOf(n, "henvendelse", "henvendelser") + " mere."
	case n < 0:
		return "Det tog " + countOf(-n, "henvendelse", "henvendelser") + " væk."
	}
	return "Tallene er de samme som før, fordi en anden indmelding har de samme rækker."
}
