package chart_test

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"strconv"
	"strings"
	"testing"

	"komhen/model"
	"komhen/reports"
	"komhen/web/chart"
)

var (
	label  = reports.Column{Name: "label", Label: "Navn", Unit: reports.Text}
	counts = reports.Column{Name: "contacts", Label: "Henvendelser", Unit: reports.Count}
	shares = reports.Column{Name: "share", Label: "Andel", Unit: reports.Share, Whole: true}
)

// counted is a report of labels with contacts, as the builders in reports make them.
func counted(name string, pairs ...any) *reports.Report {
	r := &reports.Report{Name: name, Title: "Prøve", Columns: []reports.Column{label, counts, shares}}
	var total int64
	for i := 1; i < len(pairs); i += 2 {
		total += int64(pairs[i].(int))
	}
	for i := 0; i < len(pairs); i += 2 {
		n := int64(pairs[i+1].(int))
		var share any
		if total > 0 {
			share = float64(n) / float64(total)
		}
		r.Rows = append(r.Rows, []any{pairs[i], n, share})
	}
	r.Totals = []any{"I alt", total, 1.0}
	return r
}

// drawn is the chart and its option, as a browser reads it.
func drawn(t *testing.T, r *reports.Report, highlight ...string) (*chart.Chart, option) {
	t.Helper()
	c, ok := chart.Of(r, highlight...)
	if !ok {
		t.Fatalf("%s is not drawn", r.Name)
	}
	var data struct {
		Kind   string
		Unit   string
		Option option
	}
	if err := json.Unmarshal(c.Option, &data); err != nil {
		t.Fatal(err)
	}
	if data.Kind != string(c.Kind) {
		t.Errorf("kind %q in the data, %q in the chart", data.Kind, c.Kind)
	}
	if !data.Option.Aria.Enabled || !strings.Contains(data.Option.Aria.Label.Description, c.Summary) {
		t.Error("the chart does not say its summary")
	}
	if c.Summary == "" || !strings.HasSuffix(c.Summary, ".") {
		t.Errorf("summary %q", c.Summary)
	}
	return c, data.Option
}

type option struct {
	Aria struct {
		Enabled bool
		Label   struct{ Description string }
	}
	XAxis, YAxis struct {
		Type string
		Data []string
	}
	Series []struct {
		Type, Name string
		Data       []struct {
			Value any
			Name  string
			Text  string
			Short *string
		}
	}
}

func (o option) texts() string {
	var all []string
	for _, s := range o.Series {
		for _, d := range s.Data {
			all = append(all, d.Name+"="+d.Text)
		}
	}
	return strings.Join(all, "|")
}

func TestCounted(t *testing.T) {
	c, o := drawn(t, counted("channels", "Telefon", 20, "Ikke oplyst", 10, "Hjemmeside", 1200, "SMS", 0))
	if got, want := o.texts(), "Hjemmeside=1.200 (97,6 %)|Telefon=20 (1,6 %)|Ikke oplyst=10 (0,8 %)"; got != want {
		t.Errorf("drawn:\n%s, not\n%s", got, want)
	}
	if want := "Den største kanal er Hjemmeside: 1.200 (97,6 %) af 1.230 henvendelser. Derefter følger Telefon: 20 (1,6 %)."; c.Summary != want {
		t.Errorf("summary:\n%s, not\n%s", c.Summary, want)
	}
	if c.Note != "Kanaler uden henvendelser er ikke tegnet." {
		t.Errorf("note %q", c.Note)
	}
	if _, ok := chart.Of(counted("channels", "Telefon", 0)); ok {
		t.Error("nothing is drawn")
	}
	if _, ok := chart.Of(&reports.Report{Name: "channels"}); ok {
		t.Error("an empty report is drawn")
	}
	if _, ok := chart.Of(nil); ok {
		t.Error("no report is drawn")
	}
}

func TestRestAddsUp(t *testing.T) {
	var pairs []any
	for i := range 30 {
		pairs = append(pairs, "Opgave "+strconv.Itoa(i), 100-i)
	}
	c, o := drawn(t, counted("subjects", pairs...))
	bars := o.Series[0].Data
	sum, percent := 0.0, 0.0
	for _, d := range bars {
		sum += d.Value.(float64)
		_, inside, _ := strings.Cut(d.Text, "(")
		share, err := strconv.ParseFloat(strings.Replace(strings.TrimSuffix(inside, " %)"), ",", ".", 1), 64)
		if err != nil {
			t.Fatal(err)
		}
		percent += share
	}
	if len(bars) != 21 || bars[20].Name != "De øvrige 10" || sum != 2565 || math.Abs(percent-100) > 1e-6 {
		t.Errorf("%d bars, the last is %q; they sum to %v and %v %%", len(bars), bars[len(bars)-1].Name, sum, percent)
	}
	if c.Note == "" {
		t.Error("the chart does not say that the rest is put together")
	}
	if _, o = drawn(t, counted("subjects", pairs[:42]...)); o.Series[0].Data[20].Name != "Opgave 20" {
		t.Errorf("a rest of one is called %q", o.Series[0].Data[20].Name)
	}
}

func TestParts(t *testing.T) {
	c, o := drawn(t, counted("closings", "Straksafsluttet", 3, "Lagt til senere behandling", 1, "Ubrugt", 0))
	if len(o.Series) != 2 || o.Series[0].Data[0].Text != "75,0 % (3)" {
		t.Errorf("parts: %+v", o.Series)
	}
	if want := "Af 4 henvendelser er fordelingen: Straksafsluttet: 75,0 %, Lagt til senere behandling: 25,0 %."; c.Summary != want {
		t.Errorf("summary %q", c.Summary)
	}
}

func TestDays(t *testing.T) {
	r := &reports.Report{Name: "days", Title: "Dage", Columns: []reports.Column{{Name: "date", Unit: reports.Day}, {Name: "weekday", Unit: reports.Text}, {Name: "week", Unit: reports.Number}, counts, shares},
		Rows: [][]any{{model.NewDate(2012, 10, 22), "mandag", int64(43), int64(5), 0.5}, {model.NewDate(2012, 10, 23), "tirsdag", int64(43), int64(0), 0.0}, {model.NewDate(2012, 10, 27), "lørdag", int64(43), int64(7), 0.5}}}
	c, o := drawn(t, r)
	if got := strings.Join(o.XAxis.Data, "|"); got != "man 22/10|tir 23/10|lør 27/10" {
		t.Errorf("days %s", got)
	}
	if want := "Flest henvendelser var der lørdag den 27-10-2012: 7 af 12 henvendelser. Der er henvendelser på 2 af rundens 3 dage."; c.Summary != want {
		t.Errorf("summary %q", c.Summary)
	}
}

func TestTrend(t *testing.T) {
	columns := []reports.Column{{Name: "round", Unit: reports.Text}, {Name: "label", Unit: reports.Text}, counts, {Name: "change", Unit: reports.ChangeCount}, {Name: "change_share", Unit: reports.Share}}
	first := []any{"2012F", "Forår 2012", int64(1000), nil, nil}
	gap := []any{"2012E", "Efterår 2012", nil, nil, nil}
	c, o := drawn(t, &reports.Report{Name: "trend", Title: "Udvikling", Columns: columns, Rows: [][]any{first, gap, {"2013F", "Forår 2013", int64(900), int64(-100), -0.1}}})
	if c.Kind != chart.Line || o.Series[0].Data[1].Value != nil || o.Series[0].Data[1].Text != "–" {
		t.Errorf("a round that is not counted must be a gap: %+v", o.Series[0])
	}
	if want := "Forår 2013: 900 henvendelser, 10,0 % færre end i den seneste runde før."; c.Summary != want {
		t.Errorf("summary %q", c.Summary)
	}
	if c, _ = drawn(t, &reports.Report{Name: "trend", Title: "Udvikling", Columns: columns, Rows: [][]any{first}}); c.Kind != chart.Columns {
		t.Errorf("one round is drawn as %s", c.Kind)
	}
	if _, ok := chart.Of(&reports.Report{Name: "trend", Columns: columns, Rows: [][]any{gap}}); ok {
		t.Error("a trend without figures is drawn")
	}
}

func TestGrid(t *testing.T) {
	r := &reports.Report{Name: "channel-by-subject", Title: "Kanaler", Columns: []reports.Column{{Name: "kle", Unit: reports.Text}, label, counts, shares,
		{Name: "TLFIND", Label: "Telefon ind", Unit: reports.Count}, {Name: "WEB", Label: "Hjemmeside", Unit: reports.Count}, {Name: "SMSIND", Label: "SMS ind", Unit: reports.Count}},
		Rows: [][]any{{"23.05.10", "Flytning", int64(10), 0.1, int64(1), int64(9), int64(0)}, {"23.09.02", "Pas", int64(90), 0.9, int64(90), int64(0), int64(0)}, {"27.18.00", "Intet", int64(0), 0.0, int64(0), int64(0), int64(0)}}}
	c, o := drawn(t, r)
	if strings.Join(o.XAxis.Data, "|") != "Telefon ind|Hjemmeside" || strings.Join(o.YAxis.Data, "|") != "Pas|Flytning" {
		t.Errorf("axes %v and %v: channels and tasks without contacts are left out", o.XAxis.Data, o.YAxis.Data)
	}
	if got, want := o.texts(), "Pas, Telefon ind=90 henvendelser (100,0 % af opgavens)|Pas, Hjemmeside=0 henvendelser (0,0 % af opgavens)|Flytning, Telefon ind=1 henvendelse (10,0 % af opgavens)|Flytning, Hjemmeside=9 henvendelser (90,0 % af opgavens)"; got != want {
		t.Errorf("cells:\n%s", got)
	}
	html, err := c.HTML()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`<td class="heat-5">100</td>`, `<td class="heat-2">10</td>`, `<td class="heat-0"></td>`} {
		if !strings.Contains(string(html), want) {
			t.Errorf("no %s", want)
		}
	}
}

func TestCompare(t *testing.T) {
	r := &reports.Report{Name: "ranking", Title: "Kommunerne", Columns: []reports.Column{{Name: "code", Unit: reports.Text}, label, counts, {Name: "digital_share", Label: "Digital andel", Unit: reports.Share}},
		Rows: [][]any{{"259", "Køge", int64(1), 0.5}, {"265", "Roskilde", int64(2), 0.25}, {"400", "Bornholm", nil, nil}}}
	c, o := drawn(t, r, "Roskilde")
	if got := o.texts(); got != "Køge=50,0 %|Roskilde=25,0 %" {
		t.Errorf("drawn %s", got)
	}
	if want := "Af 2 kommuner med tal er Køge højest (50,0 %) og Roskilde lavest (25,0 %)."; c.Summary != want {
		t.Errorf("summary %q", c.Summary)
	}
	html, err := c.HTML()
	if err != nil {
		t.Fatal(err)
	}
	if strings.Count(string(html), "chart-loud") != 1 {
		t.Error("the viewer's own does not stand out")
	}
	// A report that this package has never heard of.
	c, o = drawn(t, &reports.Report{Name: "news", Title: "Nyt", Columns: []reports.Column{{Name: "what", Unit: reports.Text}, {Name: "much", Label: "Hvor meget", Unit: reports.Per1000}}, Rows: [][]any{{"a", 1.5}, {"b", math.NaN()}}})
	if o.texts() != "a=1,50" || c.Title != "Nyt: Hvor meget" {
		t.Errorf("%q: %s", c.Title, o.texts())
	}
	if _, ok := chart.Of(&reports.Report{Name: "words", Columns: []reports.Column{label}, Rows: [][]any{{"a"}}}); ok {
		t.Error("a report without figures is drawn")
	}
}

func TestDigitalShare(t *testing.T) {
	columns := []reports.Column{{Name: "kle", Unit: reports.Text}, label, {Name: "inbound", Unit: reports.Count}, {Name: "digital", Unit: reports.Count}, {Name: "digital_share", Unit: reports.Share}}
	c, o := drawn(t, &reports.Report{Name: "digital-share", Title: "Digital andel", Columns: columns, Totals: []any{"", "I alt", int64(110), int64(60), 60.0 / 110},
		Rows: [][]any{{"1", "Pas", int64(100), int64(50), 0.5}, {"2", "Flytning", int64(10), int64(10), 1.0}, {"3", "Intet", int64(0), int64(0), nil}}})
	if got := o.texts(); got != "Pas=50,0 % af 100|Flytning=100,0 % af 10" {
		t.Errorf("drawn %s", got)
	}
	if want := "I alt er 54,5 % af de indgående henvendelser digitale. Blandt de tegnede opgaver er Flytning højest (100,0 %) og Pas lavest (50,0 %)."; c.Summary != want {
		t.Errorf("summary %q", c.Summary)
	}
}

// TestHTML reads the figure as a browser does: nothing inline, nothing let through from a unit's name.
func TestHTML(t *testing.T) {
	hostile := `</script><script>alert(1)</script>" onload="x`
	r := counted("units", hostile, 3, "Borgerservice", 2)
	r.Title = hostile
	c, o := drawn(t, r)
	if o.Series[0].Data[0].Name != hostile {
		t.Errorf("the name became %q", o.Series[0].Data[0].Name)
	}
	html, err := c.HTML()
	if err != nil {
		t.Fatal(err)
	}
	d := xml.NewDecoder(strings.NewReader(string(html)))
	scripts := 0
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("the figure is not well-formed: %v", err)
		}
		e, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		for _, a := range e.Attr {
			if a.Name.Local == "style" || strings.HasPrefix(a.Name.Local, "on") {
				t.Errorf("%s has %s", e.Name.Local, a.Name.Local)
			}
		}
		if e.Name.Local == "script" {
			scripts++
		}
	}
	if scripts != 1 || !strings.Contains(string(html), `<script type="application/json" class="chart-data">`) {
		t.Errorf("%d scripts", scripts)
	}
	if !strings.Contains(string(html), `width="66.67"`) || !strings.Contains(string(html), `width="100.00"`) {
		t.Error("the plain bars do not have the lengths of their values")
	}
}
