package ingest

import (
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"strings"

	"komhen/model"
)

// klikState is what stands before a file comes. steps is every step of a municipality's task, oldest first.
type klikState struct {
	plan                *model.KlikPlan
	project, wave, task uint32 // the next ids
	steps               map[model.KlikKey][]model.KlikStep
	comments            map[model.KlikComment]bool
	alone               bool // nothing is known but the file: what it refers to may stand elsewhere
}

// KlikOutcome is what a file changes and what there is to say of it. Rows are those of the file; a refused one changes nothing.
type KlikOutcome struct {
	Decision      model.KlikDecision
	Findings      []KlikFinding
	Rows, Refused int
}

// applyKlik carries a file out on what stands. Rows are refused until what is left agrees: dates outside frozen zones (KL03), no circle of
// prerequisites, nothing completed before what it waits for (KL04), no test municipality among others (KL08). The result depends on the file and the state alone.
func applyKlik(book *model.Codebook, before klikState, file *KlikFile, now model.Moment) KlikOutcome {
	drafts := make([]*klikDraft, len(file.Rows))
	for i := range file.Rows {
		x := klikDrafter{book: book, today: now.Date()}
		drafts[i] = x.draft(&file.Rows[i])
	}
	var b *klikBuilder
	for again := true; again; {
		b = newKlikBuilder(book, before, drafts, now)
		stood := refusedOf(drafts)
		b.build()
		again = refusedOf(drafts) > stood || b.agree() // what a refused row brought along goes with it
	}
	b.remark()
	out := KlikOutcome{Decision: b.decision(), Findings: file.Findings, Rows: len(drafts), Refused: refusedOf(drafts)}
	for _, d := range drafts {
		for _, f := range d.findings {
			out.Findings = append(out.Findings, KlikFinding{d.row.Sheet, f})
		}
	}
	sort.SliceStable(out.Findings, func(i, j int) bool {
		x, y := out.Findings[i], out.Findings[j]
		if x.Sheet != y.Sheet {
			return x.Sheet < y.Sheet
		}
		return x.Line < y.Line
	})
	return out
}

func refusedOf(drafts []*klikDraft) (n int) {
	for _, d := range drafts {
		if d.refused {
			n++
		}
	}
	return n
}

// klikBuilder builds the state after a file, from the rows that are not refused.
type klikBuilder struct {
	book   *model.Codebook
	before klikState
	drafts []*klikDraft
	now    model.Moment

	plan                *model.KlikPlan
	project, wave, task uint32
	fresh               map[model.KlikKey][]model.KlikStep
	saidBy              map[model.KlikKey]*klikDraft // whose step is a key's newest
	taskRow             map[uint32]*klikDraft
	waveRow             map[uint32]*klikDraft
	projectRow          map[uint32]*klikDraft
	comments            []model.KlikComment
}

func newKlikBuilder(book *model.Codebook, before klikState, drafts []*klikDraft, now model.Moment) *klikBuilder {
	return &klikBuilder{book: book, before: before, drafts: drafts, now: now, plan: before.plan.Clone(), project: before.project, wave: before.wave, task: before.task,
		fresh: map[model.KlikKey][]model.KlikStep{}, saidBy: map[model.KlikKey]*klikDraft{}, taskRow: map[uint32]*klikDraft{}, waveRow: map[uint32]*klikDraft{}, projectRow: map[uint32]*klikDraft{}}
}

// find refuses a row that was not refused before, or warns.
func (b *klikBuilder) find(d *klikDraft, rule, field, value, detail string) {
	d.find(b.book, rule, field, value, detail)
}

func (b *klikBuilder) each(kinds []klikKind, do func(*klikDraft)) {
	for _, d := range b.drafts {
		if !d.refused && slices.Contains(kinds, d.kind) {
			do(d)
		}
	}
}

func (b *klikBuilder) build() {
	planning := []klikKind{klikOfProject, klikOfWave, klikOfTask}
	b.each(planning, b.addProject)
	b.plan.Reindex()
	b.each(planning, b.addWaves)
	b.plan.Reindex()
	b.each([]klikKind{klikOfTask}, b.addTask)
	b.plan.Reindex()
	b.each([]klikKind{klikOfWork}, b.addStep)
}

func (b *klikBuilder) addProject(d *klikDraft) {
	name := singleLine(d.row.Cells["project"])
	if name == "" {
		return // said of a task where it is missed
	}
	p := b.plan.ProjectNamed(name)
	if p == nil {
		b.plan.Projects = append(b.plan.Projects, model.KlikProject{ID: b.project, Name: name})
		p = &b.plan.Projects[len(b.plan.Projects)-1]
		b.project++
	}
	if d.zones != nil || d.row.has("zones") && d.kind == klikOfProject {
		p.Frozen = d.zones
		b.projectRow[p.ID] = d
	}
}

func singleLine(text string) string { return strings.Join(strings.Fields(text), " ") }

func (b *klikBuilder) addWaves(d *klikDraft) {
	p := b.plan.ProjectNamed(d.row.Cells["project"])
	if p == nil {
		return
	}
	for _, name := range d.waves {
		w := b.plan.WaveNamed(p.ID, name)
		if w == nil {
			b.plan.Waves = append(b.plan.Waves, model.KlikWave{ID: b.wave, Project: p.ID, Name: singleLine(name)})
			w = &b.plan.Waves[len(b.plan.Waves)-1]
			b.wave++
		}
		if len(d.waves) > 1 {
			continue
		}
		first := b.waveRow[w.ID] == nil
		if d.goLive != 0 {
			w.GoLive = d.goLive
			b.waveRow[w.ID] = d
		}
		if d.members != nil {
			members := slices.Clone(d.members)
			if !first && d.row.Cells["municipality"] != "" { // a list with a row for each municipality
				members = append(members, w.Municipalities...)
			}
			slices.Sort(members)
			w.Municipalities = slices.Compact(members)
			b.waveRow[w.ID] = d
		}
	}
}

// addTask makes a master task, or changes the one of the same name: fields that the file does not have stay as they were.
func (b *klikBuilder) addTask(d *klikDraft) {
	row := d.row
	t := model.KlikTask{Texts: map[string]string{}}
	project := b.plan.ProjectNamed(row.Cells["project"])
	if project == nil && row.Cells["project"] == "" && row.Cells["title"] != "" {
		project = b.onlyProjectWith(row.Cells["title"])
	}
	var known *model.KlikTask
	if project != nil && row.Cells["title"] != "" {
		reference := row.Cells["title"]
		if d.prefix != "" {
			reference = fmt.Sprintf("%s %d", d.prefix, d.number)
		}
		known = b.plan.Find(project.ID, reference)
		if known == nil { // added by an earlier row of this file
			for i := range b.plan.Tasks {
				if x := &b.plan.Tasks[i]; x.Project == project.ID && (d.prefix != "" && model.Fold(x.Prefix) == model.Fold(d.prefix) && x.Number == d.number || model.Fold(x.Title) == model.Fold(reference)) {
					known = x
				}
			}
		}
	}
	if known != nil {
		if other := b.taskRow[known.ID]; other != nil {
			b.find(d, "KL16", "title", row.Cells["title"], other.place())
			return
		}
		t = *known
		t.Texts = map[string]string{}
		for field, text := range known.Texts {
			t.Texts[field] = text
		}
	}
	if project != nil {
		t.Project = project.ID
	}
	stood := t.Deletes
	if b.before.alone && d.deletes > b.now.Date() {
		stood = d.deletes // it may have been announced long ago
	}
	if lacks := model.KlikNoticeLacks(d.deletes, stood, b.now.Date()); lacks != "" {
		b.find(d, "KL09", "deletes", row.Cells["deletes"], lacks)
		return
	}
	b.fill(&t, d)
	if !b.mandatory(&t, d, project, known) {
		return
	}
	if known == nil {
		t.ID = b.task
		b.task++
		b.plan.Tasks = append(b.plan.Tasks, t)
	} else {
		at := slices.IndexFunc(b.plan.Tasks, func(x model.KlikTask) bool { return x.ID == t.ID }) // the look-up may be older than the list
		b.plan.Tasks[at] = t
	}
	b.taskRow[t.ID] = d
}

// onlyProjectWith is the one project that has a task of that name.
func (b *klikBuilder) onlyProjectWith(title string) (project *model.KlikProject) {
	for i := range b.plan.Projects {
		p := &b.plan.Projects[i]
		if b.plan.Find(p.ID, title) == nil {
			continue
		}
		if project != nil {
			return nil
		}
		project = p
	}
	return project
}

// fill takes over what the file says of a task.
func (b *klikBuilder) fill(t *model.KlikTask, d *klikDraft) {
	row := d.row
	for _, f := range b.book.Klik.Fields {
		text, there := row.Cells[f.Field]
		if !there {
			continue
		}
		switch f.Field {
		case "title":
			if t.ID == 0 || !model.IsKlikShortName(text) || model.Fold(text) != model.Fold(t.Reference()) { // a short name only says which task it is
				t.Title, t.Prefix, t.Number = singleLine(text), d.prefix, d.number
			}
		case "phase":
			t.Phase = d.phase
		case "theme":
			t.Theme = d.theme
		case "priority":
			t.Priority = d.priority
		case "sts":
			t.STS = d.sts
		case "frozen":
			t.Frozen = d.frozen
		case "duration":
			t.Duration = d.duration
		case "end":
			t.End = d.end
		case "start":
			t.Start = d.start
		case "deletes":
			t.Deletes = d.deletes
		case "needs":
			t.Needs = model.KlikReferences(text)
		case "related":
			t.Related = model.KlikReferences(text)
		case "waves":
			t.Waves = nil
			for _, name := range d.waves {
				if w := b.plan.WaveNamed(t.Project, name); w != nil && !slices.Contains(t.Waves, w.ID) {
					t.Waves = append(t.Waves, w.ID)
				}
			}
		default:
			if !f.Document || f.Field == "project" || f.Field == "trial" {
				continue
			}
			if delete(t.Texts, f.Field); text != "" {
				t.Texts[f.Field] = text
			}
		}
	}
}

// mandatory names every mandatory field that neither the file nor what stood before has filled in (KL13).
func (b *klikBuilder) mandatory(t *model.KlikTask, d *klikDraft, project *model.KlikProject, known *model.KlikTask) bool {
	for _, f := range b.book.Klik.Fields {
		if !f.Mandatory || d.row.Cells[f.Field] != "" {
			continue
		}
		filled := false
		switch f.Field {
		case "project":
			filled = project != nil
		case "title":
			filled = t.Title != ""
		case "phase":
			filled = t.Phase != 0
		case "theme":
			filled = t.Theme != 0
		case "priority":
			filled = t.Priority != 0
		case "sts":
			filled = known != nil && !d.row.has("sts")
		case "waves":
			filled = len(t.Waves) > 0
		default:
			filled = t.Texts[f.Field] != ""
		}
		if !filled {
			b.find(d, "KL13", f.Field, "", "")
		}
	}
	return !d.refused
}

// decision is what differs from what stood before.
func (b *klikBuilder) decision() (d model.KlikDecision) {
	for _, p := range b.plan.Projects {
		if old := b.before.plan.Project(p.ID); old == nil || !equalJSON(*old, p) {
			d.Projects = append(d.Projects, p)
		}
	}
	for _, w := range b.plan.Waves {
		if old := b.before.plan.Wave(w.ID); old == nil || !equalJSON(*old, w) {
			d.Waves = append(d.Waves, w)
		}
	}
	for _, t := range b.plan.Tasks {
		if old := b.before.plan.Task(t.ID); old == nil || !equalJSON(*old, t) {
			d.Tasks = append(d.Tasks, t)
		}
	}
	for _, list := range b.fresh {
		d.Steps = append(d.Steps, list...)
	}
	slices.SortFunc(d.Steps, func(x, y model.KlikStep) int {
		for _, c := range []int64{int64(x.At) - int64(y.At), int64(x.Task) - int64(y.Task), int64(x.Municipality) - int64(y.Municipality)} {
			if c != 0 {
				return int(max(-1, min(1, c)))
			}
		}
		return 0
	})
	d.Comments = b.comments
	return d
}

func equalJSON(a, b any) bool {
	x, err := json.Marshal(a)
	y, err2 := json.Marshal(b)
	return err == nil && err2 == nil && string(x) == string(y)
}
