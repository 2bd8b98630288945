package web

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"komhen/model"
	"komhen/reports"
)

// The API of KLIK: what komhen klik report gives, in the same bytes.

func (s *Server) apiKlikReports(w http.ResponseWriter, r *http.Request, _ Viewer) error {
	if _, err := asked(r); err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, map[string]any{"reports": reports.KlikNames()})
}

// apiKlikReport gives a view, or the workbook of them all. A filter may stand several times.
func (s *Server) apiKlikReport(w http.ResponseWriter, r *http.Request, v Viewer) error {
	q, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return &model.Problem{Code: "parameter-unknown", Message: "Adressens parametre kan ikke læses. Skriv dem som navn=værdi med & imellem, og indkod særlige tegn.", Err: err}
	}
	names := append([]string{"day", "format"}, reports.KlikFilterNames...)
	for name := range q {
		if err := knownField(name, names); err != nil {
			return err
		}
	}
	for _, name := range []string{"day", "format"} {
		if len(q[name]) > 1 {
			return &model.Problem{Code: "parameter-unknown", Message: "Parameteren " + name + " står flere gange. Skriv den én gang."}
		}
	}
	wish, err := s.klikQuery(q, v, r.PathValue("view"))
	if err != nil {
		return err
	}
	if day := q.Get("day"); day != "" {
		var ok bool
		if wish.Today, ok = model.ParseISO(day); !ok {
			return &model.Problem{Code: "parameter-unknown", Message: "Parameteren day er en dag som 2026-03-18."}
		}
	}
	var b bytes.Buffer
	if wish.Name == klikWorkbook {
		if format := q.Get("format"); !slices.Contains([]string{"", "xlsx"}, format) {
			return &model.Problem{Code: "format-unknown", Message: "Projektmappen er altid xlsx."}
		}
		if err := reports.WriteKlikXLSX(r.Context(), s.folder.Store, s.book, wish, &b); err != nil {
			return err
		}
		s.record(v, addressOf(r), "download.klik", v.Municipality, wish.Name)
		return sendFile(w, r, bytes.NewReader(b.Bytes()), "klik-"+wish.Today.ISO()+".xlsx")
	}
	format, err := oneOf(map[string]string{"format": q.Get("format")}, "format", "json", "csv", "xlsx", "pdf", "html")
	if err != nil {
		return err
	}
	report, err := reports.RunKlik(r.Context(), s.folder.Store, s.book, wish)
	if err != nil {
		return err
	}
	if isPaper(format) {
		if slices.Contains(klikLists, wish.Name) && len(wish.Filter.Municipalities) != 1 {
			return errKlikPaper
		}
		return s.sendPaper(w, r, v, "download.klik", report.Municipality, strings.TrimSuffix(klikFileName(wish, ""), "."), format, s.paperOf(report))
	}
	write := map[string]func(io.Writer, *reports.Report) error{"json": reports.WriteJSON, "csv": reports.WriteCSV, "xlsx": reports.WriteXLSX}[format]
	if err := write(&b, report); err != nil {
		return err
	}
	s.record(v, addressOf(r), "download.klik", v.Municipality, wish.Name)
	if format == "json" {
		return sendDocument(w, r, http.StatusOK, bytes.NewReader(b.Bytes()))
	}
	return sendFile(w, r, bytes.NewReader(b.Bytes()), klikFileName(wish, format))
}
