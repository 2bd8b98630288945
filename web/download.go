package web

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"komhen/model"
	"komhen/reports"
)

// reportFormats are the tables that a report can be fetched as; on paper it is also to be had.
var reportFormats = map[string]func(io.Writer, *reports.Report) error{"csv": reports.WriteCSV, "xlsx": reports.WriteXLSX, "json": reports.WriteJSON}

// reportFormat reads ?format=. write is nil for a document.
func reportFormat(r *http.Request) (name string, write func(io.Writer, *reports.Report) error, err error) {
	if name = r.URL.Query().Get("format"); name == "" {
		name = "csv"
	}
	if write = reportFormats[name]; write == nil && !isPaper(name) {
		err = &model.Problem{Code: "format-unknown", Message: "Formatet kendes ikke. En rapport kan hentes som csv, xlsx, json, pdf eller html."}
	}
	return name, write, err
}

// downloadReport gives a report as a file, the same bytes as the command line writes.
func (s *Server) downloadReport(w http.ResponseWriter, r *http.Request, v Viewer) error {
	def, err := definitionOf(r.PathValue("name"))
	if err != nil {
		return err
	}
	format, write, err := reportFormat(r)
	if err != nil {
		return err
	}
	a, err := s.question(r, v)
	if err != nil {
		return err
	}
	rep, err := s.run(r.Context(), def.Name, a)
	if err != nil {
		return err
	}
	name := fmt.Sprintf("%s-%s-%s", def.Name, codeOf(rep.Municipality), rep.Round.Name)
	if write == nil {
		return s.sendPaper(w, r, v, "download.report", rep.Municipality, name, format, s.paperOf(rep))
	}
	return s.download(w, r, v, "download.report", rep.Municipality, name+"."+format, func(w io.Writer) error { return write(w, rep) })
}

// benchmark gives the benchmark workbook of a municipality.
func (s *Server) benchmark(w http.ResponseWriter, r *http.Request, v Viewer) error {
	a, err := s.question(r, v)
	if err != nil {
		return err
	}
	m := s.book.Municipality(a.Municipality)
	if m == nil {
		return &model.Problem{Code: "municipality-needed", Message: "En benchmark-projektmappe er en kommunes. Vælg kommunen under Rapporter."}
	}
	if a.Round.Name == "" {
		return errNoContacts
	}
	wish := reports.Benchmark{Round: a.Round, Municipality: m.Code, Group: r.URL.Query().Get("group")}
	return s.download(w, r, v, "download.benchmark", m, fmt.Sprintf("benchmark-%s-%s.xlsx", m.CodeText(), a.Round.Name), func(w io.Writer) error {
		return reports.WriteBenchmark(r.Context(), s.folder.Store, s.book, wish, w)
	})
}

// exportContacts gives the rows themselves, with units and local parameters: a municipality's own, or for KL anybody's.
func (s *Server) exportContacts(w http.ResponseWriter, r *http.Request, v Viewer) error {
	q := r.URL.Query()
	code, err := s.whose(q, v)
	if err != nil {
		return err
	}
	if code == 0 && !v.Operator() {
		return &model.Problem{Code: "forbidden", Message: "Rækkerne selv er hver kommunes egne. Du kan hente din egen kommunes."}
	}
	format := q.Get("format")
	if format == "" {
		format = "csv"
	}
	x := reports.Extract{Municipality: code, Format: format, TempDir: filepath.Join(s.folder.Dir, "tmp")}
	name := "henvendelser-" + codeOf(s.book.Municipality(code))
	if round := strings.TrimSpace(q.Get("round")); round != "" && round != "all" {
		if x.Round, err = s.book.Round(round); err != nil {
			return err
		}
		name += "-" + x.Round.Name
	}
	return s.download(w, r, v, "download.contacts", s.book.Municipality(code), name+"."+format, func(w io.Writer) error {
		_, err := reports.ExportContacts(r.Context(), s.folder.Store, s.book, x, w)
		return err
	})
}

var errNoContacts = &model.Problem{Code: "no-contacts", Message: "Der er endnu ingen henvendelser i en tællerunde. Send en fil under Indmeldinger; så er der noget at hente."}

// codeOf is a municipality in a file's name.
func codeOf(m *model.Municipality) string {
	if m == nil {
		return "landet"
	}
	return m.CodeText()
}

// download writes a file whole, to a place without a name, before the first byte is sent: a fault is then a page and not half a
// file. The log is told what was fetched.
func (s *Server) download(w http.ResponseWriter, r *http.Request, v Viewer, action string, of *model.Municipality, name string, write func(io.Writer) error) error {
	f, err := s.pending.nameless()
	if err != nil {
		return err
	}
	defer f.Close()
	if err := writeBuffered(f, write); err != nil {
		return err
	}
	var code uint16
	if of != nil {
		code = of.Code
	}
	s.record(v, addressOf(r), action, code, name)
	return sendFile(w, r, f, name)
}

func writeBuffered(f *os.File, write func(io.Writer) error) error {
	out := bufio.NewWriterSize(f, 1<<16)
	if err := write(out); err != nil {
		return err
	}
	return out.Flush()
}
