package web

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"

	"komhen/model"
	"komhen/reports"
	"komhen/web/paper"
)

// paperPolicy lets a document show its own style and fonts, and nothing else: it runs no script and fetches nothing.
const paperPolicy = "default-src 'none'; style-src 'unsafe-inline'; font-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"

// pdf prints a document. It ends when the client leaves, and when the service does.
func (s *Server) pdf(ctx context.Context, d paper.Document) ([]byte, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(s.alive, cancel)()
	pdf, err := s.printer.PDF(ctx, d)
	if err != nil && s.alive.Err() != nil {
		return nil, errEnding
	}
	return pdf, err
}

// sendPaper sends a document as html, which a browser shows, or as PDF. Where there is no Chromium a page gets the html with a message
// in place of the PDF; a program is told.
func (s *Server) sendPaper(w http.ResponseWriter, r *http.Request, v Viewer, action string, of *model.Municipality, name, format string, document func(paper.Message) (paper.Document, error)) error {
	var message paper.Message
	if format == "pdf" && !s.printer.Available() {
		if isAPI(r) {
			return paper.ErrNoPDF
		}
		format, message = "html", paper.NoPDF
	}
	d, err := document(message)
	if err != nil {
		return err
	}
	body := d.HTML
	if format == "pdf" {
		if body, err = s.pdf(r.Context(), d); err != nil {
			return err
		}
	}
	var code uint16
	if of != nil {
		code = of.Code
	}
	name += "." + format
	s.record(v, addressOf(r), action, code, name)
	if format == "pdf" {
		return sendFile(w, r, bytes.NewReader(body), name)
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", paperPolicy)
	h.Set("Content-Disposition", `inline; filename="`+name+`"`)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("Cache-Control", "no-store")
	if r.Method == http.MethodHead {
		return nil
	}
	_, err = w.Write(body)
	return ignoreGone(err)
}

// isPaper tells whether a format is one of documents.
func isPaper(format string) bool { return format == "pdf" || format == "html" }

// paperOf is a report as a document.
func (s *Server) paperOf(rep *reports.Report) func(paper.Message) (paper.Document, error) {
	return func(m paper.Message) (paper.Document, error) { return paper.Report(rep, s.now(), m) }
}

// roundPaper is the report of a round as a document, with the reports it is made of.
func (s *Server) roundPaper(r *reports.RoundReport) func(paper.Message) (paper.Document, error) {
	return func(m paper.Message) (paper.Document, error) { return paper.Round(r, s.now(), m) }
}

// paperLinks are the ways to get something on paper.
func (s *Server) paperLinks(html, pdf string) []link {
	if !s.printer.Available() {
		return []link{{html, "HTML til udskrift"}}
	}
	return []link{{pdf, "PDF"}, {html, "HTML"}}
}

// madeOnPaper is a document for the archive. Where there is no Chromium the html takes the PDF's place.
func (s *Server) madeOnPaper(ctx context.Context, name, format string, document func(paper.Message) (paper.Document, error)) ([]made, error) {
	var message paper.Message
	if format == "pdf" && !s.printer.Available() {
		format, message = "html", paper.NoPDF
	}
	d, err := document(message)
	if err != nil {
		return nil, err
	}
	body := d.HTML
	if format == "pdf" {
		if body, err = s.pdf(ctx, d); err != nil {
			return nil, err
		}
	}
	return []made{{name + "." + format, func(w io.Writer) error {
		_, err := w.Write(body)
		return err
	}}}, nil
}

// seesRoundReport is the rule of the round report: a municipality's own, and for KL any and the country's.
func seesRoundReport(s *Server, q url.Values, v Viewer) error {
	if err := seesQuestion(s, q, v); err != nil {
		return err
	}
	if code, _ := s.whose(q, v); code == 0 && !v.Operator() {
		return errForbidden
	}
	return nil
}

func roundReportWhat(s *Server, q url.Values) string { return "Runderapport, " + s.whoseName(q) }

func makeRoundReport(s *Server, ctx context.Context, q url.Values, v Viewer) ([]made, error) {
	a, err := s.scheduledQuestion(ctx, q, v)
	if err != nil {
		return nil, err
	}
	rep, err := reports.RoundReportOf(ctx, s.folder.Store, s.book, a.Round, a.Municipality)
	if err != nil {
		return nil, err
	}
	return s.madeOnPaper(ctx, fmt.Sprintf("runderapport-%s-%s", codeOf(rep.Municipality), rep.Round.Name), "pdf", s.roundPaper(rep))
}
