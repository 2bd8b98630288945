package reports

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"komhen/model"
	"komhen/queries"
)

// KlikQuery says which KLIK view is wanted. Today is the day whose colours are shown. Own is the municipality that asks: what tells of single tasks, people
// or municipalities is then only its own, and the sums of the country are everybody's; 0 sees all. Now is the day on which it is asked, where that is not
// Today: a task that is deleted by then is in no view of an earlier day either (KL09).
type KlikQuery struct {
	Name   string
	Filter KlikFilter
	Today  model.Date
	Now    model.Date
	Own    uint16
}

// asked is the day by which deleted tasks are gone.
func (q KlikQuery) asked() model.Date { return max(q.Today, q.Now) }

// KlikDefinition describes a KLIK view for lists and menus.
type KlikDefinition struct {
	Name   string `json:"name"`
	Title  string `json:"title"`
	Detail bool   `json:"detail"` // tells of single tasks, people or municipalities
	build  func(context.Context, *klikBoard, *Report) error
}

// klikDefinitions is every view, in the order people see them.
func klikDefinitions() []KlikDefinition {
	return []KlikDefinition{
		{Name: "projects", Title: "Status for hvert projekt", build: klikBy("project")},
		{Name: "waves", Title: "Status for hver bølge", build: klikBy("wave")},
		{Name: "phases", Title: "Status for hver fase", build: klikBy("phase")},
		{Name: "themes", Title: "Status for hvert tema", build: klikBy("theme")},
		{Name: "priorities", Title: "Status for hver prioritet", build: klikBy("priority")},
		{Name: "sts", Title: "Status for STS- og infrastrukturopgaver", build: klikBy("sts")},
		{Name: "masters", Title: "Status for hver opgave", build: klikBy("task")},
		{Name: "municipalities", Title: "Status for hver kommune", Detail: true, build: klikBy("municipality")},
		{Name: "responsibles", Title: "Status for hver ansvarlig", Detail: true, build: klikBy("responsible")},
		{Name: "tasks", Title: "Kommunernes opgaver", Detail: true, build: klikTasks},
		{Name: "follow-up", Title: "Opgaver, der skal følges op", Detail: true, build: klikFollowUp},
		{Name: "behind", Title: "Hvem er bagud", Detail: true, build: klikBehind},
		{Name: "blocking", Title: "Hvad venter på hvad", build: klikBlocking},
		{Name: "progress", Title: "Udvikling dag for dag", build: klikProgress},
		{Name: "timeline", Title: "Tidslinje for hver bølge", build: klikTimeline},
	}
}

// KlikNames lists every KLIK view.
func KlikNames() []KlikDefinition { return klikDefinitions() }

// KlikLine is a task of a municipality with everything that follows from the plan and what the municipality says.
type KlikLine struct {
	Task         *model.KlikTask
	Wave         *model.KlikWave
	Municipality uint16
	Work         model.KlikWork
	Span         model.KlikSpan
	Colour       model.KlikColour
	Closed       bool
	Behind       int // days; 0 for a closed task
}

// klikBoard is everything of KLIK at one moment, and the lines that a query picks.
type klikBoard struct {
	st    *queries.Store
	cb    *model.Codebook
	q     KlikQuery
	plan  *model.KlikPlan // without what is deleted
	whole *model.KlikPlan
	works model.KlikWorks
	lines []KlikLine // closed ones too
}

func (b *klikBoard) projectName(id uint32) string {
	return klikProjectName(b.plan, id)
}

func newKlikBoard(ctx context.Context, st *queries.Store, cb *model.Codebook, q KlikQuery) (b *klikBoard, err error) {
	b = &klikBoard{st: st, cb: cb, q: q}
	if b.whole, err = st.KlikPlan(ctx, 0); err != nil {
		return nil, err
	}
	b.plan = b.whole.On(q.asked())
	only := uint16(0)
	if len(q.Filter.Municipalities) == 1 {
		only = q.Filter.Municipalities[0]
	}
	if b.works, err = st.KlikWorks(ctx, 0, only); err != nil {
		return nil, err
	}
	b.pick(b.plan, func(t *model.KlikTask, w *model.KlikWave, municipality uint16) {
		l := b.line(t, w, municipality)
		if q.Filter.fits(&l) {
			b.lines = append(b.lines, l)
		}
	})
	return b, nil
}

// pick calls f with the tasks of a plan that the query is about, as far as the plan tells. Korsbæk's are never among others' (KL08).
func (b *klikBoard) pick(plan *model.KlikPlan, f func(*model.KlikTask, *model.KlikWave, uint16)) {
	var task *model.KlikTask
	fits := map[*model.KlikWave]bool{}
	plan.Assignments(func(t *model.KlikTask, w *model.KlikWave, municipality uint16) {
		if t != task {
			task = t
			clear(fits)
		}
		fit, known := fits[w]
		if !known {
			fit = b.q.Filter.plan(b, t, w)
			fits[w] = fit
		}
		asked := b.q.Filter.Municipalities
		if fit && (municipality != model.KlikTestMunicipality || len(asked) == 1) && (len(asked) == 0 || slices.Contains(asked, municipality)) {
			f(t, w, municipality)
		}
	})
}

func (b *klikBoard) line(t *model.KlikTask, w *model.KlikWave, municipality uint16) KlikLine {
	l := KlikLine{Task: t, Wave: w, Municipality: municipality, Work: b.works.Of(t.ID, municipality)}
	l.Span = l.Work.Span(t.SpanOf(w))
	l.Closed = b.cb.Klik.Closed(l.Work.Status)
	l.Colour = b.plan.Thresholds.Colour(l.Span, l.Closed, b.q.Today)
	if !l.Closed {
		l.Behind = l.Span.Behind(b.q.Today)
	}
	return l
}

// listed tells whether a list shows a line: closed ones only where they are asked for (KL06).
func (b *klikBoard) listed(l *KlikLine) bool {
	return !l.Closed || b.q.Filter.Completed || slices.Contains(b.q.Filter.Statuses, l.Work.Status)
}

// RunKlik makes a KLIK view. A *model.Problem with code "report-unknown" or "forbidden" means that the question was wrong. All figures are of one moment.
func RunKlik(ctx context.Context, st *queries.Store, cb *model.Codebook, q KlikQuery) (r *Report, err error) {
	def, err := klikDefinition(q.Name)
	if err != nil {
		return nil, err
	}
	if q, err = q.allowed(def); err != nil {
		return nil, err
	}
	err = st.Snapshot(ctx, func(ctx context.Context) error {
		b, err := newKlikBoard(ctx, st, cb, q)
		if err != nil {
			return err
		}
		r, err = b.report(ctx, def)
		return err
	})
	return r, err
}

func klikDefinition(name string) (KlikDefinition, error) {
	var names []string
	for _, d := range klikDefinitions() {
		if d.Name == name {
			return d, nil
		}
		names = append(names, d.Name)
	}
	return KlikDefinition{}, &model.Problem{Code: "report-unknown", Message: fmt.Sprintf("KLIK-rapporten %q findes ikke. Vælg en af disse: %s.", PlainText(name), strings.Join(names, ", "))}
}

// Allowed tells whether the municipality that asks may have the view that it asks for: nil, or a *model.Problem "forbidden".
func (q KlikQuery) Allowed() error {
	_, err := q.allowed(KlikDefinition{Detail: true})
	return err
}

// allowed limits a question to what a municipality may see.
func (q KlikQuery) allowed(def KlikDefinition) (KlikQuery, error) {
	f := &q.Filter
	if q.Own == 0 {
		return q, nil
	}
	for _, m := range f.Municipalities {
		if m != q.Own {
			return q, &model.Problem{Code: "forbidden", Message: "En anden kommunes opgaver kan du ikke se. Du kan se din egen kommunes, og hele landets tal."}
		}
	}
	if def.Detail || len(f.Responsible)+len(f.Performer) > 0 {
		f.Municipalities = []uint16{q.Own}
	}
	return q, nil
}

func (b *klikBoard) report(ctx context.Context, def KlikDefinition) (*Report, error) {
	r := &Report{Name: "klik-" + def.Name, Title: def.Title, Scope: "KLIK den " + b.q.Today.String(), Day: b.q.Today}
	if len(b.q.Filter.Municipalities) == 1 {
		code := b.q.Filter.Municipalities[0]
		if r.Municipality = b.cb.Municipality(code); r.Municipality == nil {
			r.Municipality = &model.Municipality{Code: code, Name: b.cb.KlikMunicipalityName(code)}
		}
	}
	if err := def.build(ctx, b, r); err != nil {
		return nil, err
	}
	if text := b.q.Filter.Describe(b.cb); text != "" {
		r.Notes = append(r.Notes, "Filtre: "+text+".")
	}
	r.Notes = append(r.Notes, b.plan.Thresholds.Definition())
	if r.Municipality == nil {
		r.Notes = append(r.Notes, "Testbølgens kommune, Korsbæk, er ikke med.")
	}
	return r, nil
}

// klikSums are the figures of a group of lines.
type klikSums struct {
	tasks, completed, irrelevant, red, yellow, green, undated int64
	behind                                                    int
}

func (s *klikSums) add(l *KlikLine) {
	s.tasks++
	switch {
	case l.Work.Status == model.KlikCompleted:
		s.completed++
	case l.Closed:
		s.irrelevant++
	case l.Colour == model.KlikRed:
		s.red++
	case l.Colour == model.KlikYellow:
		s.yellow++
	case l.Colour == model.KlikGreen:
		s.green++
	default:
		s.undated++
	}
	s.behind = max(s.behind, l.Behind)
}

// share is the completed part of the tasks that are relevant.
func (s *klikSums) share() any {
	if s.tasks == s.irrelevant {
		return nil
	}
	return float64(s.completed) / float64(s.tasks-s.irrelevant)
}

func (s *klikSums) cells() []any {
	return []any{s.tasks, s.completed, s.share(), s.red, s.yellow, s.green, s.undated, s.irrelevant, int64(s.behind)}
}

var klikSumColumns = []Column{{Name: "tasks", Label: "Opgaver", Unit: Number}, {Name: "completed", Label: "Fuldført", Unit: Number}, {Name: "completed_share", Label: "Fuldført andel", Unit: Share},
	{Name: "red", Label: "Rød", Unit: Number}, {Name: "yellow", Label: "Gul", Unit: Number}, {Name: "green", Label: "Grøn", Unit: Number}, {Name: "undated", Label: "Uden slutdato", Unit: Number},
	{Name: "irrelevant", Label: "Ikke relevant", Unit: Number}, {Name: "behind", Label: "Flest dage bagud", Unit: Number}}

// klikGroup is where a line belongs: order sorts, key is what drilling down filters by.
type klikGroup struct {
	order      string
	key, label string
}

// klikDimensions say how lines are grouped, and what the group is called.
var klikDimensions = map[string]struct {
	label string
	of    func(*klikBoard, *KlikLine) klikGroup
}{
	"project": {"Projekt", func(b *klikBoard, l *KlikLine) klikGroup {
		name := b.projectName(l.Task.Project)
		return klikGroup{name, name, name}
	}},
	"wave": {"Bølge", func(b *klikBoard, l *KlikLine) klikGroup {
		return klikGroup{fmt.Sprintf("%s\x00%012d\x00%s", b.projectName(l.Wave.Project), l.Wave.GoLive, l.Wave.Name), l.Wave.Name, b.projectName(l.Wave.Project) + ", " + l.Wave.Name}
	}},
	"phase": {"Fase", func(b *klikBoard, l *KlikLine) klikGroup { return codeGroup(b.cb.Klik.Phases, l.Task.Phase) }},
	"theme": {"Tema", func(b *klikBoard, l *KlikLine) klikGroup { return codeGroup(b.cb.Klik.Themes, l.Task.Theme) }},
	"priority": {"Prioritet", func(b *klikBoard, l *KlikLine) klikGroup {
		return codeGroup(b.cb.Klik.Priorities, l.Task.Priority)
	}},
	"sts": {"STS/Infrastruktur", func(_ *klikBoard, l *KlikLine) klikGroup {
		if l.Task.STS {
			return klikGroup{"1", "yes", "Ja"}
		}
		return klikGroup{"2", "no", "Nej"}
	}},
	"task": {"Opgave", func(_ *klikBoard, l *KlikLine) klikGroup {
		return klikGroup{fmt.Sprintf("%010d", l.Task.ID), fmt.Sprint(l.Task.ID), l.Task.Title}
	}},
	"municipality": {"Kommune", func(b *klikBoard, l *KlikLine) klikGroup {
		return klikGroup{fmt.Sprintf("%05d", l.Municipality), fmt.Sprint(l.Municipality), b.cb.KlikMunicipalityName(l.Municipality)}
	}},
	"responsible": {"Ansvarlig", func(_ *klikBoard, l *KlikLine) klikGroup {
		if l.Work.Responsible == "" {
			return klikGroup{"\uffff", "", "Ingen angivet"}
		}
		return klikGroup{model.Fold(l.Work.Responsible), l.Work.Responsible, l.Work.Responsible}
	}},
}

func codeGroup(list []model.KlikCode, id uint8) klikGroup {
	for _, c := range list {
		if c.ID == id {
			return klikGroup{fmt.Sprintf("%03d", id), c.Code, c.Label}
		}
	}
	return klikGroup{"000", "", model.Missing}
}

// klikBy makes the view that sums by one dimension.
func klikBy(dimension string) func(context.Context, *klikBoard, *Report) error {
	return func(_ context.Context, b *klikBoard, r *Report) error {
		by := klikDimensions[dimension]
		sums := map[klikGroup]*klikSums{}
		var total klikSums
		var last *klikSums
		var lastGroup klikGroup
		for i := range b.lines {
			l := &b.lines[i]
			if g := by.of(b, l); last == nil || g != lastGroup {
				lastGroup = g
				if last = sums[g]; last == nil {
					last = &klikSums{}
					sums[g] = last
				}
			}
			last.add(l)
			total.add(l)
		}
		groups := make([]klikGroup, 0, len(sums))
		for g := range sums {
			groups = append(groups, g)
		}
		slices.SortFunc(groups, func(x, y klikGroup) int { return cmp.Or(cmp.Compare(x.order, y.order), cmp.Compare(x.key, y.key)) })
		r.Columns = append([]Column{{Name: "key", Label: "Kode", Unit: Text, Code: true}, {Name: "label", Label: by.label, Unit: Text}}, klikSumColumns...)
		for _, g := range groups {
			r.Rows = append(r.Rows, append([]any{g.key, g.label}, sums[g].cells()...))
		}
		r.Totals = append([]any{"", "I alt"}, total.cells()...)
		r.Notes = append(r.Notes, "Fuldført andel er af de opgaver, der er relevante for kommunen.")
		return nil
	}
}
