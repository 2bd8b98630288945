package model

import (
	"fmt"
	"slices"
	"strings"
)

// KlikPlan is every project, wave and master task as they stand at a moment, in the order of their ids, and the thresholds of the colours.
//
// Danger: looking up needs Reindex, and again after the lists were changed.
type KlikPlan struct {
	Projects   []KlikProject
	Waves      []KlikWave
	Tasks      []KlikTask
	Thresholds KlikThresholds

	projects map[uint32]*KlikProject
	waves    map[uint32]*KlikWave
	tasks    map[uint32]*KlikTask
	names    map[string]*KlikTask // by klikName
	needs    map[uint32][]*KlikTask
}

// Clone copies the plan so far that either may be changed: a what-if is a clone with another go-live.
func (p *KlikPlan) Clone() *KlikPlan {
	c := &KlikPlan{Projects: slices.Clone(p.Projects), Waves: slices.Clone(p.Waves), Tasks: slices.Clone(p.Tasks), Thresholds: p.Thresholds}
	c.Reindex()
	return c
}

// Reindex makes the look-ups anew.
func (p *KlikPlan) Reindex() {
	p.projects, p.waves, p.tasks = map[uint32]*KlikProject{}, map[uint32]*KlikWave{}, map[uint32]*KlikTask{}
	p.names, p.needs = map[string]*KlikTask{}, map[uint32][]*KlikTask{}
	for i := range p.Projects {
		p.projects[p.Projects[i].ID] = &p.Projects[i]
	}
	for i := range p.Waves {
		p.waves[p.Waves[i].ID] = &p.Waves[i]
	}
	for i := range p.Tasks {
		t := &p.Tasks[i]
		p.tasks[t.ID] = t
		p.names[klikName(t.Project, Fold(t.Title))] = t
		if t.Prefix != "" {
			p.names[klikName(t.Project, klikShortName(t.Prefix, t.Number))] = t
		}
	}
	for i := range p.Tasks {
		t := &p.Tasks[i]
		for _, reference := range t.Needs {
			if need := p.Find(t.Project, reference); need != nil && !slices.Contains(p.needs[t.ID], need) {
				p.needs[t.ID] = append(p.needs[t.ID], need)
			}
		}
	}
}

func klikName(project uint32, name string) string { return fmt.Sprint(project, "/", name) }

func klikShortName(prefix string, number int) string { return fmt.Sprint(Fold(prefix), "#", number) }

// Project, Wave and Task find by id; nil when there is none.
func (p *KlikPlan) Project(id uint32) *KlikProject { return p.projects[id] }
func (p *KlikPlan) Wave(id uint32) *KlikWave       { return p.waves[id] }
func (p *KlikPlan) Task(id uint32) *KlikTask       { return p.tasks[id] }

// ProjectNamed and WaveNamed find by name; case, spaces and punctuation do not matter.
func (p *KlikPlan) ProjectNamed(name string) *KlikProject {
	for i := range p.Projects {
		if Fold(p.Projects[i].Name) == Fold(name) {
			return &p.Projects[i]
		}
	}
	return nil
}

func (p *KlikPlan) WaveNamed(project uint32, name string) *KlikWave {
	for i := range p.Waves {
		if w := &p.Waves[i]; w.Project == project && Fold(w.Name) == Fold(name) {
			return w
		}
	}
	return nil
}

// Find resolves a reference to a task of a project: "Kontakt 2", "(Kontakt 2) Registrer …", or a whole title; nil when nothing is
// called so.
func (p *KlikPlan) Find(project uint32, reference string) *KlikTask {
	if prefix, number, ok := parseKlikReference(reference); ok {
		if t := p.names[klikName(project, klikShortName(prefix, number))]; t != nil {
			return t
		}
	}
	return p.names[klikName(project, Fold(reference))]
}

// WaveOf is the wave through which a municipality has a task: the first of the task's waves that it is in, in their order. nil when it does
// not have the task.
func (p *KlikPlan) WaveOf(t *KlikTask, municipality uint16) *KlikWave {
	for _, id := range t.Waves {
		if w := p.Wave(id); w != nil && slices.Contains(w.Municipalities, municipality) {
			return w
		}
	}
	return nil
}

// Assignments calls f with every task of every municipality, by task and then by municipality.
func (p *KlikPlan) Assignments(f func(*KlikTask, *KlikWave, uint16)) {
	var through []*KlikWave
	for i := range p.Tasks {
		t := &p.Tasks[i]
		through = through[:0]
		var list []uint16
		has := map[uint16]*KlikWave{}
		for _, id := range t.Waves {
			if w := p.Wave(id); w != nil {
				through = append(through, w)
			}
		}
		if len(through) == 1 { // as nearly always
			list = slices.Clone(through[0].Municipalities)
		} else {
			for _, w := range through {
				for _, m := range w.Municipalities {
					if has[m] == nil {
						has[m] = w
						list = append(list, m)
					}
				}
			}
		}
		slices.Sort(list)
		for _, m := range list {
			w := has[m]
			if w == nil {
				w = through[0]
			}
			f(t, w, m)
		}
	}
}

// Prerequisites are the tasks that must be completed before a task can be (KL04). References that lead nowhere are left out.
func (p *KlikPlan) Prerequisites(t *KlikTask) []*KlikTask { return p.needs[t.ID] }

// Cycles are the circles in the prerequisites, each as the references of its tasks in the order in which they wait for each other, the
// first one again at the end: "A 1, B 2, A 1". A circle is found once, from the task with the lowest id.
func (p *KlikPlan) Cycles() (cycles [][]*KlikTask) {
	const underWay, done = 1, 2
	state := map[uint32]int{}
	var path []*KlikTask
	var visit func(t *KlikTask)
	visit = func(t *KlikTask) {
		state[t.ID] = underWay
		path = append(path, t)
		for _, need := range p.needs[t.ID] {
			switch state[need.ID] {
			case underWay:
				at := slices.Index(path, need)
				cycles = append(cycles, append(slices.Clone(path[at:]), need))
			case 0:
				visit(need)
			}
		}
		path = path[:len(path)-1]
		state[t.ID] = done
	}
	for i := range p.Tasks {
		if state[p.Tasks[i].ID] == 0 {
			visit(&p.Tasks[i])
		}
	}
	return cycles
}

// CycleText names a circle for people: "»A 1« venter på »B 2«, som venter på »A 1«".
func CycleText(cycle []*KlikTask) string {
	var b strings.Builder
	for i, t := range cycle {
		switch i {
		case 0:
		case 1:
			b.WriteString(" venter på ")
		default:
			b.WriteString(", som venter på ")
		}
		b.WriteString("»" + t.Reference() + "«")
	}
	return b.String()
}

// KlikWorks is what municipalities have said of their tasks. A task that is not in it has not been begun.
type KlikWorks map[KlikKey]KlikWork

// Of is the work on a task; of one that nothing was said of, the beginning.
func (w KlikWorks) Of(task uint32, municipality uint16) KlikWork {
	if one, said := w[KlikKey{task, municipality}]; said {
		return one
	}
	return KlikWork{Task: task, Municipality: municipality, Status: KlikNotBegun}
}

// Blockers are the prerequisites of a municipality's task that it has not closed (KL04): while there are any, it may start the task but
// not complete it. A prerequisite that the municipality does not have blocks nothing.
func (p *KlikPlan) Blockers(k *Klik, works KlikWorks, t *KlikTask, municipality uint16) (open []*KlikTask) {
	for _, need := range p.Prerequisites(t) {
		if p.WaveOf(need, municipality) != nil && !k.Closed(works.Of(need.ID, municipality).Status) {
			open = append(open, need)
		}
	}
	return open
}

// With is the plan after a decision; the plan itself stays as it is.
func (p *KlikPlan) With(d *KlikDecision) *KlikPlan {
	c := p.Clone()
	for _, x := range d.Projects {
		c.Projects = replaced(c.Projects, x, func(o KlikProject) bool { return o.ID == x.ID })
	}
	for _, x := range d.Waves {
		c.Waves = replaced(c.Waves, x, func(o KlikWave) bool { return o.ID == x.ID })
	}
	for _, x := range d.Tasks {
		c.Tasks = replaced(c.Tasks, x, func(o KlikTask) bool { return o.ID == x.ID })
	}
	c.Tasks = slices.DeleteFunc(c.Tasks, func(o KlikTask) bool { return slices.Contains(d.Gone, o.ID) })
	if d.Thresholds != nil {
		c.Thresholds = *d.Thresholds
	}
	c.Reindex()
	return c
}

func replaced[T any](list []T, one T, is func(T) bool) []T {
	if at := slices.IndexFunc(list, is); at >= 0 {
		list[at] = one
		return list
	}
	return append(list, one)
}
