package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"

	"komhen/web/account"
)

// described is openapi.json, checked.
func described(t testing.TB) *openapi3.T {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData(openAPI)
	check(t, err)
	check(t, doc.Validate(t.Context()))
	return doc
}

// operations are those of the description by method and path, as routes have them.
func operations(doc *openapi3.T) map[string]*openapi3.Operation {
	all := map[string]*openapi3.Operation{}
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			all[method+" "+path] = op
		}
	}
	return all
}

// TestDescriptionIsTheRoutes: every route of the API is described, with the roles that may use it, and nothing else is.
func TestDescriptionIsTheRoutes(t *testing.T) {
	x := newService(t)
	ops := operations(described(t))
	for _, rt := range x.routes() {
		method, path, _ := strings.Cut(rt.pattern, " ")
		if !strings.HasPrefix(path, "/api/") {
			continue
		}
		op := ops[method+" "+path]
		if op == nil {
			t.Errorf("%s is not described", rt.pattern)
			continue
		}
		delete(ops, rt.pattern)
		var roles []account.Role
		text, err := json.Marshal(op.Extensions["x-roles"])
		check(t, err)
		check(t, json.Unmarshal(text, &roles))
		want := slices.Clone([]account.Role(rt.who))
		slices.Sort(want)
		if slices.Sort(roles); !slices.Equal(roles, want) {
			t.Errorf("%s: described for %v, and may be used by %v", rt.pattern, roles, want)
		}
		if (len(roles) == 0) != (op.Security == nil || len(*op.Security) == 0) {
			t.Errorf("%s: its security does not fit its roles", rt.pattern)
		}
	}
	for pattern := range ops {
		t.Errorf("%s is described, and there is no such route", pattern)
	}
	got := x.get("", "/api/v1/openapi.json").want(t, http.StatusOK, "")
	if !bytes.Equal(got.body, openAPI) {
		t.Error("the service gives another description")
	}
}

// contract holds requests and their answers to the description, and remembers which of it has been seen.
type contract struct {
	*service
	routers.Router
	seen map[string]bool // "operation status"
}

// do sends a request as a role. With valid it must be as described; the answer always must.
func (c *contract) do(role, method, path, kind, body string, valid bool) answered {
	c.t.Helper()
	r, err := http.NewRequest(method, c.URL+path, strings.NewReader(body))
	check(c.t, err)
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	if secret := c.tokens[role]; secret != "" {
		r.Header.Set("Authorization", "Bearer "+secret)
	}
	route, wildcards, err := c.FindRoute(r)
	if err != nil {
		c.t.Fatalf("%s %s: %v", method, path, err)
	}
	options := &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, IncludeResponseStatus: true, MultiError: true}
	in := &openapi3filter.RequestValidationInput{Request: r, PathParams: wildcards, Route: route, Options: options}
	if err := openapi3filter.ValidateRequest(c.t.Context(), in); valid && err != nil {
		c.t.Errorf("%s %s is not as described: %v", method, path, err)
	}
	r.Body = io.NopCloser(strings.NewReader(body))
	a := c.service.do(r)
	out := &openapi3filter.ResponseValidationInput{RequestValidationInput: in, Status: a.StatusCode, Header: a.Header, Options: options}
	out.SetBodyBytes(a.body)
	if err := openapi3filter.ValidateResponse(c.t.Context(), out); err != nil {
		c.t.Errorf("the answer %d to %s %s is not as described: %v\n%.600s", a.StatusCode, method, path, err, a.body)
	}
	c.seen[route.Operation.OperationID+" "+fmt.Sprint(a.StatusCode)] = true
	return a
}

func (c *contract) file(role, query, path string, fields ...string) {
	c.t.Helper()
	kind, body := form(c.t, "fil.csv", read(c.t, path), fields...)
	text, err := io.ReadAll(body)
	check(c.t, err)
	c.do(role, http.MethodPost, "/api/v1/uploads"+query, kind, string(text), true)
}

// TestAnswersAreAsDescribed calls the real handlers and holds what they answer to the description: every status of every operation.
func TestAnswersAreAsDescribed(t *testing.T) {
	for _, kind := range []string{"text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "application/vnd.apache.parquet", "application/x-ndjson", "text/html"} {
		openapi3filter.RegisterBodyDecoder(kind, openapi3filter.FileBodyDecoder)
		t.Cleanup(func() { openapi3filter.UnregisterBodyDecoder(kind) })
	}
	doc := described(t)
	router, err := gorillamux.NewRouter(doc)
	check(t, err)
	c := &contract{newService(t), router, map[string]bool{}}
	c.file("coordinator", "?dry_run=1", walkFolder+"1-registreringer.csv")
	c.file("coordinator", "", walkFolder+"1-registreringer.csv", "source", "Tracetool", "kind", "registration")
	c.file("coordinator", "", walkFolder+"2-telefonsystem.csv", "source", "Telefonsystem", "kind", "system", "municipality", "Køge")
	c.file("coordinator", "?strict=true", walkFolder+"1-registreringer.csv", "test", "on")
	c.file("operator", "", "../testdata/rules/F03-missing-column/input.csv")
	c.file("coordinator", "", "../testdata/rules/R13-same-id/input.csv")
	c.file("coordinator", "", "../testdata/layouts/a-cp1252.csv")
	c.file("coordinator", "", "../testdata/layouts/b-latin1.csv")
	c.do("coordinator", http.MethodPost, "/api/v1/uploads?dryrun=1", "text/csv", "x", false)
	c.do("coordinator", http.MethodPost, "/api/v1/uploads", "text/csv", "x", false)
	get := func(path string, valid bool) { t.Helper(); c.do("coordinator", http.MethodGet, path, "", "", valid) }
	get("/api/v1/uploads", true)
	for n := 1; n < 6; n++ {
		get(fmt.Sprint("/api/v1/uploads/", n), true)
	}
	get("/api/v1/uploads/99", true)
	get("/api/v1/uploads/1?x=1", true)
	get("/api/v1/uploads/1/fix-file", true)
	get("/api/v1/uploads/1/fix-file?format=xlsx", true)
	get("/api/v1/uploads/1/fix-file?format=pdf", false)
	get("/api/v1/uploads/99/fix-file", true)
	for _, step := range []string{"DELETE /1", "DELETE /1", "POST /1/further", "POST /1/redo", "POST /1/redo", "POST /1/further", "DELETE /99", "POST /99/redo", "POST /99/further",
		"DELETE /2?x=1", "POST /2/redo?x=1", "POST /2/further?x=1"} {
		method, rest, _ := strings.Cut(step, " ")
		c.do("coordinator", method, "/api/v1/uploads"+rest, "", "", true)
	}
	for _, list := range []string{"codebook", "rules", "rounds", "municipalities", "openapi.json", "reports"} {
		get("/api/v1/"+list, true)
	}
	for _, name := range []string{"channels", "subjects", "types", "closings", "forms", "channel-by-subject", "units", "days", "trend", "digital-share", "ranking", "completeness", "coverage", "questions"} {
		get("/api/v1/reports/"+name+"?municipality=259&round=2012F", true)
	}
	get("/api/v1/reports/types?format=csv&weeks=all", true)
	get("/api/v1/reports/types?weeks=primary", true)
	get("/api/v1/reports/channel-by-subject?format=xlsx&types=case", true)
	get("/api/v1/reports/types?format=exe", false)
	get("/api/v1/reports/types?format=html", true)
	get("/api/v1/round-report?round=2012F&format=html", true)
	get("/api/v1/reports/types?format=pdf", true) // this service has no browser
	get("/api/v1/round-report?round=2012F", true)
	get("/api/v1/round-report?round=2012X", true)
	get("/api/v1/round-report?rund=2012F", false)
	get("/api/v1/reports/nothing", true)
	get("/api/v1/klik", true)
	get("/api/v1/klik/projects?phase=2&phase=3&deadline=red", true)
	get("/api/v1/klik/tasks?format=csv&municipality=259", true)
	get("/api/v1/klik/workbook", true)
	get("/api/v1/klik/themes?format=pdf", true)
	get("/api/v1/klik/themes?format=html", true)
	get("/api/v1/klik/nothing", true)
	get("/api/v1/klik/projects?fase=2", true)
	get("/api/v1/benchmark.xlsx?round=2012F&group=region", true)
	get("/api/v1/benchmark.xlsx?round=2013F", true)
	get("/api/v1/benchmark.xlsx?rund=2013F", true)
	for _, format := range []string{"csv", "xlsx", "parquet"} {
		get("/api/v1/export/contacts?format="+format, true)
	}
	get("/api/v1/export/contacts?format=pdf", false)
	get("/api/v1/export/contacts?round=2012X", true)
	get("/api/v1/klik/operations", true) // there is nothing yet
	get("/api/v1/klik/readiness", true)
	importKlikTables(t, c.site)
	for _, query := range []string{"", "?month=2012-09&system=F%C3%A6llestorvet", "?month=sep-12&format=csv", "?format=xlsx", "?month=snart", "?maaned=2012-09", "?system=intet"} {
		get("/api/v1/klik/operations"+query, true)
	}
	for _, query := range []string{"", "?format=csv", "?format=xlsx", "?system=x"} {
		get("/api/v1/klik/readiness"+query, true)
	}
	get("/api/v1/klik/readiness?format=pdf", true)
	get("/api/v1/klik/operations?format=html", true)
	get("/api/v1/klik/operations?format=pdf", true)
	get("/api/v1/klik/readiness?format=docx", false)
	c.klik(t)
	send := func(kind, body string, valid bool) {
		t.Helper()
		c.do("unit", http.MethodPost, "/api/v1/registrations?test=1", kind, body, valid)
	}
	send("application/json", string(read(t, registrationsFolder+"body.json")), false) // it holds rows that are none
	send("application/json", `{"id":7,"opgave":"23.05.10","kanal":"TLFIND","type":"OPRET","afslutning":"STRAKS","dato":"2012-04-23","alder":40,"blanket":null}`, true)
	send("application/x-ndjson", `{"id":"x","kanal":"Brevdue"}`+"\n", true)
	send("application/json", `[{"id":"x","kanal":"Brevdue"}]`, true)
	send("application/json", `[`, false)
	send("text/plain", `[]`, false)
	get("/api/v1/totals?year=2012", true)
	get("/api/v1/totals?year=sidste", true)
	get("/api/v1/totals?municipality=Atlantis", true)
	declare := func(role, kind, body string, valid bool) answered {
		t.Helper()
		return c.do(role, http.MethodPost, "/api/v1/totals", kind, body, valid)
	}
	const calls = `{"channel":"TLFIND","from":"2011-01-01","to":"31-12-2011","count":1200,"declared":true,"origin":"Omstilling"}`
	declare("coordinator", "application/json", `{"totals":[`+calls+`],"site_visits":[{"from":"2011-01-01","to":"2011-12-31","count":90000,"declared":true}]}`, true).want(t, http.StatusOK, "")
	declare("operator", "application/json", `{"totals":[],"context":[{"series":"nemid","month":"2012-04","count":5000000}]}`, true).want(t, http.StatusOK, "")
	whole := c.do("coordinator", http.MethodGet, "/api/v1/totals", "", "", true)
	declare("operator", "application/json", string(whole.body), true).want(t, http.StatusOK, "") // what is given can be sent again
	declare("coordinator", "application/json", `{"context":[{"series":"nemid","month":"2012-04","count":1}]}`, true).want(t, http.StatusForbidden, "forbidden")
	declare("coordinator", "application/json", `{"totals":[{"channel":"TLFIND","from":"2011-01-01","to":"2011-12-31","count":1,"declared":false}]}`, true).want(t, http.StatusUnprocessableEntity, "")
	declare("operator", "application/json", `{"context":[{"series":"x","month":"2012-13","count":-1}]}`, true).want(t, http.StatusUnprocessableEntity, "")
	declare("coordinator", "application/json", `{"total":[]}`, false).want(t, http.StatusBadRequest, "totals-unreadable")
	declare("coordinator", "text/csv", `{}`, false).want(t, http.StatusUnsupportedMediaType, "media-type")
	declare("coordinator", "application/json", `{"totals":[`+strings.Repeat(calls+",", 10_000)+calls+`]}`, true).want(t, http.StatusRequestEntityTooLarge, "too-large")
	for pattern, op := range operations(doc) {
		method, path, _ := strings.Cut(pattern, " ")
		path = strings.NewReplacer("{upload}", "1", "{name}", "channels", "{view}", "projects", "{task}", "1").Replace(path)
		if op.Security != nil && len(*op.Security) > 0 {
			c.do("", method, path, "", "", false).want(t, http.StatusUnauthorized, "sign-in")
			outsider := "unit"
			if op.OperationID == "register" {
				outsider = "coordinator"
			}
			c.do(outsider, method, path, "", "", false).want(t, http.StatusForbidden, "forbidden")
		}
	}
	tried := map[string]string{"load 413": "a form field of 200 characters at most, see TestUploadRefusals", "load 429": "takes forty files", "register 413": "see TestRegistrationBodies", "klikWork 410": "see TestKlikAPIDeleted", "klikMessage 410": "see TestKlikAPIDeleted"}
	for pattern, op := range operations(doc) {
		for status := range op.Responses.Map() {
			if key := op.OperationID + " " + status; !c.seen[key] && tried[key] == "" {
				t.Errorf("%s never answered %s in this test", pattern, status)
			}
		}
	}
}

// klik calls what changes KLIK, in every way that is described.
func (c *contract) klik(t *testing.T) {
	t.Helper()
	post := func(role, path, body string, valid bool) answered {
		t.Helper()
		return c.do(role, http.MethodPost, "/api/v1/klik/"+path, "application/json", body, valid)
	}
	load := func(query, name, text string, valid bool) answered {
		t.Helper()
		kind, body := form(t, name, []byte(text))
		all, err := io.ReadAll(body)
		check(t, err)
		return c.do("operator", http.MethodPost, "/api/v1/klik/import"+query, kind, string(all), valid)
	}
	const waves = "Projekt;Bølge;Go-live;Kommuner;Frozen zones\nPrøve;Bølge A;01-12-2012;Køge, Odense;20-12-2012 – 02-01-2013\n"
	const tasks = "Projekt;Opgavetitel;Fase;Tema;Prioritet;STS;Bølge;Varighed;Frozen zone;Slutdato (fra Go-live);Startdato (fra slutdato);Forudsætninger;Beskrivelse\n" +
		"Prøve;(P 1) Gør det først;1;Viden og færdigheder;Obligatorisk;nej;Bølge A;3;Nej;-1;-10;;I skal\nPrøve;(P 2) Gør det bagefter;1;Viden og færdigheder;Obligatorisk;nej;Bølge A;3;Ja;5;-10;P 1;I skal\n"
	load("?check=1", "bølger.csv", waves, true).want(t, http.StatusOK, "")
	load("", "bølger.csv", waves, true).want(t, http.StatusCreated, "")
	load("", "opgaver.csv", tasks, true).want(t, http.StatusCreated, "")
	load("?check=1", "opgave.txt", "Opgavetitel\n(P 3) Noget\nBeskrivelse\nKommunen skal\n", true)
	load("", "slet ikke.csv", "a;b\n1;2\n", true).want(t, http.StatusUnprocessableEntity, "")
	load("?tjek=1", "bølger.csv", waves, false).want(t, http.StatusBadRequest, "parameter-unknown")
	many := make([]string, 0, 42)
	for i := range 21 {
		many = append(many, fmt.Sprint("f", i), "x")
	}
	kind, body := formFiles(t, many...)
	c.do("operator", http.MethodPost, "/api/v1/klik/import", kind, body, false).want(t, http.StatusRequestEntityTooLarge, "too-large")
	c.do("operator", http.MethodPost, "/api/v1/klik/import", "text/csv", waves, false).want(t, http.StatusUnsupportedMediaType, "media-type")

	post("coordinator", "tasks/2", `{"status":"IGANG","responsible":"Kim","performer":null,"start":"2012-11-21","comment":"Vi er i gang"}`, true).want(t, http.StatusOK, "")
	post("coordinator", "tasks/2", `{"status":"FULDFOERT"}`, true).want(t, http.StatusConflict, "klik-blocked")
	post("coordinator", "tasks/2", `{"status":"LILLA","comment":"borger 010190-1234"}`, true).want(t, http.StatusUnprocessableEntity, "klik-work")
	post("coordinator", "tasks/99", `{}`, true).want(t, http.StatusNotFound, "klik-task-unknown")
	post("operator", "tasks/1", `{}`, true).want(t, http.StatusBadRequest, "municipality-needed")
	post("operator", "tasks/1/message", `{"message":"#besked I kan starte nu. Frist: 01-12-2012"}`, true).want(t, http.StatusOK, "")
	post("operator", "tasks/1/message", `{"message":"Hej"}`, true).want(t, http.StatusUnprocessableEntity, "klik-message")
	post("operator", "tasks/99/message", `{"message":"#besked I kan starte nu. Frist: 01-12-2012"}`, true).want(t, http.StatusNotFound, "klik-task-unknown")
	for _, query := range []string{"wave=1&days=-11", "wave=1&days=14&project=1&first=2012-12-01&last=2012-12-31", "project=1&first=2012-12-06&last=2012-12-06"} {
		c.do("coordinator", http.MethodGet, "/api/v1/klik/what-if?"+query, "", "", true).want(t, http.StatusOK, "")
	}
	for _, query := range []string{"", "?wave=99&days=1", "?days=x", "?bølge=1"} {
		c.do("coordinator", http.MethodGet, "/api/v1/klik/what-if"+query, "", "", false).want(t, http.StatusBadRequest, "")
	}
	post("operator", "what-if", `{"wave":1,"days":-11,"seen":"2012-12-01"}`, true).want(t, http.StatusOK, "")
	post("operator", "what-if", `{"wave":1,"days":-11,"seen":"2012-12-01"}`, true).want(t, http.StatusConflict, "klik-moved")
	for _, path := range []string{"tasks/1?municipality=259", "tasks/1/message", "what-if"} {
		post("operator", path, `{"x":1}`, false).want(t, http.StatusBadRequest, "klik-unreadable")
		c.do("operator", http.MethodPost, "/api/v1/klik/"+path, "text/plain", "x", false).want(t, http.StatusUnsupportedMediaType, "media-type")
		post("operator", path, `{"x":"`+strings.Repeat("æ", 1<<20)+`"}`, false).want(t, http.StatusRequestEntityTooLarge, "too-large")
	}
}
