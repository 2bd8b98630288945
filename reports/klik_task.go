package reports

import (
	"context"
	"slices"

	"komhen/model"
	"komhen/queries"
)

// KlikTaskView is everything of a master task that somebody may see. Lines are the tasks of municipalities, the worst first; of a single municipality there
// is one, with its history, its comments and what it waits for.
type KlikTaskView struct {
	Task            *model.KlikTask
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
// municipality does not have, is a *model.Problem "klik-task-unknown".
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
			return unknownKlikTask()
		}
		view = &KlikTaskView{Task: t, Project: b.projectName(t.Project), Needs: b.plan.Prerequisites(t), Definition: b.plan.Thresholds.Definition()}
		for _, l := range b.lines {
			if l.Task.ID != id {
				continue
			}
			view.Lines = append(view.Lines, l)
			if !slices.Contains(view.Waves, l.Wave) {
				view.Waves = append(view.Waves, l.Wave)
			}
		}
		if municipality != 0 && len(view.Lines) == 0 {
			return unknownKlikTask()
		}
		slices.SortFunc(view.Lines, func(x, y KlikLine) int { return worstFirst(&x, &y) })
		for i := range b.plan.Tasks {
			if other := &b.plan.Tasks[i]; slices.Contains(b.plan.Prerequisites(other), t) {
				view.NeededBy = append(view.NeededBy, other)
			}
		}
		if view.Evidence, err = klikEvidence(ctx, st, cb, t, b.plan.Project(t.Project), view.Lines, municipality, q.Today); err != nil {
			return err
		}
		if municipality == 0 {
			return nil
		}
		view.Blockers = b.plan.Blockers(&cb.Klik, b.works, t, municipality)
		if view.Steps, err = st.KlikSteps(ctx, id, municipality); err != nil {
			return err
		}
		view.Comments, err = st.KlikComments(ctx, id, municipality)
		return err
	})
	return view, err
}

func unknownKlikTask() error {
	return &model.Problem{Code: "klik-task-unknown", Message: "Opgaven findes ikke, eller du kan ikke se den. Find den på listen under KLIK."}
}

// KlikChoices are what the filters of KLIK can be set to, beside the codes: the names of projects and waves, and of the responsible and performers that may
// be seen. own is the municipality that asks; 0 sees all.
type KlikChoices struct {
	Projects, Waves, Responsible, Performer []string
}

// KlikChoicesOf finds them.
func KlikChoicesOf(ctx context.Context, st *queries.Store, own uint16) (c KlikChoices, err error) {
	plan, err := st.KlikPlan(ctx, 0)
	if err != nil {
		return c, err
	}
	works, err := st.KlikWorks(ctx, 0, own)
	if err != nil {
		return c, err
	}
	for _, p := range plan.Projects {
		c.Projects = append(c.Projects, p.Name)
	}
	for _, w := range plan.Waves {
		c.Waves = append(c.Waves, w.Name)
	}
	seen := map[[2]string]bool{}
	for _, w := range works {
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
