package web

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"komhen/ingest"
	"komhen/model"
	"komhen/reports"
	"komhen/web/account"
)

// countWeekHelp gives the round that is on or comes next, and the one after it.
func (s *Server) countWeekHelp(*http.Request, Viewer) any {
	today := model.DateOf(s.now())
	type line struct {
		Title, Weeks, Days, Deadline string
		Primary                      int
	}
	var rounds []line
	for _, r := range s.book.Rounds(today + 400) {
		if r.DataDeadline < today || len(rounds) == 2 {
			continue
		}
		weeks := strings.Trim(strings.ReplaceAll(fmt.Sprint(r.Weeks), " ", ", "), "[]")
		rounds = append(rounds, line{r.Title(), weeks, r.First.String() + " til " + r.Last.String(), r.DataDeadline.String(), r.Primary})
	}
	return map[string]any{"Rounds": rounds, "Silence": reports.SilenceRule}
}

func (s *Server) templateHelp(*http.Request, Viewer) any {
	return map[string]any{"MaxMB": s.config.MaxUploadMB, "FixColumns": ingest.FixColumns}
}

func (s *Server) privacyHelp(*http.Request, Viewer) any {
	return map[string]any{"Months": s.config.AuditMonths}
}

func (s *Server) scheduleHelp(*http.Request, Viewer) any {
	var names []string
	for _, p := range products() {
		names = append(names, strings.ToLower(p.label[:1])+p.label[1:])
	}
	return map[string]any{"Products": names, "Months": archiveMonths, "Mails": s.mails(), "Most": sizeText(attachMost)}
}

func (s *Server) mappingHelp(*http.Request, Viewer) any {
	var dates []string
	for _, f := range ingest.DateFormats {
		dates = append(dates, ingest.DanishFormat(f))
	}
	return map[string]any{"Fields": ingest.FieldNames(), "Dates": dates}
}

type codebookView struct {
	Search   string
	Version  string
	Editions []model.Edition
	Channels []model.Channel
	Types    []typeLine
	Closings []model.Closing
	Forms    []model.Form
	Subjects []subjectLine
	Found    int
	All      int
}

type typeLine struct {
	Code, Label string
	Groups      []string // one for each edition
}

type subjectLine struct {
	KLE, Label string
	Packages   []string // one for each edition
}

// codebookHelp is the codebook, or what of it holds the words that are searched for.
func (s *Server) codebookHelp(r *http.Request, _ Viewer) any {
	view := codebookView{Search: strings.TrimSpace(r.URL.Query().Get("q")), Version: s.book.Version, Editions: s.book.Editions}
	if runes := []rune(view.Search); len(runes) > 100 {
		view.Search = string(runes[:100])
	}
	holds := func(texts ...string) bool {
		view.All++
		all := model.Fold(strings.Join(texts, "\n"))
		for _, word := range strings.Fields(view.Search) {
			if !strings.Contains(all, model.Fold(word)) {
				return false
			}
		}
		view.Found++
		return true
	}
	for _, x := range s.book.Channels {
		if holds(append(x.Aliases, x.Code, x.Label, x.Channel)...) {
			view.Channels = append(view.Channels, x)
		}
	}
	for _, x := range s.book.Types {
		line := typeLine{Code: x.Code, Label: x.Label}
		for _, e := range s.book.Editions {
			line.Groups = append(line.Groups, string(x.Groups[e.Name]))
		}
		if holds(append(append(x.Aliases, x.Code, x.Label), line.Groups...)...) {
			view.Types = append(view.Types, line)
		}
	}
	for _, x := range s.book.Closings {
		if holds(append(x.Aliases, x.Code, x.Label)...) {
			view.Closings = append(view.Closings, x)
		}
	}
	for _, x := range s.book.Forms {
		if holds(append(x.Aliases, x.Code, x.Label)...) {
			view.Forms = append(view.Forms, x)
		}
	}
	for _, x := range s.book.Subjects {
		line := subjectLine{KLE: x.KLE.String(), Label: x.Label}
		for _, e := range s.book.Editions {
			line.Packages = append(line.Packages, string(cmp.Or(x.Packages[e.Name], model.Voluntary)))
		}
		if holds(line.KLE, line.Label, strings.ReplaceAll(line.KLE, ".", "")) {
			view.Subjects = append(view.Subjects, line)
		}
	}
	return view
}

// rightsLines are what people do, each with the route that does it: who may use the route may do it.
var rightsLines = []struct{ What, Pattern string }{
	{"Sende registreringer for sin enhed fra et program", "POST /api/v1/registrations"},
	{"Se overblik og rapporter for sin kommune og for hele landet", "GET /{$}"},
	{"Se landkort og ranglister", "GET /rankings"},
	{"Hente rapporter og benchmark som filer", "GET /api/v1/reports/{name}"},
	{"Hente kommunens henvendelser række for række", "GET /api/v1/export/contacts"},
	{"Sende filer, læse kvitteringer og rette rækker", "POST /uploads"},
	{"Fortryde en indmelding og bringe den tilbage", "POST /uploads/{upload}/undo"},
	{"Svare på KL’s centrale leveringer", "POST /central/{delivery}/approve"},
	{"Gøre en central levering klar til kommunerne", "POST /central"},
	{"Se, om alle enheder er med", "GET /board"},
	{"Erklære nul for en enhed eller en dag", "POST /board/zeros"},
	{"Godkende en runde", "POST /rounds/{round}/approve"},
	{"Ændre en rundes uger og frister", "POST /rounds/{round}"},
	{"Hente fra tidsplanens arkiv og melde sig til", "POST /schedule/{job}/receive"},
	{"Sætte rapporter og filer på tidsplanen", "POST /schedule"},
	{"Sætte status på kommunens KLIK-opgaver, og se, hvad en flyttet go-live gør", "POST /klik/tasks/{task}"},
	{"Skrive til alle kommuner med en KLIK-opgave, og flytte go-live", "POST /klik/what-if"},
	{"Se driftsstatus, klarmelding og kommunens kontaktliste", "GET /klik/contacts"},
	{"Indlæse driftsstatus og klarmelding", "POST /klik/operations"},
	{"Lave nøgler til programmer", "POST /account/tokens"},
	{"Oprette og ændre brugere", "GET /people"},
	{"Læse loggen over, hvad der er gjort", "GET /audit"},
}

type rightsLine struct {
	What string
	May  []bool // one for each role
}

func (s *Server) rolesHelp(*http.Request, Viewer) any {
	patterns := map[string]who{}
	for _, rt := range s.routes() {
		patterns[rt.pattern] = rt.who
	}
	var lines []rightsLine
	for _, l := range rightsLines {
		allowed, there := patterns[l.Pattern]
		if !there {
			continue // the service does not do that
		}
		line := rightsLine{What: l.What}
		for _, role := range account.AllRoles {
			line.May = append(line.May, allowed.admits(Viewer{Role: role}))
		}
		lines = append(lines, line)
	}
	return map[string]any{"Roles": account.AllRoles, "Lines": lines}
}

type apiLine struct{ Method, Path, Summary, Roles string }

// apiHelp lists what openapi.json describes.
func (s *Server) apiHelp(*http.Request, Viewer) any {
	base := s.config.BaseURL
	if base == "" {
		base = "https://taelleuger.example.dk"
	}
	return map[string]any{"Operations": apiLines(), "BaseURL": base, "MaxMB": s.config.MaxUploadMB, "Years": account.TokenYears,
		"MaxRows": ingest.MaxRegistrations, "MaxRowsMB": ingest.MaxRegistrationBytes >> 20}
}

func apiLines() []apiLine {
	var doc struct {
		Paths map[string]map[string]struct {
			Summary string
			Roles   []account.Role `json:"x-roles"`
		}
	}
	if err := json.Unmarshal(openAPI, &doc); err != nil {
		panic(err) // it is embedded, and a test reads it
	}
	var lines []apiLine
	for path, methods := range doc.Paths {
		for method, op := range methods {
			var roles []string
			for _, r := range op.Roles {
				roles = append(roles, r.Label())
			}
			lines = append(lines, apiLine{strings.ToUpper(method), path, op.Summary, cmp.Or(strings.Join(roles, ", "), "alle, uden nøgle")})
		}
	}
	slices.SortFunc(lines, func(a, b apiLine) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), strings.Compare(a.Method, b.Method))
	})
	return lines
}
