package reports

import (
	"fmt"
	"net/url"
	"slices"
	"sort"
	"strings"

	"komhen/model"
)

// KlikFilter is what a KLIK view is limited to; the filters are those of seed 003. Of one filter any value fits, and all filters must. Nothing in a
// filter lets everything through, except that closed tasks stay hidden in lists until Completed.
type KlikFilter struct {
	Projects, Waves        []string
	Municipalities         []uint16
	Phases, Themes         []uint8
	Colours                []model.KlikColour
	Priorities, Statuses   []uint8
	StartFrom, StartTo     model.Date
	EndFrom, EndTo         model.Date
	Responsible, Performer []string
	STS                    string // "", "yes" or "no"
	Completed              bool
}

// KlikFilterNames are the parameters of an address, in the order in which KLIK has them (Bølge is ours).
var KlikFilterNames = []string{"project", "wave", "municipality", "phase", "theme", "deadline", "priority", "status", "start-from", "start-to", "end-from", "end-to",
	"responsible", "performer", "sts", "completed"}

// KlikFilterLabels are their Danish names.
var KlikFilterLabels = map[string]string{"project": "Projekt", "wave": "Bølge", "municipality": "Kommune", "phase": "Fase", "theme": "Tema", "deadline": "Deadline", "priority": "Prioritet",
	"status": "Status", "start-from": "Startdato fra", "start-to": "Startdato til", "end-from": "Slutdato fra", "end-to": "Slutdato til", "responsible": "Ansvarlig", "performer": "Udfører",
	"sts": "STS/Infrastruktur", "completed": "Vis fuldførte"}

func filterProblem(name, value string) error {
	value, _ = model.MaskCPR(PlainText(value), false)
	return &model.Problem{Code: "klik-filter", Message: fmt.Sprintf("Filteret %s (%s) kan ikke være %q. Vælg en værdi fra listen; dage skrives som 2026-03-18.", KlikFilterLabels[name], name, value)}
}

// ParseKlikFilter reads a filter from an address. Codes are written as code, label or number; municipalities as code or name; days yyyy-mm-dd. Parameters that
// are not filters are left alone, empty ones are none. A value that does not exist is a *model.Problem "klik-filter".
func ParseKlikFilter(cb *model.Codebook, q url.Values) (f KlikFilter, err error) {
	given := func(name string) (values []string) {
		for _, v := range q[name] {
			if v = strings.TrimSpace(v); v != "" && !slices.Contains(values, v) {
				values = append(values, v)
			}
		}
		return values
	}
	codes := func(name string, list []model.KlikCode) (ids []uint8) {
		for _, v := range given(name) {
			c := model.FindKlikCode(list, v)
			if c == nil {
				err = filterProblem(name, v)
				continue
			}
			if !slices.Contains(ids, c.ID) {
				ids = append(ids, c.ID)
			}
		}
		slices.Sort(ids)
		return ids
	}
	day := func(name string) model.Date {
		values := given(name)
		if len(values) == 0 {
			return 0
		}
		d, ok := model.ParseISO(values[0])
		if !ok {
			err = filterProblem(name, values[0])
			return 0
		}
		return d
	}
	texts := func(name string) []string {
		values := given(name)
		sort.Strings(values)
		return values
	}
	f.Projects, f.Waves, f.Responsible, f.Performer = texts("project"), texts("wave"), texts("responsible"), texts("performer")
	for _, v := range given("municipality") {
		code := cb.KlikMunicipality(v)
		if code == 0 {
			return f, filterProblem("municipality", v)
		}
		if !slices.Contains(f.Municipalities, code) {
			f.Municipalities = append(f.Municipalities, code)
		}
	}
	slices.Sort(f.Municipalities)
	f.Phases, f.Themes = codes("phase", cb.Klik.Phases), codes("theme", cb.Klik.Themes)
	f.Priorities, f.Statuses = codes("priority", cb.Klik.Priorities), codes("status", cb.Klik.Statuses)
	for _, v := range given("deadline") {
		c, ok := model.ParseKlikColour(v)
		if !ok {
			return f, filterProblem("deadline", v)
		}
		if !slices.Contains(f.Colours, c) {
			f.Colours = append(f.Colours, c)
		}
	}
	slices.Sort(f.Colours)
	f.StartFrom, f.StartTo, f.EndFrom, f.EndTo = day("start-from"), day("start-to"), day("end-from"), day("end-to")
	for _, v := range given("sts") {
		switch model.Fold(v) {
		case "yes", "ja":
			f.STS = "yes"
		case "no", "nej":
			f.STS = "no"
		default:
			return f, filterProblem("sts", v)
		}
	}
	for _, v := range given("completed") {
		switch model.Fold(v) {
		case "1", "yes", "ja", "true":
			f.Completed = true
		case "0", "no", "nej", "false":
		default:
			return f, filterProblem("completed", v)
		}
	}
	return f, err
}

// Values is the filter as an address has it; ParseKlikFilter gives the same filter back.
func (f KlikFilter) Values(cb *model.Codebook) url.Values {
	q := url.Values{}
	code := func(name string, list []model.KlikCode, ids []uint8) {
		for _, id := range ids {
			for _, c := range list {
				if c.ID == id {
					q.Add(name, c.Code)
				}
			}
		}
	}
	q["project"], q["wave"], q["responsible"], q["performer"] = f.Projects, f.Waves, f.Responsible, f.Performer
	for _, m := range f.Municipalities {
		q.Add("municipality", fmt.Sprint(m))
	}
	code("phase", cb.Klik.Phases, f.Phases)
	code("theme", cb.Klik.Themes, f.Themes)
	code("priority", cb.Klik.Priorities, f.Priorities)
	code("status", cb.Klik.Statuses, f.Statuses)
	for _, c := range f.Colours {
		q.Add("deadline", c.Name())
	}
	for name, d := range map[string]model.Date{"start-from": f.StartFrom, "start-to": f.StartTo, "end-from": f.EndFrom, "end-to": f.EndTo} {
		if d != 0 {
			q.Set(name, d.ISO())
		}
	}
	if f.STS != "" {
		q.Set("sts", f.STS)
	}
	if f.Completed {
		q.Set("completed", "1")
	}
	for name, values := range q {
		if len(values) == 0 {
			delete(q, name)
		}
	}
	return q
}

// Used is how many filters are in use.
func (f KlikFilter) Used(cb *model.Codebook) int { return len(f.Values(cb)) }

// Describe says the filter in Danish, "" for none.
func (f KlikFilter) Describe(cb *model.Codebook) string {
	values := f.Values(cb)
	var parts []string
	for _, name := range KlikFilterNames {
		list := values[name]
		if len(list) == 0 {
			continue
		}
		var words []string
		for _, v := range list {
			words = append(words, f.word(cb, name, v))
		}
		parts = append(parts, KlikFilterLabels[name]+": "+strings.Join(words, " eller "))
	}
	return strings.Join(parts, "; ")
}

func (f KlikFilter) word(cb *model.Codebook, name, value string) string {
	label := func(list []model.KlikCode) string { return model.FindKlikCode(list, value).Label }
	switch name {
	case "municipality":
		return cb.KlikMunicipalityName(cb.KlikMunicipality(value))
	case "phase":
		return label(cb.Klik.Phases)
	case "theme":
		return label(cb.Klik.Themes)
	case "priority":
		return label(cb.Klik.Priorities)
	case "status":
		return label(cb.Klik.Statuses)
	case "deadline":
		c, _ := model.ParseKlikColour(value)
		return c.String()
	case "sts":
		return map[string]string{"yes": "ja", "no": "nej"}[value]
	case "completed":
		return "ja"
	case "start-from", "start-to", "end-from", "end-to":
		return value[8:] + "-" + value[5:7] + "-" + value[:4]
	}
	return value
}

// plan tells whether a task of the plan may fit; municipality and what it says are asked about in fits.
func (f *KlikFilter) plan(b *klikBoard, t *model.KlikTask, w *model.KlikWave) bool {
	named := func(list []string, name string) bool {
		return len(list) == 0 || slices.ContainsFunc(list, func(s string) bool { return model.Fold(s) == model.Fold(name) })
	}
	in := func(list []uint8, id uint8) bool { return len(list) == 0 || slices.Contains(list, id) }
	return named(f.Projects, b.projectName(t.Project)) && named(f.Waves, w.Name) && in(f.Phases, t.Phase) && in(f.Themes, t.Theme) && in(f.Priorities, t.Priority) &&
		(f.STS == "" || (f.STS == "yes") == t.STS)
}

// fits tells whether a line fits, its plan aside.
func (f *KlikFilter) fits(l *KlikLine) bool {
	within := func(d, from, to model.Date) bool {
		return (from == 0 && to == 0) || d != 0 && (from == 0 || d >= from) && (to == 0 || d <= to)
	}
	named := func(list []string, name string) bool {
		return len(list) == 0 || slices.ContainsFunc(list, func(s string) bool { return model.Fold(s) == model.Fold(name) })
	}
	return (len(f.Statuses) == 0 || slices.Contains(f.Statuses, l.Work.Status)) && (len(f.Colours) == 0 || slices.Contains(f.Colours, l.Colour)) &&
		within(l.Span.Start, f.StartFrom, f.StartTo) && within(l.Span.End, f.EndFrom, f.EndTo) && named(f.Responsible, l.Work.Responsible) && named(f.Performer, l.Work.Performer)
}
