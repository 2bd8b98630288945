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

// addStep is a row about a municipality's task.
func (b *klikBuilder) addStep(d *klikDraft) {
	row := d.row
	project := b.plan.ProjectNamed(row.Cells["project"])
	if row.Cells["project"] == "" {
		project = b.onlyProjectWith(row.Cells["title"])
	}
	if project == nil {
		b.unknown(d, "project", row.Cells["project"], "det projekt kendes ikke")
		return
	}
	t := b.plan.Find(project.ID, row.Cells["title"])
	if t == nil {
		b.unknown(d, "title", row.Cells["title"], "den opgave findes ikke i projektet")
		return
	}
	if b.plan.WaveOf(t, d.municipality) == nil {
		b.unknown(d, "municipality", row.Cells["municipality"], "kommunen er ikke med i nogen af opgavens bølger")
		return
	}
	at := b.now
	if d.changed != 0 && d.changed < b.now.Date() {
		at = d.changed.At(0)
	}
	key := model.KlikKey{Task: t.ID, Municipality: d.municipality}
	stood := b.standing(key, at)
	step := model.KlikStep{KlikWork: stood, At: at}
	if d.status != 0 {
		step.Status = d.status
	}
	for field, to := range map[string]*string{"owner": &step.Responsible, "doer": &step.Performer} {
		if row.has(field) {
			*to = singleLine(row.Cells[field])
		}
	}
	span := t.SpanOf(b.plan.WaveOf(t, d.municipality))
	own := func(field string, day, usual model.Date, to *model.Date) {
		if !row.has(field) {
			return
		}
		if *to = day; day == usual {
			*to = 0
		}
	}
	own("start_day", d.startDay, span.Start, &step.Start)
	own("end_day", d.endDay, span.End, &step.End)
	if other := b.saidBy[key]; other != nil && b.sameMoment(key, at) {
		if step.KlikWork != stood {
			b.find(d, "KL16", "title", row.Cells["title"]+", "+row.Cells["municipality"], other.place())
		}
		return
	}
	comment := model.KlikComment{Task: t.ID, Municipality: d.municipality, Text: row.Cells["comment"]}
	if comment.Text != "" && !b.before.comments[comment] && !slices.Contains(b.comments, comment) {
		b.comments = append(b.comments, comment)
	}
	b.saidBy[key] = d
	if step.KlikWork == stood {
		return
	}
	b.fresh[key] = append(b.fresh[key], step)
}

// unknown refuses a row about something that nobody knows; a file that is judged alone may speak of what stands elsewhere.
func (b *klikBuilder) unknown(d *klikDraft, field, value, detail string) {
	if !b.before.alone {
		b.find(d, "KL14", field, value, detail)
	}
}

// standing is what stands of a municipality's task at a moment, this file's rows so far included.
func (b *klikBuilder) standing(key model.KlikKey, at model.Moment) model.KlikWork {
	work := model.KlikWork{Task: key.Task, Municipality: key.Municipality, Status: model.KlikNotBegun}
	from := model.Moment(-1 << 62)
	for _, list := range [][]model.KlikStep{b.before.steps[key], b.fresh[key]} {
		for _, s := range list {
			if s.At <= at && s.At >= from {
				work, from = s.KlikWork, s.At
			}
		}
	}
	return work
}

func (b *klikBuilder) sameMoment(key model.KlikKey, at model.Moment) bool {
	return slices.ContainsFunc(b.fresh[key], func(s model.KlikStep) bool { return s.At == at })
}

// agree refuses rows that what was built contradicts; it tells whether any was, so that it must be built again.
func (b *klikBuilder) agree() (refused bool) {
	say := func(d *klikDraft, rule, field, value, detail string) {
		if d != nil && !d.refused {
			b.find(d, rule, field, value, detail)
			refused = true
		}
	}
	for i := range b.plan.Waves {
		w := &b.plan.Waves[i]
		if w.Test() && len(w.Municipalities) > 1 {
			say(b.waveRow[w.ID], "KL08", "waves", w.Name, fmt.Sprintf("Bølgen »%s« har både Korsbæk Kommune og rigtige kommuner", w.Name))
		}
	}
	for i := range b.plan.Tasks {
		t := &b.plan.Tasks[i]
		project := b.plan.Project(t.Project)
		if !t.Frozen || project == nil {
			continue
		}
		for _, id := range t.Waves {
			w := b.plan.Wave(id)
			clash := model.FrozenClash(t.SpanOf(w), project.Frozen)
			if clash == "" {
				continue
			}
			switch {
			case b.taskRow[t.ID] != nil:
				say(b.taskRow[t.ID], "KL03", "frozen", "", clash+" (bølgen »"+w.Name+"«)")
			case b.waveRow[w.ID] != nil:
				say(b.waveRow[w.ID], "KL03", "golive", "", fmt.Sprintf("»%s« rammes: %s", t.Reference(), clash))
			case b.projectRow[project.ID] != nil:
				say(b.projectRow[project.ID], "KL03", "zones", "", fmt.Sprintf("»%s« rammes: %s (bølgen »%s«)", t.Reference(), clash, w.Name))
			}
		}
	}
	for _, cycle := range b.plan.Cycles() {
		for _, t := range cycle[:len(cycle)-1] {
			say(b.taskRow[t.ID], "KL04", "needs", strings.Join(t.Needs, ", "), "Opgaverne venter på hinanden i ring: "+model.CycleText(cycle))
		}
	}
	if refused || len(b.fresh) == 0 {
		return refused
	}
	return b.completions(say, &refused)
}

// completions refuses what was completed while a prerequisite was open.
func (b *klikBuilder) completions(say func(*klikDraft, string, string, string, string), refused *bool) bool {
	works := model.KlikWorks{}
	last := func(list []model.KlikStep) {
		for _, s := range list {
			works[s.Key()] = b.standing(s.Key(), b.now)
		}
	}
	for _, list := range b.before.steps {
		last(list[:1])
	}
	for _, list := range b.fresh {
		last(list[:1])
	}
	for _, d := range b.drafts { // in the file's order
		if d.kind != klikOfWork || d.refused || d.status != model.KlikCompleted {
			continue
		}
		project := b.plan.ProjectNamed(d.row.Cells["project"])
		if project == nil {
			project = b.onlyProjectWith(d.row.Cells["title"])
		}
		if project == nil {
			continue
		}
		t := b.plan.Find(project.ID, d.row.Cells["title"])
		if t == nil || b.saidBy[model.KlikKey{Task: t.ID, Municipality: d.municipality}] != d || works.Of(t.ID, d.municipality).Status != model.KlikCompleted ||
			!slices.ContainsFunc(b.fresh[model.KlikKey{Task: t.ID, Municipality: d.municipality}], func(s model.KlikStep) bool { return s.Status == model.KlikCompleted }) {
			continue
		}
		var names []string
		for _, need := range b.plan.Blockers(&b.book.Klik, works, t, d.municipality) {
			names = append(names, "»"+need.Reference()+"«")
		}
		if len(names) > 0 {
			say(d, "KL04", "status", "", fmt.Sprintf("»%s« kan ikke fuldføres i %s, før %s er fuldført", t.Reference(), b.book.KlikMunicipalityName(d.municipality), strings.Join(names, " og ")))
		}
	}
	return *refused
}

// remark warns of what is odd but not wrong, once the state stands.
func (b *klikBuilder) remark() {
	for i := range b.plan.Tasks {
		t := &b.plan.Tasks[i]
		d := b.taskRow[t.ID]
		if d != nil && model.IsKlikShortName(t.Title) {
			b.find(d, "KL01", "title", t.Title, "")
		}
		if d != nil && t.End != nil && (t.Duration == nil || *t.Duration == 0) {
			b.find(d, "KL05", "duration", "", "")
		}
		for _, reference := range t.Needs {
			if d != nil && d.row.has("needs") && b.plan.Find(t.Project, reference) == nil && !b.before.alone {
				b.find(d, "KL17", "needs", reference, "den opgave kendes ikke")
			}
		}
		for _, id := range t.Waves {
			if w := b.plan.Wave(id); d != nil && w.GoLive == 0 && t.End != nil && !b.before.alone {
				b.find(d, "KL17", "waves", w.Name, "den bølge har ingen go-live, så opgaven får ingen datoer")
			}
		}
		if !b.book.Klik.Followed(t.Priority) {
			continue
		}
		for _, need := range b.plan.Prerequisites(t) {
			row := b.taskRow[need.ID]
			if row == nil {
				row = d
			}
			if row != nil && !b.book.Klik.Followed(need.Priority) {
				b.find(row, "KL07", "priority", model.KlikLabel(b.book.Klik.Priorities, need.Priority), fmt.Sprintf("den obligatoriske opgave »%s«", t.Reference()))
			}
		}
	}
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
