package reports

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"komhen/model"
)

// klikLineColumns begin with what is read first: on a screen the rest is reached by scrolling.
var klikLineColumns = []Column{{Name: "task", Label: "Nr.", Unit: Text, Code: true}, {Name: "title", Label: "Opgavetitel", Unit: Text}, {Name: "municipality", Label: "Kommune", Unit: Text},
	{Name: "status", Label: "Status", Unit: Text}, {Name: "deadline", Label: "Deadline", Unit: Text}, {Name: "end", Label: "Slutdato", Unit: Day}, {Name: "behind", Label: "Dage bagud", Unit: Number},
	{Name: "responsible", Label: "Ansvarlig", Unit: Text}, {Name: "waits_for", Label: "Venter på", Unit: Text}, {Name: "priority", Label: "Prioritet", Unit: Text}, {Name: "project", Label: "Projekt", Unit: Text},
	{Name: "wave", Label: "Bølge", Unit: Text}, {Name: "phase", Label: "Fase", Unit: Text}, {Name: "theme", Label: "Tema", Unit: Text}, {Name: "sts", Label: "STS/Infrastruktur", Unit: Text},
	{Name: "performer", Label: "Udfører", Unit: Text}, {Name: "start", Label: "Startdato", Unit: Day}}

func (b *klikBoard) lineCells(l *KlikLine) []any {
	return []any{fmt.Sprint(l.Task.ID), l.Task.Title, b.cb.KlikMunicipalityName(l.Municipality), model.KlikLabel(b.cb.Klik.Statuses, l.Work.Status), l.Colour.String(), dayOrNone(l.Span.End), int64(l.Behind),
		l.Work.Responsible, b.waitsFor(l), model.KlikLabel(b.cb.Klik.Priorities, l.Task.Priority), b.projectName(l.Task.Project), l.Wave.Name, model.KlikLabel(b.cb.Klik.Phases, l.Task.Phase),
		model.KlikLabel(b.cb.Klik.Themes, l.Task.Theme), map[bool]string{true: "Ja", false: "Nej"}[l.Task.STS], l.Work.Performer, dayOrNone(l.Span.Start)}
}

func dayOrNone(d model.Date) any {
	if d == 0 {
		return nil
	}
	return d
}

// waitsFor names the open prerequisites of a line.
func (b *klikBoard) waitsFor(l *KlikLine) string {
	if l.Closed || len(b.plan.Prerequisites(l.Task)) == 0 {
		return ""
	}
	var names []string
	for _, need := range b.plan.Blockers(&b.cb.Klik, b.works, l.Task, l.Municipality) {
		names = append(names, need.Reference())
	}
	return strings.Join(names, ", ")
}

// worstFirst sorts lines by colour, then by days behind, then by when they end.
func worstFirst(x, y *KlikLine) int {
	end := func(l *KlikLine) model.Date {
		if l.Span.End == 0 {
			return 1 << 30
		}
		return l.Span.End
	}
	return cmp.Or(cmp.Compare(y.Colour, x.Colour), cmp.Compare(end(x), end(y)), cmp.Compare(x.Task.ID, y.Task.ID), cmp.Compare(x.Municipality, y.Municipality))
}

func (b *klikBoard) list(r *Report, picks func(*KlikLine) bool) {
	var list []*KlikLine
	for i := range b.lines {
		if l := &b.lines[i]; b.listed(l) && picks(l) {
			list = append(list, l)
		}
	}
	slices.SortFunc(list, worstFirst)
	r.Columns = klikLineColumns
	for _, l := range list {
		r.Rows = append(r.Rows, b.lineCells(l))
	}
	if !b.q.Filter.Completed {
		r.Notes = append(r.Notes, "Opgaver, der er færdige, er skjult.")
	}
}

// klikTasks is every task of every municipality that the filter picks, the worst first.
func klikTasks(_ context.Context, b *klikBoard, r *Report) error {
	b.list(r, func(*KlikLine) bool { return true })
	return nil
}

// klikFollowUp is what KOMBIT and the supplier must follow up: open tasks of the two obligatory priorities (KL07) that are red or yellow.
func klikFollowUp(_ context.Context, b *klikBoard, r *Report) error {
	b.list(r, func(l *KlikLine) bool { return b.cb.Klik.Followed(l.Task.Priority) && l.Colour >= model.KlikYellow })
	r.Notes = append(r.Notes, "Kun de to obligatoriske prioriteter følges op, og kun opgaver, der er røde eller gule, er med.")
	return nil
}

// klikBehind has a row for each municipality with red tasks, the one that is furthest behind first.
func klikBehind(_ context.Context, b *klikBoard, r *Report) error {
	type sums struct {
		municipality                     uint16
		red, critical, days, most, waits int64
		worst                            *KlikLine
	}
	by := map[uint16]*sums{}
	for i := range b.lines {
		l := &b.lines[i]
		if l.Colour != model.KlikRed {
			continue
		}
		s := by[l.Municipality]
		if s == nil {
			s = &sums{municipality: l.Municipality}
			by[l.Municipality] = s
		}
		s.red++
		s.days += int64(l.Behind)
		if b.cb.Klik.Followed(l.Task.Priority) {
			s.critical++
		}
		if b.waitsFor(l) != "" {
			s.waits++
		}
		if s.worst == nil || worstFirst(l, s.worst) < 0 {
			s.worst, s.most = l, int64(l.Behind)
		}
	}
	list := make([]*sums, 0, len(by))
	for _, s := range by {
		list = append(list, s)
	}
	slices.SortFunc(list, func(x, y *sums) int {
		return cmp.Or(cmp.Compare(y.days, x.days), cmp.Compare(x.municipality, y.municipality))
	})
	r.Columns = []Column{{Name: "key", Label: "Kode", Unit: Text, Code: true}, {Name: "label", Label: "Kommune", Unit: Text}, {Name: "red", Label: "Røde opgaver", Unit: Number}, {Name: "followed", Label: "Heraf obligatoriske", Unit: Number},
		{Name: "days", Label: "Dage bagud i alt", Unit: Number}, {Name: "average", Label: "Dage bagud i snit", Unit: Ratio}, {Name: "behind", Label: "Flest dage bagud", Unit: Number},
		{Name: "worst", Label: "Længst bagud er", Unit: Text}, {Name: "waiting", Label: "Røde, der venter på en anden", Unit: Number}}
	for _, s := range list {
		r.Rows = append(r.Rows, []any{fmt.Sprint(s.municipality), b.cb.KlikMunicipalityName(s.municipality), s.red, s.critical, s.days, float64(s.days) / float64(s.red), s.most, s.worst.Task.Title, s.waits})
	}
	return nil
}

// klikBlocking has a row for each prerequisite that keeps open tasks from being completed: how many municipalities wait because of it.
func klikBlocking(_ context.Context, b *klikBoard, r *Report) error {
	type pair struct{ need, task *model.KlikTask }
	type sums struct{ waiting, red, yellow, behind int64 }
	by := map[pair]*sums{}
	for i := range b.lines {
		l := &b.lines[i]
		if l.Closed || len(b.plan.Prerequisites(l.Task)) == 0 {
			continue
		}
		for _, need := range b.plan.Blockers(&b.cb.Klik, b.works, l.Task, l.Municipality) {
			s := by[pair{need, l.Task}]
			if s == nil {
				s = &sums{}
				by[pair{need, l.Task}] = s
			}
			s.waiting++
			first := b.line(need, b.plan.WaveOf(need, l.Municipality), l.Municipality)
			switch first.Colour {
			case model.KlikRed:
				s.red++
			case model.KlikYellow:
				s.yellow++
			}
			s.behind = max(s.behind, int64(first.Behind))
		}
	}
	pairs := make([]pair, 0, len(by))
	for p := range by {
		pairs = append(pairs, p)
	}
	slices.SortFunc(pairs, func(x, y pair) int {
		return cmp.Or(cmp.Compare(by[y].red, by[x].red), cmp.Compare(by[y].waiting, by[x].waiting), cmp.Compare(x.need.ID, y.need.ID), cmp.Compare(x.task.ID, y.task.ID))
	})
	r.Columns = []Column{{Name: "project", Label: "Projekt", Unit: Text}, {Name: "needed", Label: "Forudsætning, der mangler", Unit: Text}, {Name: "task", Label: "Opgave, der venter", Unit: Text},
		{Name: "municipalities", Label: "Kommuner, der venter", Unit: Number}, {Name: "red", Label: "Forudsætningen er rød", Unit: Number}, {Name: "yellow", Label: "Forudsætningen er gul", Unit: Number},
		{Name: "behind", Label: "Flest dage bagud", Unit: Number}}
	for _, p := range pairs {
		s := by[p]
		r.Rows = append(r.Rows, []any{b.projectName(p.task.Project), p.need.Title, p.task.Title, s.waiting, s.red, s.yellow, s.behind})
	}
	r.Notes = append(r.Notes, "En forudsætning spærrer for, at en opgave fuldføres, ikke for, at den startes.")
	return nil
}

// klikTimeline has a row for each wave and phase: when its tasks start and end, and how far they are.
func klikTimeline(_ context.Context, b *klikBoard, r *Report) error {
	type key struct {
		wave  *model.KlikWave
		phase uint8
	}
	type span struct {
		klikSums
		first, last model.Date
	}
	by := map[key]*span{}
	for i := range b.lines {
		l := &b.lines[i]
		k := key{l.Wave, l.Task.Phase}
		s := by[k]
		if s == nil {
			s = &span{}
			by[k] = s
		}
		s.add(l)
		start := l.Span.Start
		if start == 0 {
			start = l.Span.End
		}
		if start != 0 && (s.first == 0 || start < s.first) {
			s.first = start
		}
		s.last = max(s.last, l.Span.End)
	}
	keys := make([]key, 0, len(by))
	for k := range by {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(x, y key) int {
		return cmp.Or(cmp.Compare(b.projectName(x.wave.Project), b.projectName(y.wave.Project)), cmp.Compare(x.wave.GoLive, y.wave.GoLive), cmp.Compare(x.wave.ID, y.wave.ID), cmp.Compare(x.phase, y.phase))
	})
	r.Columns = append([]Column{{Name: "project", Label: "Projekt", Unit: Text}, {Name: "wave", Label: "Bølge", Unit: Text}, {Name: "golive", Label: "Go-live", Unit: Day}, {Name: "days_left", Label: "Dage til go-live", Unit: Number},
		{Name: "phase", Label: "Fase", Unit: Text}, {Name: "first", Label: "Første start", Unit: Day}, {Name: "last", Label: "Sidste slut", Unit: Day}}, klikSumColumns[:6]...)
	for _, k := range keys {
		s := by[k]
		var left any
		if k.wave.GoLive != 0 {
			left = int64(k.wave.GoLive - b.q.Today)
		}
		r.Rows = append(r.Rows, append([]any{b.projectName(k.wave.Project), k.wave.Name, dayOrNone(k.wave.GoLive), left, model.KlikLabel(b.cb.Klik.Phases, k.phase), dayOrNone(s.first), dayOrNone(s.last)}, s.cells()[:6]...))
	}
	return nil
}
