package reports

import (
	"cmp"
	"context"
	"slices"
	"time"

	"komhen/model"
	"komhen/queries"
)

// Deletion of KLIK tasks (KL09): what is announced, what is deleted, and what was said of it. All of it follows from the versions of the plan and the day.

// KlikDeleted is a master task whose deletion is announced, or is over. Municipalities have it, by code, Korsbæk too.
type KlikDeleted struct {
	Task           *model.KlikTask
	Municipalities []uint16
	At             time.Time // when the day that stands was announced
	By             string    // an account's id; "" is a file or the command line
}

// KlikDeletion is the tasks of a project that are deleted on the same day.
type KlikDeletion struct {
	Project uint32
	Name    string
	Day     model.Date
	Tasks   []KlikDeleted
}

// Municipalities are those that have any of the tasks, by code.
func (d *KlikDeletion) Municipalities() (list []uint16) {
	for _, t := range d.Tasks {
		list = append(list, t.Municipalities...)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// First and By are the first announcement of the day that stands.
func (d *KlikDeletion) First() (at time.Time, by string) {
	for _, t := range d.Tasks {
		if at.IsZero() || t.At.Before(at) {
			at, by = t.At, t.By
		}
	}
	return at, by
}

// KlikAnnouncement is what was said at once of tasks of a project: From and To are the days of deletion before and after it; 0 is none.
type KlikAnnouncement struct {
	At       time.Time
	By       string
	Name     string // of the project
	Tasks    []*model.KlikTask
	From, To model.Date
}

// KlikDeletions is the whole matter, seen from a day. Ahead is by day, Done and Log are the newest first.
type KlikDeletions struct {
	Ahead, Done []KlikDeletion
	Log         []KlikAnnouncement
}

// klikVersions are the plan, deleted tasks too, and every version of the tasks whose deletion was ever announced.
func klikVersions(ctx context.Context, st *queries.Store) (plan *model.KlikPlan, versions []queries.KlikVersion, err error) {
	err = st.Snapshot(ctx, func(ctx context.Context) error {
		if plan, err = st.KlikPlan(ctx, 0); err != nil {
			return err
		}
		versions, err = st.KlikAnnouncedVersions(ctx)
		return err
	})
	return plan, versions, err
}

// KlikDeletionsOf finds them for a municipality, whose tasks alone it then tells of; 0 is all.
func KlikDeletionsOf(ctx context.Context, st *queries.Store, municipality uint16, today model.Date) (*KlikDeletions, error) {
	plan, versions, err := klikVersions(ctx, st)
	if err != nil {
		return nil, err
	}
	out := &KlikDeletions{}
	announced := map[uint32]queries.KlikVersion{}
	stood := map[uint32]model.Date{}
	for _, v := range versions {
		t := plan.Task(v.ID)
		if t == nil || municipality != 0 && plan.WaveOf(t, municipality) == nil {
			continue
		}
		if v.Deletes == stood[v.ID] {
			continue
		}
		out.note(KlikAnnouncement{At: v.At, By: v.By, Name: klikProjectName(plan, t.Project), Tasks: []*model.KlikTask{t}, From: stood[v.ID], To: v.Deletes})
		stood[v.ID], announced[v.ID] = v.Deletes, v
	}
	slices.Reverse(out.Log)
	var has map[uint32][]uint16
	for i := range plan.Tasks {
		t := &plan.Tasks[i]
		if t.Deletes == 0 || municipality != 0 && plan.WaveOf(t, municipality) == nil {
			continue
		}
		if has == nil {
			has = klikHolders(plan)
		}
		list := &out.Ahead
		if t.DeletedOn(today) {
			list = &out.Done
		}
		at := slices.IndexFunc(*list, func(d KlikDeletion) bool { return d.Project == t.Project && d.Day == t.Deletes })
		if at < 0 {
			at = len(*list)
			*list = append(*list, KlikDeletion{Project: t.Project, Name: klikProjectName(plan, t.Project), Day: t.Deletes})
		}
		one := KlikDeleted{Task: t, Municipalities: has[t.ID], At: announced[t.ID].At, By: announced[t.ID].By}
		if municipality != 0 {
			one.Municipalities = []uint16{municipality}
		}
		(*list)[at].Tasks = append((*list)[at].Tasks, one)
	}
	order := func(x, y KlikDeletion) int { return cmp.Or(cmp.Compare(x.Day, y.Day), cmp.Compare(x.Name, y.Name)) }
	slices.SortFunc(out.Ahead, order)
	slices.SortFunc(out.Done, func(x, y KlikDeletion) int { return cmp.Or(cmp.Compare(y.Day, x.Day), cmp.Compare(x.Name, y.Name)) })
	return out, nil
}

// note adds to the log; what was said at once of several tasks is one line.
func (d *KlikDeletions) note(a KlikAnnouncement) {
	for i := len(d.Log) - 1; i >= 0 && d.Log[i].At.Equal(a.At); i-- {
		if l := &d.Log[i]; l.By == a.By && l.Name == a.Name && l.From == a.From && l.To == a.To {
			l.Tasks = append(l.Tasks, a.Tasks...)
			return
		}
	}
	d.Log = append(d.Log, a)
}

func klikProjectName(plan *model.KlikPlan, id uint32) string {
	if p := plan.Project(id); p != nil {
		return p.Name
	}
	return model.Missing
}

// klikHolders are the municipalities that have each task.
func klikHolders(plan *model.KlikPlan) map[uint32][]uint16 {
	has := map[uint32][]uint16{}
	plan.Assignments(func(t *model.KlikTask, _ *model.KlikWave, municipality uint16) {
		has[t.ID] = append(has[t.ID], municipality)
	})
	return has
}

// KlikDeletionNews is what is new for a municipality between two moments, with what happened and was taken back in between left out, by project and day.
// The tasks of a line went from one day to another, of which 0 is none.
func KlikDeletionNews(ctx context.Context, st *queries.Store, municipality uint16, after, until time.Time) (list []KlikAnnouncement, err error) {
	plan, versions, err := klikVersions(ctx, st)
	if err != nil {
		return nil, err
	}
	before, now := map[uint32]model.Date{}, map[uint32]model.Date{}
	var order []uint32
	for _, v := range versions {
		if v.At.After(until) {
			continue
		}
		if _, known := now[v.ID]; !known {
			order = append(order, v.ID)
		}
		if now[v.ID] = v.Deletes; !v.At.After(after) {
			before[v.ID] = v.Deletes
		}
	}
	var news KlikDeletions
	for _, id := range order {
		if t := plan.Task(id); t != nil && now[id] != before[id] && plan.WaveOf(t, municipality) != nil {
			news.note(KlikAnnouncement{Name: klikProjectName(plan, t.Project), Tasks: []*model.KlikTask{t}, From: before[id], To: now[id]})
		}
	}
	return news.Log, nil
}
