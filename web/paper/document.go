// Package paper makes documents for print: a report, or a municipality's whole round, as one html file that holds everything it needs
// (style, fonts, charts), and of that a PDF, where there is a Chromium.
//
// Danger: a document is read outside the service, by whoever has the file. What may be in it is decided before it is made; nothing is
// fetched when it is opened.
package paper

import (
	"bytes"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"path"
	"strings"
	"time"

	"komhen/model"
	"komhen/reports"
	"komhen/web/chart"
	"komhen/web/static"
)

// Document is a whole html page. Title is the window's and the PDF's.
type Document struct {
	Title string
	HTML  []byte
}

//go:embed templates
var files embed.FS

var templates = template.Must(template.New("paper").Funcs(template.FuncMap{"text": nonBreaking}).ParseFS(files, "templates/*.html"))

// style is the sheet with the fonts in it.
var style = template.CSS(fonts() + mustRead("templates/paper.css"))

// fontFiles are the weights that are used. A letter beyond Latin-1 is taken from the reader's machine.
var fontFiles = map[string]string{"400": "Regular", "600": "SemiBold"}

func fonts() string {
	var b strings.Builder
	for _, weight := range []string{"400", "600"} {
		body, err := static.FS.ReadFile(path.Join("vendor/dkfds/fonts/IBMPlexSans/split/woff2", "IBMPlexSans-"+fontFiles[weight]+"-Latin1.woff2"))
		if err != nil {
			panic(err) // the files are in the program
		}
		fmt.Fprintf(&b, "@font-face{font-family:\"IBM Plex Sans\";font-weight:%s;src:url(data:font/woff2;base64,%s) format(\"woff2\")}\n", weight, base64.StdEncoding.EncodeToString(body))
	}
	return b.String()
}

func mustRead(name string) string {
	body, err := files.ReadFile(name)
	if err != nil {
		panic(err)
	}
	return string(body)
}

// sheet is what the frame of every document gets.
type sheet struct {
	Title, Kind string // "Runderapport"
	Who, When   string // "Køge Kommune", "Efterår 2012 (2012E)"
	Dates       string
	Made        string // 20-11-2012
	Status      string // a sentence
	Provisional bool
	National    bool
	Style       template.CSS
	Margins     margins
	Message     string // for who reads it on a screen
	Body        any
}

// margins is what stands at the edges of every sheet.
type margins struct{ Left, Right, Foot string }

func newSheet(kind, title, when string, m *model.Municipality, status string, provisional bool, made time.Time) sheet {
	p := sheet{Kind: kind, Who: whoOf(m), When: when, Made: made.In(model.Copenhagen).Format("02-01-2006"), Status: status, Provisional: provisional, National: m == nil, Style: style}
	p.Title = fmt.Sprintf("%s, %s, %s", title, p.Who, p.When)
	state := "godkendte tal"
	if provisional {
		state = "foreløbige tal"
	}
	p.Margins = margins{Left: p.Who + " · " + title, Right: p.When, Foot: "Udskrevet " + p.Made + " · " + state}
	return p
}

// whenOf is a round as documents say it.
func whenOf(r model.Round) string { return fmt.Sprintf("%s (%s)", r.Title(), r.Name) }

func whoOf(m *model.Municipality) string {
	if m == nil {
		return "Hele landet"
	}
	return m.Name + " Kommune"
}

func (p sheet) document(name string) (Document, error) {
	var b bytes.Buffer
	err := templates.ExecuteTemplate(&b, name, p)
	return Document{p.Title, b.Bytes()}, err
}

// Message is for who reads the document on a screen; it is not printed.
type Message string

// NoPDF is the message of a document that was to be a PDF.
const NoPDF Message = "Serveren kan ikke lave PDF, fordi browseren Chromium ikke er installeret på den. Her er det samme som en side: Vælg Udskriv i din browser (Ctrl+P) og gem som PDF."

// Report is a report with its chart, table and notes.
func Report(rep *reports.Report, made time.Time, message Message) (Document, error) {
	status := "Godkendte tal"
	if rep.Provisional {
		status = "Foreløbige tal"
	}
	if rep.Scope != "" {
		return ofNoRound(rep, made, message)
	}
	p := newSheet("Rapport", rep.Title, whenOf(rep.Round), rep.Municipality, status, rep.Provisional, made)
	p.Message = string(message)
	return p.report(rep, true)
}

// ofNoRound is a report that nobody approves: one of KLIK, of a day.
func ofNoRound(rep *reports.Report, made time.Time, message Message) (Document, error) {
	p := newSheet("Rapport", rep.Title, rep.Scope, rep.Municipality, "", false, made)
	p.Message, p.Margins.Foot = string(message), "Udskrevet "+p.Made
	return p.report(rep, false)
}

// report is the document of a report, with its chart where draw says so.
func (p sheet) report(rep *reports.Report, draw bool) (Document, error) {
	printed, err := partOf(reports.Part{Report: rep, Draw: draw, Table: true}, rep.Title)
	if err != nil {
		return Document{}, err
	}
	p.Body = struct {
		Heading string
		Part    part
		Notes   []string
	}{rep.Title, printed, plain(rep.Notes)}
	return p.document("report.html")
}

func plain(notes []string) (list []string) {
	for _, n := range notes {
		list = append(list, reports.PlainText(n))
	}
	return list
}

// nonBreaking keeps a number and its percent sign together.
func nonBreaking(s string) string { return strings.ReplaceAll(s, " %", "\u00a0%") }

// part is a chart and a table, ready to be shown.
type part struct {
	Title   string
	Drawing template.HTML
	Note    string
	Table   *table
	Folded  string
	Remarks []string
}

func partOf(p reports.Part, caption string) (part, error) {
	out := part{Title: p.Title, Folded: p.Folded, Remarks: plain(p.Remarks)}
	if p.Report == nil {
		return out, nil
	}
	if p.Draw {
		if c, ok := chart.Of(p.Report); ok {
			c.Title, out.Note = "", c.Note
			if !p.Table {
				out.Note = strings.ReplaceAll(out.Note, "i tabellen", "i bilaget")
			}
			var err error
			if out.Drawing, err = c.Plain(); err != nil {
				return out, err
			}
		}
	}
	if p.Table && len(p.Report.Rows) > 0 {
		out.Table = tableOf(p.Report, caption)
	}
	return out, nil
}
