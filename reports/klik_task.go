package reports

import (
	"cmp"
	"context"
	"slices"

	"komhen/model"
	"komhen/queries"
)

// KlikTaskView is everything of a master task that somebody may see. Lines are the tasks of municipalities, the worst first; of a single municipality there
// is one, with its history, its comments and what it waits for.
type KlikTaskView struct {
	Task            *model.KlikTask
	Municipality    uint16 // 0 for all
	Project         string
	Waves           []*model.KlikWave
	Lines           []KlikLine
	Needs, NeededBy []*model.KlikTask
	Blockers        []*model.KlikTask
	Steps           []queries.KlikStep // oldest first
	Comments        []queries.KlikSaid // those of the municipality and the messages to all, oldest first
	Definition      string             // of the colours
	Evidence        []string           // what the database knows of a task of a count week; it decides nothing
}

// KlikTask finds a master task. municipality 0 is all of them, which only those who see all may ask for (own 0). A task that does not exist, or that the
// municipality does not have, is a *model.Problem "klik-task-unknown"; one that is deleted is a "klik-task-deleted".
func KlikTask(ctx context.Context, st *queries.Store, cb *model.Codebook, id uint32, municipality uint16, q KlikQuery) (view *KlikTaskView, err error) {
	q.Filter = KlikFilter{Completed: true}
	if municipality != 0 {
		q.Filter.Municipalities = []uint16{municipality}
	}
	if q.Own != 0 && municipality != q.Own {
		return nil, unknownKlikTask()
	}
	err = st.Snapshot(ctx, func(ctx context.Context) error {
		b, err := newKlikBoard(ctx, st, cb, q)
		if err != nil {
			return err
		}
		t := b.plan.Task(id)
		if t == nil {
			if t = b.whole.Task(id); t != nil && t.DeletedOn(q.asked()) && (municipality == 0 || b.whole.WaveOf(t, municipality) != nil) {
				return t.Deleted()
			}
			return unknownKlikTask()
		}
		var steps []queries.KlikStep
		var said []queries.KlikSaid
		if municipality != 0 {
			if b.plan.WaveOf(t, municipality) == nil {
				return unknownKlikTask()
			}
			if steps, err = st.KlikSteps(ctx, id, municipality); err != nil {
				return err
			}
			if said, err = st.KlikComments(ctx, id, municipality); err != nil {
				return err
			}
		}
		var lines []KlikLine
		for _, l := range b.lines {
			if l.Task.ID == id {
				lines = append(lines, l)
			}
		}
		view, err = b.taskView(ctx, t, municipality, lines, steps, said)
		return err
	})
	return view, err
}

// taskView is a task with the lines, steps and comments that belong to it.
func (b *klikBoard) taskView(ctx context.Context, t *model.KlikTask, municipality uint16, lines []KlikLine, steps []queries.KlikStep, said []queries.KlikSaid) (view *KlikTaskView, err error) {
	view = &KlikTaskView{Task: t, Municipality: municipality, Project: b.projectName(t.Project), Lines: lines, Needs: b.plan.Prerequisites(t), Steps: steps, Comments: said, Definition: b.plan.Thresholds.Definition()}
	for _, l := range lines {
		if !slices.Contains(view.Waves, l.Wave) {
			view.Waves = append(view.Waves, l.Wave)
		}
	}
	slices.SortFunc(view.Lines, func(x, y KlikLine) int { return worstFirst(&x, &y) })
	for i := range b.plan.Tasks {
		if other := &b.plan.Tasks[i]; slices.Contains(b.plan.Prerequisites(other), t) {
			view.NeededBy = append(view.NeededBy, other)
		}
	}
	if municipality != 0 {
		view.Blockers = b.plan.Blockers(&b.cb.Klik, b.works, t, municipality)
	}
	view.Evidence, err = klikEvidence(ctx, b.st, b.cb, t, b.plan.Project(t.Project), view.Lines, municipality, b.q.Today)
	return view, err
}

// KlikWhole is every task of a municipality that the filters pick, closed ones too, by project and number: each with everything that is known of it. More than
// one municipality, or none, is a *model.Problem "klik-export-whose".
func KlikWhole(ctx context.Context, st *queries.Store, cb *model.Codebook, q KlikQuery) (list []*KlikTaskView, err error) {
	if q, err = q.allowed(KlikDefinition{Detail: true}); err != nil {
		return nil, err
	}
	if len(q.Filter.Municipalities) != 1 {
		return nil, &model.Problem{Code: "klik-export-whose", Message: "Hele opgaver hentes for én kommune ad gangen. Vælg kommunen, og hent dem så."}
	}
	municipality := q.Filter.Municipalities[0]
	err = st.Snapshot(ctx, func(ctx context.Context) error {
		b, err := newKlikBoard(ctx, st, cb, q)
		if err != nil {
			return err
		}
		steps, said := map[uint32][]queries.KlikStep{}, map[uint32][]queries.KlikSaid{}
		all, err := st.KlikSteps(ctx, 0, municipality)
		if err != nil {
			return err
		}
		for _, x := range all {
			steps[x.Task] = append(steps[x.Task], x)
		}
		comments, err := st.KlikComments(ctx, 0, municipality)
		if err != nil {
			return err
		}
		for _, c := range comments {
			said[c.Task] = append(said[c.Task], c)
		}
		for _, l := range b.lines {
			view, err := b.taskView(ctx, l.Task, municipality, []KlikLine{l}, steps[l.Task.ID], said[l.Task.ID])
			if err != nil {
				return err
			}
			list = append(list, view)
		}
		return nil
	})
	slices.SortStableFunc(list, func(x, y *KlikTaskView) int {
		return cmp.Or(cmp.Compare(x.Project, y.Project), cmp.Compare(model.Fold(x.Task.Prefix), model.Fold(y.Task.Prefix)), cmp.Compare(x.Task.Number, y.Task.Number), cmp.Compare(x.Task.ID, y.Task.ID))
	})
	return list, err
}

func unknownKlikTask() error {
	return &model.Problem{Code: "klik-task-unknown", Message: "Opgaven findes ikke, eller du kan ikke se den. Find den på listen under KLIK."}
}

// KlikChoices are what the filters of KLIK can be set to, beside the codes: the names of projects and waves, and of the responsible and performers that may
// be seen. own is the municipality that asks; 0 sees all.
type KlikChoices struct {
	Projects, Waves, Responsible, Performer []string
}

// KlikChoicesOf finds them, without what only deleted tasks have.
func KlikChoicesOf(ctx context.Context, st *queries.Store, own uint16, today model.Date) (c KlikChoices, err error) {
	plan, err := st.KlikPlan(ctx, 0)
	if err != nil {
		return c, err
	}
	works, err := st.KlikWorks(ctx, 0, own)
	if err != nil {
		return c, err
	}
	whole := plan
	plan = plan.On(today)
	over := map[uint32]bool{} // projects of which every task is deleted
	for _, t := range whole.Tasks {
		over[t.Project] = true
	}
	for _, t := range plan.Tasks {
		over[t.Project] = false
	}
	for _, p := range plan.Projects {
		if !over[p.ID] {
			c.Projects = append(c.Projects, p.Name)
		}
	}
	for _, w := range plan.Waves {
		if !over[w.Project] {
			c.Waves = append(c.Waves, w.Name)
		}
	}
	seen := map[[2]string]bool{}
	for _, w := range works {
		if plan.Task(w.Task) == nil {
			continue
		}
		for i, name := range []string{w.Responsible, w.Performer} {
			key := [2]string{string(rune('0' + i)), name}
			if name == "" || seen[key] {
				continue
			}
			seen[key] = true
			if i == 0 {
				c.Responsible = append(c.Responsible, name)
			} else {
				c.Performer = append(c.Performer, name)
			}
		}
	}
	for _, list := range []*[]string{&c.Projects, &c.Waves, &c.Responsible, &c.Performer} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	return c, nil
}
