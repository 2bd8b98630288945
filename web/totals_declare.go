package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"komhen/ingest"
	"komhen/model"
	"komhen/queries"
)

// readRecord reads a record's body.
func readRecord[T any](d queries.Declared) (x T, err error) {
	return x, json.Unmarshal(d.Body, &x)
}

// municipalityInForm is the municipality that a form is for, if the viewer may change its data: the own one, or for KL the one chosen.
func (s *Server) municipalityInForm(text string, v Viewer) (uint16, error) {
	code := v.Municipality
	if text = strings.TrimSpace(text); text != "" {
		if code = s.book.MunicipalityCode(text); code == 0 {
			return 0, errMunicipality
		}
	}
	if code == 0 {
		return 0, &model.Problem{Code: "municipality-needed", Message: "Vælg først den kommune, det gælder."}
	}
	if !v.Mends(code) {
		return 0, errForbidden
	}
	return code, nil
}

// declareTotals takes the form of totals in: the rows with a number, all or none.
func (s *Server) declareTotals(w http.ResponseWriter, r *http.Request, v Viewer) error {
	if err := r.ParseForm(); err != nil {
		return formProblem(err)
	}
	code, err := s.municipalityInForm(r.PostFormValue("municipality"), v)
	if err != nil {
		return err
	}
	year, err := s.totalsYear(r.Context(), r.PostFormValue("year"))
	if err != nil {
		return err
	}
	view := totalsView{Code: code, Year: year, Period: r.PostFormValue("period"), Form: formOf(map[string]string{})}
	for name := range r.PostForm {
		view.Form.Values[name] = strings.TrimSpace(r.PostFormValue(name))
	}
	rows := s.totalRows(view.Form)
	if len(rows) == 0 {
		view.Form.wrong("antal-"+s.book.Channels[0].Code, "Der er ikke skrevet noget antal. Skriv mindst ét, og indmeld igen.")
		return s.showTotals(w, r, v, http.StatusUnprocessableEntity, view)
	}
	receipt, err := s.storeTotals(r, v, rows, code)
	if err != nil {
		return err
	}
	if len(receipt.Faults) > 0 {
		s.faultsOfForm(view.Form, receipt.Faults)
		return s.showTotals(w, r, v, http.StatusUnprocessableEntity, view)
	}
	s.flash(r, totalsSaid(receipt))
	http.Redirect(w, r, totalsAddress(code, year, view.Period), http.StatusSeeOther)
	return nil
}

// totalRows are the rows of the form that have a number. The line of a row is the channel's place in the codebook.
func (s *Server) totalRows(f *formData) (rows []ingest.TotalRow) {
	for i, ch := range s.book.Channels {
		row := ingest.TotalRow{Line: i + 1, Channel: ch.Code, From: f.Values["fra-"+ch.Code], To: f.Values["til-"+ch.Code], Count: f.Values["antal-"+ch.Code], Origin: f.Values["kilde-"+ch.Code]}
		declared := "declared"
		if ch.Code == model.WebsiteChannel {
			declared = "site_declared"
		}
		if f.Values[declared] != "" {
			row.Declared = "ja"
		}
		if row.Count != "" {
			rows = append(rows, row)
		}
	}
	return rows
}

// faultsOfForm puts the faults at the fields they are about. What is missing for all rows is said once.
func (s *Server) faultsOfForm(f *formData, faults []ingest.TotalFault) {
	for _, fault := range faults {
		ch := s.book.Channels[fault.Line-1]
		field, message := fault.Column+"-"+ch.Code, ch.Label+": "+fault.Message
		switch {
		case fault.Column == "erklæring" && ch.Code == model.WebsiteChannel:
			field, message = "site_declared", "Sæt hak ved erklæringen om besøgene, eller lad hjemmesidens antal være tomt."
		case fault.Column == "erklæring":
			field, message = "declared", "Sæt hak ved erklæringen. Uden den kan total-tallene ikke indmeldes."
		case fault.Column == "kanal" || fault.Column == "kommune":
			field = "antal-" + ch.Code
		}
		if f.Error(field) == "" {
			f.wrong(field, message)
		}
	}
}

// storeTotals declares rows and tells the log of it.
func (s *Server) storeTotals(r *http.Request, v Viewer, rows []ingest.TotalRow, own uint16, months ...model.ContextFigure) (receipt ingest.TotalsReceipt, err error) {
	release, err := s.hold()
	if err != nil {
		return receipt, err
	}
	defer release()
	ctx := context.WithoutCancel(r.Context()) // who closes the page has still said it
	receipt, err = s.folder.DeclareTotals(ctx, ingest.Decision{At: s.now(), By: v.ID()}, rows, own, months...)
	if err != nil || !receipt.Any() {
		return receipt, err
	}
	for _, code := range receipt.Municipalities {
		s.record(v, addressOf(r), "totals.declare", code, countOf(int64(len(rows)-receipt.Empty), "tal", "tal"))
	}
	if len(months) > 0 {
		s.record(v, addressOf(r), "totals.context", 0, countOf(int64(len(months)), "måned", "måneder"))
	}
	return receipt, nil
}

func totalsSaid(receipt ingest.TotalsReceipt) string {
	var parts []string
	for _, p := range []struct {
		n    int
		text string
	}{{receipt.New, "indmeldt"}, {receipt.Replaced, "rettet"}, {receipt.Unchanged, "stod der i forvejen"}} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", p.n, p.text))
		}
	}
	if len(parts) == 0 {
		return "Der var ingen tal at indmelde."
	}
	return "Total-tal: " + strings.Join(parts, ", ") + "."
}

func totalsAddress(code uint16, year int, period string) string {
	q := url.Values{"municipality": {fmt.Sprint(code)}, "year": {fmt.Sprint(year)}}
	if code == 0 {
		q.Set("municipality", nation)
	}
	if period != "" {
		q.Set("period", period)
	}
	return "/totals?" + q.Encode()
}

func formProblem(err error) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return err
	}
	return &model.Problem{Code: "form", Message: "Det, du sendte, kan ikke læses. Gå tilbage, og prøv igen.", Err: err}
}

// declareTotalsFile takes a filled-in template in. Nothing is stored when anything in it is wrong.
func (s *Server) declareTotalsFile(w http.ResponseWriter, r *http.Request, v Viewer) error {
	if err := r.ParseMultipartForm(ingest.MaxTotalsBytes); err != nil { // the body is no larger than that, so nothing reaches disk
		return formProblem(err)
	}
	year, err := s.totalsYear(r.Context(), r.PostFormValue("year"))
	if err != nil {
		return err
	}
	code := v.Municipality
	if text := r.PostFormValue("municipality"); text != "" && text != nation || !v.Operator() {
		if code, err = s.municipalityInForm(text, v); err != nil {
			return err
		}
	}
	part, head, err := r.FormFile("file")
	if err != nil {
		return &model.Problem{Code: "no-file", Message: "Der var ingen fil med. Vælg en fil, og send igen."}
	}
	defer part.Close()
	content, err := io.ReadAll(part)
	if err != nil {
		return cutOff(err)
	}
	rows, faults, err := s.folder.ReadTotals(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return err
	}
	receipt := ingest.TotalsReceipt{Faults: faults}
	if len(faults) == 0 {
		if receipt, err = s.storeTotals(r, v, rows, code); err != nil {
			return err
		}
	}
	if len(receipt.Faults) > 0 {
		masked, _ := model.MaskCPR(fileName(head.Filename), false)
		return s.showTotals(w, r, v, http.StatusUnprocessableEntity, totalsView{Code: code, Year: year, Period: r.PostFormValue("period"), Faults: receipt.Faults, File: masked})
	}
	s.flash(r, totalsSaid(receipt))
	http.Redirect(w, r, totalsAddress(code, year, r.PostFormValue("period")), http.StatusSeeOther)
	return nil
}

// deleteTotal takes a total, a head figure or a month of a series back. The history keeps it.
func (s *Server) deleteTotal(w http.ResponseWriter, r *http.Request, v Viewer) error {
	f, err := readForm(r, "kind", "key", "municipality", "year")
	if err != nil {
		return err
	}
	year, err := s.totalsYear(r.Context(), f.plain("year"))
	if err != nil {
		return err
	}
	gone := model.Record{Kind: f.plain("kind"), Key: f.plain("key")}
	switch {
	case gone.Kind == model.RecordContext && v.Operator():
	case gone.Kind == model.RecordTotal || gone.Kind == model.RecordSiteVisits:
		if gone.Municipality, err = s.municipalityInForm(f.plain("municipality"), v); err != nil {
			return err
		}
	default:
		return errForbidden
	}
	release, err := s.hold()
	if err != nil {
		return err
	}
	defer release()
	if err := s.folder.Withdraw(context.WithoutCancel(r.Context()), ingest.Decision{At: s.now(), By: v.ID()}, gone); err != nil {
		return err
	}
	s.record(v, addressOf(r), "totals.delete", gone.Municipality, gone.Key)
	s.flash(r, "Tallet er slettet. Det står stadig i historikken.")
	to := totalsAddress(gone.Municipality, year, "")
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// declareContext takes a month of a central series in.
func (s *Server) declareContext(w http.ResponseWriter, r *http.Request, v Viewer) error {
	f, err := readForm(r, "series", "month", "count", "year")
	if err != nil {
		return err
	}
	year, err := s.totalsYear(r.Context(), f.plain("year"))
	if err != nil {
		return err
	}
	n, readable := ingest.WholeNumber(f.plain("count"))
	figure := model.ContextFigure{Series: f.plain("series"), Month: f.plain("month"), Count: n}
	for _, fault := range figure.Check(model.DateOf(s.now())) {
		f.wrong(map[string]string{"serie": "series", "måned": "month", "antal": "count"}[fault.Field], fault.Message)
	}
	if !readable {
		f.wrong("count", "Antallet kan ikke læses. Skriv et helt tal, fx 12345 eller 12.345.")
	}
	if len(f.Errors) > 0 {
		return s.showTotals(w, r, v, http.StatusUnprocessableEntity, totalsView{Year: year, Form: f})
	}
	if _, err := s.storeTotals(r, v, nil, 0, figure); err != nil {
		return err
	}
	s.flash(r, "Måneden er gemt.")
	http.Redirect(w, r, totalsAddress(0, year, ""), http.StatusSeeOther)
	return nil
}
