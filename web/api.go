package web

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"komhen/model"
)

// The API of contract.md. What it answers is what the command line prints: the same documents, from the same functions.

// apiRoutes is every route for programs; openapi.json describes each of them, and a test holds the two together.
func (s *Server) apiRoutes() []route {
	return []route{
		{pattern: "GET /api/v1/openapi.json", who: everyone, answer: s.apiDescription},
		{pattern: "GET /api/v1/codebook", who: everyone, answer: s.apiCodebook},
		{pattern: "GET /api/v1/rules", who: everyone, answer: s.apiRules},
		{pattern: "GET /api/v1/rounds", who: everyone, answer: s.apiRounds},
		{pattern: "GET /api/v1/municipalities", who: everyone, answer: s.apiMunicipalities},

		{pattern: "POST /api/v1/uploads", who: uploaders, answer: s.apiLoad, streams: true},
		{pattern: "GET /api/v1/uploads", who: uploaders, answer: s.apiUploads},
		{pattern: "GET /api/v1/uploads/{upload}", who: uploaders, answer: s.apiUpload, streams: true},
		{pattern: "DELETE /api/v1/uploads/{upload}", who: uploaders, answer: s.apiUndo},
		{pattern: "POST /api/v1/uploads/{upload}/redo", who: uploaders, answer: s.apiRedo},
		{pattern: "POST /api/v1/uploads/{upload}/further", who: uploaders, answer: s.apiFurther, streams: true},
		{pattern: "GET /api/v1/uploads/{upload}/fix-file", who: uploaders, answer: s.apiFixFile, streams: true},

		{pattern: "POST /api/v1/registrations", who: registrars, answer: s.register, streams: true},

		{pattern: "GET /api/v1/totals", who: readers, answer: s.apiTotals},
		{pattern: "POST /api/v1/totals", who: uploaders, answer: s.apiDeclareTotals},

		{pattern: "GET /api/v1/reports", who: readers, answer: s.apiReports},
		{pattern: "GET /api/v1/reports/{name}", who: readers, answer: s.apiReport, streams: true},
		{pattern: "GET /api/v1/round-report", who: readers, answer: s.apiRoundReport, streams: true},
		{pattern: "GET /api/v1/benchmark.xlsx", who: readers, answer: s.apiBenchmark, streams: true},
		{pattern: "GET /api/v1/export/contacts", who: analysts, answer: s.apiExport, streams: true},

		{pattern: "GET /api/v1/klik", who: readers, answer: s.apiKlikReports},
		{pattern: "GET /api/v1/klik/{view}", who: readers, answer: s.apiKlikReport, streams: true},
		{pattern: "GET /api/v1/klik/operations", who: readers, answer: s.apiOperations, streams: true},
		{pattern: "GET /api/v1/klik/readiness", who: readers, answer: s.apiReadiness, streams: true},
		{pattern: "POST /api/v1/klik/tasks/{task}", who: uploaders, answer: s.apiKlikWork},
		{pattern: "POST /api/v1/klik/tasks/{task}/message", who: operators, answer: s.apiKlikMessage},
		{pattern: "POST /api/v1/klik/import", who: operators, answer: s.apiKlikImport, streams: true},
		{pattern: "GET /api/v1/klik/what-if", who: uploaders, answer: s.apiKlikWhatIf},
		{pattern: "POST /api/v1/klik/what-if", who: operators, answer: s.apiKlikGoLive},

		{pattern: "GET /metrics", who: everyone, answer: s.metricsPage}, // who may is not only a matter of roles
	}
}

//go:embed openapi.json
var openAPI []byte

func (s *Server) apiDescription(w http.ResponseWriter, _ *http.Request, _ Viewer) error {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-cache")
	_, err := w.Write(openAPI)
	return ignoreGone(err)
}

func (s *Server) apiCodebook(w http.ResponseWriter, _ *http.Request, _ Viewer) error {
	return writeJSON(w, http.StatusOK, s.book.Published())
}

func (s *Server) apiRules(w http.ResponseWriter, _ *http.Request, _ Viewer) error {
	return writeJSON(w, http.StatusOK, s.book.PublishedRules())
}

func (s *Server) apiRounds(w http.ResponseWriter, _ *http.Request, _ Viewer) error {
	return writeJSON(w, http.StatusOK, s.book.PublishedRounds(s.now()))
}

func (s *Server) apiMunicipalities(w http.ResponseWriter, _ *http.Request, _ Viewer) error {
	return writeJSON(w, http.StatusOK, s.book.PublishedMunicipalities())
}

// writeJSON answers with a document, which is made whole before the first byte is sent.
func writeJSON(w http.ResponseWriter, status int, document any) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(document); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, err := b.WriteTo(w)
	return ignoreGone(err)
}

// asked is a request's query. Only these parameters may stand in it, each once: a misspelt one that was passed over would give
// another answer than the one that was asked for.
func asked(r *http.Request, names ...string) (map[string]string, error) {
	q, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, &model.Problem{Code: "parameter-unknown", Message: "Adressens parametre kan ikke læses. Skriv dem som navn=værdi med & imellem, og indkod særlige tegn.", Err: err}
	}
	fields := map[string]string{}
	for name, values := range q {
		if err := knownField(name, names); err != nil {
			return nil, err
		}
		if len(values) > 1 {
			return nil, &model.Problem{Code: "parameter-unknown", Message: fmt.Sprintf("Parameteren %s står flere gange. Skriv den én gang.", name)}
		}
		fields[name] = values[0]
	}
	return fields, nil
}

func knownField(name string, names []string) error {
	if slices.Contains(names, name) {
		return nil
	}
	name, _ = model.MaskCPR(strings.ToValidUTF8(name, "\uFFFD"), false)
	message := fmt.Sprintf("Parameteren %q kendes ikke her.", name)
	if len(names) > 0 {
		message += " Kendte er " + strings.Join(names, ", ") + "."
	}
	return &model.Problem{Code: "parameter-unknown", Message: message}
}

// yes reads a field that is either set or not.
func yes(fields map[string]string, name string) (bool, error) {
	switch fields[name] {
	case "", "0", "false":
		return false, nil
	case "1", "true":
		return true, nil
	}
	return false, &model.Problem{Code: "parameter-unknown", Message: fmt.Sprintf("Parameteren %s skal være 1 eller 0.", name)}
}

// oneOf reads a field that has few values; the first is the usual one.
func oneOf(fields map[string]string, name string, values ...string) (string, error) {
	got := fields[name]
	if got == "" {
		return values[0], nil
	}
	if !slices.Contains(values, got) {
		return "", &model.Problem{Code: name + "-unknown", Message: fmt.Sprintf("Parameteren %s kan være %s.", name, strings.Join(values, ", "))}
	}
	return got, nil
}
