package web

import (
	"bytes"
	"fmt"
	"html/template"
	"net/http"
	"slices"

	"komhen/ingest"
)

// Help for people. Each topic is templates/help-PATH.html, which defines "title" and "body"; what stands in tables comes from the
// codebook, the rules, the routes and openapi.json, so that the help cannot lag behind the service.

type helpTopic struct {
	Path, Title, Lead string
	content           func(*Server, *http.Request, Viewer) any // what the topic's body shows
}

func helpTopics() []helpTopic {
	return []helpTopic{
		{"count-week", "En tællerunde fra start til slut", "Følg en runde fra de første forberedelser til de godkendte tal, og se, hvad du gør her i tjenesten undervejs.", (*Server).countWeekHelp},
		{"template", "Skabelonen", "Otte kolonner, og én række er én henvendelse. Hent skabelonen, og se, hvad der skal stå i den.", (*Server).templateHelp},
		{"mapping", "Filer fra andre systemer", "Kø-, telefon-, mail- og sagssystemer skriver deres egne lister. Fortæl én gang, hvad kolonnerne er, så læser vi dem.", (*Server).mappingHelp},
		{"codebook", "Kodebogen", "Alle koder: kanaler, henvendelsestyper, afslutning, blanket og opgaver.", (*Server).codebookHelp},
		{"rules", "Reglerne", "Alt det, en fil bliver tjekket for, med et eksempel på hver fejl og på, hvordan du retter den.", (*Server).rulesHelp},
		{"duplicates", "Når noget bliver sendt to gange", "Sådan skelner vi mellem den samme henvendelse og to henvendelser, der ligner hinanden.", (*Server).duplicatesHelp},
		{"central", "Centrale leveringer", "KL’s statistik over selvbetjening og Digital Post: godkend jeres del, tag den over, eller lad den blive indlæst.", nil},
		{"totals", "Total-tal og dækningsgrad", "En gang om året: hvor mange henvendelser var der i alt, og hvor stor en del af dem talte I?", nil},
		{"questions", "Spørgsmål om digitaliseringsarbejdet", "Ved siden af tallene svarer kommunen i hver runde på nogle spørgsmål fra KL.", nil},
		{"schedule", "Tidsplanen", "Få rapporter og filer lavet og sendt til faste tider, uden at nogen skal huske det.", (*Server).scheduleHelp},
		{"klik", "KLIK-opgaver", "Hvor kommunerne står med deres opgaver, hvad farverne betyder, og hvad opgaver og lister bliver tjekket for.", (*Server).klikHelp},
		{"klik-tables", "Driftsstatus og klarmelding", "Måneder mod SLA-mål og leverandørers klarmelding: hvad tabellerne siger, og hvordan en fil skal se ud.", (*Server).klikTablesHelp},
		{"klik-contacts", "Kontaktlisten", "Hvem KOMBIT skriver til i kommunen, hvem der må rette det, og hvordan det holder sig rigtigt.", (*Server).klikContactsHelp},
		{"roles", "Hvem må hvad", "Fem roller, og hvad hver af dem ser og kan.", (*Server).rolesHelp},
		{"api", "For programmer", "Send filer og registreringer, og hent tal, uden et menneske ved tasterne.", (*Server).apiHelp},
		{"privacy", "Personoplysninger, cookies og log", "Hvad vi gemmer, hvad vi aldrig gemmer, og hvem der kan se det.", (*Server).privacyHelp},
		{"accessibility", "Tilgængelighed", "Hvordan tjenesten virker for alle, og hvad vi ved, den mangler.", nil},
	}
}

func (s *Server) helpRoutes() []route {
	return []route{
		{pattern: "GET /help", who: everyone, answer: s.helpIndex},
		{pattern: "GET /help/{topic}", who: everyone, answer: s.helpPage},
		{pattern: "GET /help/handbook", who: everyone, answer: s.helpHandbook},
		{pattern: "GET /help/template.csv", who: everyone, answer: s.templateFile("csv")},
		{pattern: "GET /help/template.xlsx", who: everyone, answer: s.templateFile("xlsx")},
	}
}

// helpView is what a topic's page shows. Content is the topic's own.
type helpView struct {
	helpTopic
	Topics         []helpTopic
	Previous, Next *helpTopic
	Content        any
	Sections       []helpSection // of the handbook
}

type helpSection struct {
	helpTopic
	Body template.HTML
}

func (s *Server) helpIndex(w http.ResponseWriter, r *http.Request, v Viewer) error {
	return s.page(w, r, v, "help", helpView{Topics: helpTopics()})
}

func (s *Server) helpPage(w http.ResponseWriter, r *http.Request, v Viewer) error {
	topics := helpTopics()
	at := slices.IndexFunc(topics, func(t helpTopic) bool { return t.Path == r.PathValue("topic") })
	if at < 0 {
		return errNotFound
	}
	view := helpView{helpTopic: topics[at], Topics: topics, Content: topics[at].contentFor(s, r, v)}
	if at > 0 {
		view.Previous = &topics[at-1]
	}
	if at+1 < len(topics) {
		view.Next = &topics[at+1]
	}
	return s.page(w, r, v, "help-"+view.Path, view)
}

func (t helpTopic) contentFor(s *Server, r *http.Request, v Viewer) any {
	if t.content == nil {
		return nil
	}
	return t.content(s, r, v)
}

// helpHandbook is every topic on one page, to be printed.
func (s *Server) helpHandbook(w http.ResponseWriter, r *http.Request, v Viewer) error {
	view := helpView{helpTopic: helpTopic{Path: "handbook", Title: "Håndbog for tællerunder"}, Topics: helpTopics()}
	plain := r.Clone(r.Context())
	plain.URL.RawQuery = "" // nothing is searched for here
	for _, t := range view.Topics {
		var b bytes.Buffer
		x := shown{Path: "/help/" + t.Path, Viewer: v, Data: helpView{helpTopic: t, Content: t.contentFor(s, plain, v)}}
		if err := s.pages["help-"+t.Path].ExecuteTemplate(&b, "body", x); err != nil {
			return fmt.Errorf("help %s: %w", t.Path, err)
		}
		view.Sections = append(view.Sections, helpSection{t, template.HTML(b.String())}) // escaped when it was made
	}
	return s.page(w, r, v, "help-handbook", view)
}

func (s *Server) templateFile(format string) answer {
	return func(w http.ResponseWriter, r *http.Request, _ Viewer) error {
		var b bytes.Buffer
		if err := ingest.WriteTemplate(&b, format, s.book); err != nil {
			return err
		}
		return sendFile(w, r, bytes.NewReader(b.Bytes()), "skabelon."+format)
	}
}
