package web

import (
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"time"

	"komhen/model"
	"komhen/reports"
	"komhen/web/chart"
)

// reportWords say in a sentence what each report answers. A test sees to it that none is missing.
var reportWords = map[string]string{
	"channels":           "Hvor mange henvender sig på telefon, ved skranken, i brev eller digitalt?",
	"subjects":           "Hvilke opgaver handler henvendelserne om, og hvilke fylder mest?",
	"types":              "Opretter og ændrer borgerne sager, eller beder de om råd og oplysninger?",
	"closings":           "Hvor mange får svar med det samme, og hvor mange må vente?",
	"forms":              "Hvor ofte følger der en blanket med?",
	"channel-by-subject": "Hvilke kanaler bruger borgerne til hver enkelt opgave?",
	"units":              "Hvor i kommunen lander henvendelserne? Enheder er kommunens egne og vises aldrig for andre.",
	"days":               "Hvilke dage i tælleugerne har flest henvendelser?",
	"trend":              "Hvordan har antallet og den digitale andel udviklet sig fra runde til runde?",
	"digital-share":      "For hvilke opgaver henvender borgerne sig mest digitalt, og hvor er der noget at hente?",
	"ranking":            "Alle kommuner i én tabel, på digital andel og henvendelser pr. 1.000 indbyggere.",
	"local":              "Hvad har I talt uden for runderne, måned for måned? Tallene er jeres egne og indgår ikke i sammenligninger.",
	"coverage":           "Hvor stor en del af alle henvendelser er talt? Kun hvor total-tallet er for præcis samme periode.",
	"questions":          "Hvad svarer kommunen om sit digitaliseringsarbejde, og hvad svarer de andre?",
	"completeness":       "Hvilke dage er der henvendelser fra, og hvilke mangler?",
	"board":              "Hvilke enheder er tavse på dage, hvor de plejer at have henvendelser?",
	"deliveries":         "Hvilke kommuner har indmeldt, til tiden eller efter fristen, og hvem har godkendt?",
}

type reportLine struct{ Name, Title, Sentence, Href string }

// reportsPage lists every report, and the files that can be fetched.
func (s *Server) reportsPage(w http.ResponseWriter, r *http.Request, v Viewer) error {
	a, err := s.question(r, v)
	if err != nil {
		return err
	}
	data := struct {
		Reports        []reportLine
		Rounds         []option
		Municipalities []option // for the extract: with the whole country where the viewer may take it
		Own            []option // for the workbook: a municipality it is
		Groups         []option
		Upload, Rows   bool
	}{Rounds: a.roundChoices(), Groups: groupChoices, Upload: v.CanUpload(), Rows: analysts.admits(v)}
	for _, d := range reports.Names() {
		data.Reports = append(data.Reports, reportLine{d.Name, d.Title, reportWords[d.Name], "/reports/" + d.Name})
	}
	for _, o := range s.municipalityChoices(v, a.Municipality) {
		if o.Value != nation {
			data.Own = append(data.Own, o)
		}
		if o.Value != nation || v.Operator() {
			data.Municipalities = append(data.Municipalities, o)
		}
	}
	return s.page(w, r, v, "reports", data)
}

type reportView struct {
	Name, Title, Sentence string
	Who, When             string // "Køge Kommune", "Forår 2012 (2012F), uge 17, 18 og 19"
	Now                   time.Time
	Asked                 reportForm
	Provisional           bool
	Empty, Choose         bool // nothing to show: no contacts, or no municipality chosen
	NoData, Upload, Print bool
	Round                 model.Round
	Other                 string // a round that has contacts, for a link
	OtherHref             string
	Table                 figureTable
	Notes                 []string
	Downloads             []link
	Papers                []link
	PrintHref, Back       string
	More                  []link
	Drawing               template.HTML // the chart, where there is one
	Others                []reportLine
}

type link struct{ Href, Text string }

// formatLinks are the formats that figures can be fetched in, with what people call them.
var formatLinks = []link{{"xlsx", "Excel"}, {"csv", "CSV"}, {"json", "JSON"}}

// reportForm is the form above a report, and above whatever else is chosen the same way.
type reportForm struct {
	Action                               string
	Rounds, Weeks, Municipalities, Types []option
}

// reportPage shows a report: its table, its chart and what it rests on.
func (s *Server) reportPage(w http.ResponseWriter, r *http.Request, v Viewer) error {
	def, err := definitionOf(r.PathValue("name"))
	if err != nil {
		return err
	}
	a, err := s.question(r, v)
	if err != nil {
		return err
	}
	if !a.whole && a.Round.Name != "" { // the address is to hold everything, so that it can be shared
		http.Redirect(w, r, r.URL.Path+"?"+s.queryFor(def, a), http.StatusSeeOther)
		return nil
	}
	view := reportView{Name: def.Name, Title: def.Title, Sentence: reportWords[def.Name], Now: s.now(), Asked: s.formFor(def, a, v), Print: a.Print,
		NoData: a.Round.Name == "", Choose: def.NeedsMunicipality && a.Municipality == 0, Upload: v.CanUpload(), Round: a.Round}
	for _, d := range reports.Names() {
		if d.Name != def.Name {
			view.Others = append(view.Others, reportLine{d.Name, d.Title, "", "/reports/" + d.Name + "?" + s.queryFor(d, a)})
		}
	}
	if view.NoData || view.Choose {
		return s.page(w, r, v, "report", view)
	}
	rep, err := s.run(r.Context(), def.Name, a)
	if err != nil {
		return err
	}
	view.fill(rep, def, a)
	if err := view.draw(rep, s.book.Municipality(v.Municipality)); err != nil {
		return err
	}
	if a.Municipality != 0 && !view.Empty {
		view.More = []link{{"/benchmark.xlsx?" + a.query(), "Hent benchmark til Excel"}}
	}
	if analysts.admits(v) {
		again := a
		again.Round = model.Round{} // the latest, each time
		view.More = append(view.More, link{"/schedule/new?" + s.queryFor(def, again, "what", "report:"+def.Name), "Få den til faste tider"})
	}
	for _, format := range formatLinks {
		view.Downloads = append(view.Downloads, link{r.URL.Path + "/download?" + s.queryFor(def, a, "format", format.Href), format.Text})
	}
	download := func(format string) string { return r.URL.Path + "/download?" + s.queryFor(def, a, "format", format) }
	view.Papers = s.paperLinks(download("html"), download("pdf"))
	view.Back = r.URL.Path + "?" + s.queryFor(def, a)
	view.PrintHref = r.URL.Path + "?" + s.queryFor(def, a, "print", "1")
	return s.page(w, r, v, "report", view)
}

// fill puts the figures in.
func (view *reportView) fill(rep *reports.Report, def reports.Definition, a question) {
	view.Title, view.Notes, view.Provisional = rep.Title, plain(rep.Notes), rep.Provisional
	view.Who, view.When = whoOf(rep), rep.Round.Title()+" ("+rep.Round.Name+")"
	outside := def.Name == "local" // it is of a year, outside its rounds
	if outside {
		view.Title, view.When = def.Title, fmt.Sprintf("%d uden for runderne", rep.Round.Year)
	}
	if !hasFigures(rep) {
		view.Empty = true
		for _, o := range a.rounds {
			if o.Name != a.Round.Name && !(outside && o.Year == a.Round.Year) {
				b := a
				b.Round = o
				view.Other, view.OtherHref = o.Title(), "/reports/"+def.Name+"?"+b.query()
				break
			}
		}
		return
	}
	view.Table = tableOf(rep)
}

// draw puts the chart in, where the report has one. The viewer's own municipality stands out; nil is nobody.
func (view *reportView) draw(rep *reports.Report, own *model.Municipality) error {
	name := ""
	if own != nil {
		name = own.Name
	}
	c, ok := chart.Of(rep, name)
	if !ok || view.Empty {
		return nil
	}
	if c.Title == view.Title {
		c.Title = "" // the page's heading says it
	}
	var err error
	view.Drawing, err = c.HTML()
	return err
}

// whoOf is whose figures a report shows.
func whoOf(rep *reports.Report) string {
	if rep.Municipality != nil {
		return rep.Municipality.Name + " Kommune"
	}
	return "Hele landet"
}

func plain(notes []string) []string {
	var list []string
	for _, n := range notes {
		list = append(list, reports.PlainText(n))
	}
	return list
}

func definitionOf(name string) (reports.Definition, error) {
	all := reports.Names()
	if i := slices.IndexFunc(all, func(d reports.Definition) bool { return d.Name == name }); i >= 0 {
		return all[i], nil
	}
	return reports.Definition{}, &model.Problem{Code: "report-unknown", Message: "Den rapport findes ikke. Find den, du leder efter, under Rapporter i menuen."}
}

// formFor offers what the report can be limited to.
func (s *Server) formFor(def reports.Definition, a question, v Viewer) reportForm {
	f := reportForm{Action: "/reports/" + def.Name, Rounds: a.roundChoices()}
	if def.TakesWeeks {
		f.Weeks = choose(weekChoices, a.Weeks)
	}
	if def.TakesTypes {
		f.Types = choose(typeChoices, a.Types)
	}
	if !def.NationalOnly {
		f.Municipalities = s.municipalityChoices(v, a.Municipality)
	}
	return f
}

// queryFor is the whole address of a report: what it cannot be limited to is left out.
func (s *Server) queryFor(def reports.Definition, a question, more ...string) string {
	if !def.TakesWeeks {
		a.Weeks = ""
	}
	if !def.TakesTypes {
		a.Types = ""
	}
	return a.query(more...)
}

// groupChoices are whom a municipality is compared with.
var groupChoices = []option{{Value: "all", Text: "Alle kommuner"}, {Value: "region", Text: "Samme region"}, {Value: "size", Text: "Nærmest i folketal"}}
