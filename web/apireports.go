package web

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"

	"komhen/model"
	"komhen/reports"
)

func (s *Server) apiReports(w http.ResponseWriter, r *http.Request, _ Viewer) error {
	if _, err := asked(r); err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, map[string]any{"reports": reports.Names()})
}

// apiReport gives a report in the very bytes that komhen report writes. Without a municipality it is the national one.
func (s *Server) apiReport(w http.ResponseWriter, r *http.Request, v Viewer) error {
	fields, err := asked(r, "round", "municipality", "weeks", "types", "format")
	if err != nil {
		return err
	}
	format, err := oneOf(fields, "format", "json", "csv", "xlsx", "pdf", "html")
	if err != nil {
		return err
	}
	q := reports.Query{Name: r.PathValue("name"), Weeks: fields["weeks"], Types: fields["types"], Today: model.DateOf(s.now())}
	if q.Municipality, err = s.askedMunicipality(fields, v, 0); err != nil {
		return err
	}
	if q.Round, err = s.askedRound(fields); err != nil {
		return err
	}
	report, err := reports.Run(r.Context(), s.folder.Store, s.book, q)
	if err != nil {
		return err
	}
	if isPaper(format) {
		return s.sendPaper(w, r, v, "download.report", report.Municipality, strings.TrimSuffix(downloadName(report.Name, report.Round.Name, q.Municipality, ""), "."), format, s.paperOf(report))
	}
	var b bytes.Buffer
	write := map[string]func(io.Writer, *reports.Report) error{"json": reports.WriteJSON, "csv": reports.WriteCSV, "xlsx": reports.WriteXLSX}[format]
	if err := write(&b, report); err != nil {
		return err
	}
	s.record(v, addressOf(r), "download.report", q.Municipality, report.Name)
	if format == "json" {
		return sendDocument(w, r, http.StatusOK, bytes.NewReader(b.Bytes()))
	}
	return sendFile(w, r, bytes.NewReader(b.Bytes()), downloadName(report.Name, report.Round.Name, q.Municipality, format))
}

// apiBenchmark gives the benchmark workbook, a municipality's own as a rule.
func (s *Server) apiBenchmark(w http.ResponseWriter, r *http.Request, v Viewer) error {
	fields, err := asked(r, "round", "municipality", "group")
	if err != nil {
		return err
	}
	b := reports.Benchmark{Group: fields["group"]}
	if b.Municipality, err = s.askedMunicipality(fields, v, v.Municipality); err != nil {
		return err
	}
	if b.Municipality == 0 {
		return &model.Problem{Code: "municipality-needed", Message: "En benchmark er for én kommune. Skriv hvilken, fx municipality=259."}
	}
	if b.Group == "" {
		b.Group = "all"
	}
	if b.Round, err = s.askedRound(fields); err != nil {
		return err
	}
	if b.Round.Name == "" {
		latest, ok, err := reports.LatestRound(r.Context(), s.folder.Store, s.book)
		if err != nil {
			return err
		}
		if !ok {
			return &model.Problem{Code: "no-contacts", Message: "Der er ingen henvendelser i en tællerunde endnu."}
		}
		b.Round = latest
	}
	f, err := s.pending.nameless()
	if err != nil {
		return err
	}
	defer f.Close()
	if err := reports.WriteBenchmark(r.Context(), s.folder.Store, s.book, b, f); err != nil {
		return err
	}
	s.record(v, addressOf(r), "download.benchmark", b.Municipality, b.Round.Name)
	return sendFile(w, r, f, downloadName("benchmark", b.Round.Name, b.Municipality, "xlsx"))
}

// apiExport gives contacts row by row: a municipality's own to its people, everybody's to the operator.
func (s *Server) apiExport(w http.ResponseWriter, r *http.Request, v Viewer) error {
	fields, err := asked(r, "round", "municipality", "format")
	if err != nil {
		return err
	}
	x := reports.Extract{TempDir: s.pending.dir}
	if x.Format, err = oneOf(fields, "format", "csv", "xlsx", "parquet"); err != nil {
		return err
	}
	if x.Municipality, err = s.askedMunicipality(fields, v, v.Municipality); err != nil {
		return err
	}
	if x.Municipality == 0 && !v.Operator() { // Sees allows everybody the nation's figures, but these are rows
		return errForbidden
	}
	if x.Round, err = s.askedRound(fields); err != nil {
		return err
	}
	f, err := s.pending.nameless()
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := reports.ExportContacts(r.Context(), s.folder.Store, s.book, x, f); err != nil {
		return err
	}
	s.record(v, addressOf(r), "download.contacts", x.Municipality, x.Round.Name)
	return sendFile(w, r, f, downloadName("henvendelser", x.Round.Name, x.Municipality, x.Format))
}

// askedMunicipality is the municipality a query names by code or name, if the viewer may see it; without one it is the usual one.
func (s *Server) askedMunicipality(fields map[string]string, v Viewer, usual uint16) (uint16, error) {
	code := usual
	if text := fields["municipality"]; text != "" {
		if code = s.book.MunicipalityCode(text); code == 0 {
			return 0, &model.Problem{Code: "municipality-unknown", Message: "Kommunen kendes ikke. Skriv en kommunekode eller et navn, fx 259 eller Køge; /api/v1/municipalities viser dem alle."}
		}
	}
	if !v.Sees(code) {
		return 0, errForbidden
	}
	return code, nil
}

// askedRound is the round a query names; the zero Round without one.
func (s *Server) askedRound(fields map[string]string) (model.Round, error) {
	if fields["round"] == "" {
		return model.Round{}, nil
	}
	return s.book.Round(fields["round"])
}

// downloadName is made of codes only, so it is safe in a header.
func downloadName(what, round string, municipality uint16, format string) string {
	parts := []string{what}
	if municipality != 0 {
		parts = append(parts, fmt.Sprint(municipality))
	}
	if round != "" {
		parts = append(parts, round)
	}
	return strings.Join(parts, "-") + "." + format
}
