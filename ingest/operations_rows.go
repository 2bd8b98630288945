package ingest

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"komhen/model"
)

// measured is an area's name that ends with what is measured.
var measured = regexp.MustCompile(`(?i)^(.*?)[\s,–-]*\b(m1|m2|applikation|infrastruktur)$`)

func (o *operationsReader) figures(row smallRow) {
	f := model.OperationFigure{System: o.get(row, "system"), Area: o.get(row, "driftsomraade"), Measure: model.Measure(strings.ToLower(o.get(row, "maaling")))}
	if _, stated := o.columns["system"]; !stated {
		f.System = o.system
	}
	if strings.HasPrefix(model.Fold(f.Area), "antalservicekald") || f.Measure == model.MeasureCalls {
		f.Area, f.Measure = f.System, model.MeasureCalls
		o.calls(row, f)
		return
	}
	if f.Measure == "" {
		m := measured.FindStringSubmatch(f.Area)
		if m == nil {
			o.fault(row, "", fmt.Sprintf("»%s« siger ikke, hvad der er målt. Lad navnet ende på m1, m2, applikation eller infrastruktur, eller tilføj kolonnen Måling.", f.Area))
			return
		}
		f.Area, f.Measure = m[1], model.Measure(strings.ToLower(m[2]))
	}
	if target := o.get(row, "slamaal"); !missingCell(target) {
		a, ok := model.ParseAvailability(target)
		if !ok {
			o.fault(row, "SLA-mål", fmt.Sprintf("»%s« er ikke en procent mellem 0 og 100. Skriv fx 99,80 %%, eller n.a., hvor der ikke er aftalt et mål.", target))
			return
		}
		f.Target = &a
	}
	for _, m := range o.months {
		text := row.cell(m.column)
		if missingCell(text) {
			continue
		}
		a, ok := model.ParseAvailability(text)
		if !ok {
			o.fault(row, m.header, fmt.Sprintf("»%s« er ikke en procent mellem 0 og 100. Skriv fx 98,98 %%, eller lad cellen stå tom, hvor der ikke er målt.", text))
			continue
		}
		f.Month, f.Value = m.Month, &a
		o.add(row, m, f)
	}
	o.beyond(row)
}

// beyond faults cells to the right of the last month: a row that is one cell out of step would else be read as another.
func (o *operationsReader) beyond(row smallRow) {
	last := o.months[len(o.months)-1].column
	for at := last + 1; at < len(row.cells); at++ {
		if row.cells[at] != "" {
			o.fault(row, "", fmt.Sprintf("Rækken har en celle mere end overskriften: »%s«.", row.cells[at]))
			return
		}
	}
}

func (o *operationsReader) calls(row smallRow, f model.OperationFigure) {
	if target := o.get(row, "slamaal"); !missingCell(target) {
		o.fault(row, "SLA-mål", "Servicekald er et antal og har intet SLA-mål. Skriv n.a.")
	}
	for _, m := range o.months {
		text := row.cell(m.column)
		if missingCell(text) {
			continue
		}
		n, ok := wholeCell(text)
		if !ok {
			o.fault(row, m.header, fmt.Sprintf("»%s« er ikke et helt tal. Skriv fx 91.000.000.", text))
			continue
		}
		f.Month, f.Calls = m.Month, &n
		o.add(row, m, f)
	}
	o.beyond(row)
}

func (o *operationsReader) add(row smallRow, m monthColumn, f model.OperationFigure) {
	if o.sound(row, m.header, f) && o.once(row, m.header, f.Key()) {
		o.file.Figures = append(o.file.Figures, f)
	}
}

// missingCell tells whether a cell says that there is no figure.
func missingCell(s string) bool {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "", "-", "–", "n.a.", "n.a", "na", "i.a.":
		return true
	}
	return false
}

var writtenWhole = regexp.MustCompile(`^\d{1,3}(?:[. ]\d{3})+$|^\d{1,15}$`)

// wholeCell reads a number without decimals, with or without separators.
func wholeCell(s string) (int64, bool) {
	s = strings.ReplaceAll(s, "\u00a0", " ")
	if !writtenWhole.MatchString(s) {
		return 0, false
	}
	n, err := strconv.ParseInt(strings.NewReplacer(".", "", " ", "").Replace(s), 10, 64)
	return n, err == nil && n < 1e15
}

func (o *operationsReader) narrative(row smallRow) {
	n := model.OperationNarrative{System: o.get(row, "system"), Text: o.get(row, "bemaerkning", "bemaerkninger")}
	month, ok := model.ParseMonth(o.get(row, "maaned"))
	if !ok {
		o.fault(row, "Måned", fmt.Sprintf("»%s« kan ikke læses som en måned. Skriv den som sep-20.", o.get(row, "maaned")))
		return
	}
	n.Month = month
	if n.Satisfied, ok = yesNoCell(o.get(row, "tilfredsstillende")); !ok {
		o.fault(row, "Tilfredsstillende", "Skriv Ja eller Nej, eller lad cellen stå tom.")
		return
	}
	if text := o.get(row, "servicevinduer"); !missingCell(text) {
		windows, ok := wholeCell(text)
		if !ok {
			o.fault(row, "Servicevinduer", fmt.Sprintf("»%s« er ikke et helt tal.", text))
			return
		}
		n.Windows = &windows
	}
	if o.sound(row, "", n) && o.once(row, "", n.Key()) {
		o.file.Narratives = append(o.file.Narratives, n)
	}
}

// clockOfDay is a time of day as Danes write it, "kl. 19.50" or "7.45".
var clockOfDay = regexp.MustCompile(`\s(?:kl\.?\s*)?(\d{1,2})[.:](\d{2})$`)

func momentCell(s string) (model.Moment, string) {
	if m := clockOfDay.FindStringSubmatchIndex(s); m != nil {
		hour := s[m[2]:m[3]]
		if len(hour) == 1 {
			hour = "0" + hour
		}
		s = s[:m[0]] + " " + hour + ":" + s[m[4]:m[5]]
	}
	return parseMoment(s)
}

func (o *operationsReader) incident(row smallRow) {
	i := model.Incident{Area: o.get(row, "driftsomraade"), Measure: model.Measure(strings.ToLower(o.get(row, "maaling"))), Title: o.get(row, "haendelse"),
		Colour: strings.ToLower(o.get(row, "farve")), Effect: o.get(row, "virkning"), Cause: o.get(row, "aarsag"), Remedy: o.get(row, "afhjaelpning"),
		Solution: o.get(row, "permanentloesning"), Interim: o.get(row, "midlertidigforanstaltning", "indtilda"), Procedure: o.get(row, "opstramning", "opstramningafprocedurer")}
	if m := measured.FindStringSubmatch(i.Area); m != nil && i.Measure == "" && m[1] != "" {
		i.Area, i.Measure = m[1], model.Measure(strings.ToLower(m[2]))
	}
	for _, at := range []struct {
		column string
		into   *model.Moment
	}{{"Fra", &i.From}, {"Til", &i.To}} {
		text := o.get(row, model.Fold(at.column))
		m, why := momentCell(text)
		if why != "" {
			o.fault(row, at.column, fmt.Sprintf("»%s« %s. Skriv dag og klokkeslæt, fx 29-09-2020 19:50.", text, why))
			return
		}
		*at.into = m
	}
	if text := o.get(row, "loesningsdato", "datoforpermanentloesning"); !missingCell(text) {
		m, why := momentCell(text)
		if why != "" {
			o.fault(row, "Løsningsdato", fmt.Sprintf("»%s« %s. Skriv den som 16-10-2020.", text, why))
			return
		}
		i.SolutionOn = m.Date()
	}
	if o.sound(row, "", i) && o.once(row, "", i.Key()) {
		o.file.Incidents = append(o.file.Incidents, i)
	}
}
