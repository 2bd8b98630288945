package ingest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"komhen/model"
	"komhen/queries"
)

// KlikImport is what became of a file. Loaded is false where nothing was to be changed: the same file again, or one with a fault.
type KlikImport struct {
	File *KlikFile
	KlikOutcome
	Loaded bool
}

// ImportKlik takes a KLIK file in: its good rows change what stands, a refused row changes nothing, and a file that changes nothing is not
// kept. What is kept is the file, and of a document its text.
func (f *Folder) ImportKlik(ctx context.Context, name string, data []byte, by Decision) (*KlikImport, error) {
	end, err := f.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer end()
	at := by.At.Truncate(time.Second)
	in, err := f.CheckKlik(ctx, name, data, at)
	if err != nil || in.File.Fault || in.Decision.Empty() {
		return in, err
	}
	seq := f.journal.nextSeq()
	load, err := f.beginKlik(ctx, seq, &in.Decision, by.By, at)
	if err != nil {
		return nil, err
	}
	kept := fmt.Sprintf("%s/klik-%06d.%s", uploadsName, seq, in.File.format)
	k, err := f.newKeeper()
	if err != nil {
		return nil, errors.Join(err, load.Rollback())
	}
	k.final = f.path(kept)
	err = errors.Join(k.write(data, in.File.kept), k.sync())
	if err == nil {
		err = k.place()
	}
	if err != nil {
		return nil, errors.Join(folderProblem(f.Dir, err), k.remove(), load.Rollback())
	}
	came, sum := k.sums()
	shownName, _ := model.MaskCPR(filepath.Base(name), false)
	e := &Entry{At: at, Op: "klik", By: by.By, File: shownName, Kept: kept, SHA256: came, KeptSHA256: sum, Size: int64(len(data))}
	if err := f.decide(ctx, load, e); err != nil {
		return nil, errors.Join(err, k.remove())
	}
	k.placed = false
	in.Loaded = true
	return in, k.file.Close()
}

// CheckKlik finds what ImportKlik would, and changes nothing.
func (f *Folder) CheckKlik(ctx context.Context, name string, data []byte, at time.Time) (*KlikImport, error) {
	return f.applyKlikFile(ctx, ReadKlik(f.Book, name, data), at)
}

// CheckKlikAlone judges a file by itself, where there is no data folder: what it refers to may stand elsewhere.
func CheckKlikAlone(book *model.Codebook, name string, data []byte, at time.Time) *KlikImport {
	file := ReadKlik(book, name, data)
	in := &KlikImport{File: file, KlikOutcome: KlikOutcome{Findings: file.Findings}}
	if !file.Fault {
		plan := &model.KlikPlan{}
		plan.Reindex()
		in.KlikOutcome = applyKlik(book, klikState{plan: plan, project: 1, wave: 1, task: 1, alone: true}, file, model.MomentOf(at))
	}
	return in
}

func (f *Folder) applyKlikFile(ctx context.Context, file *KlikFile, at time.Time) (*KlikImport, error) {
	in := &KlikImport{File: file, KlikOutcome: KlikOutcome{Findings: file.Findings}}
	if file.Fault {
		return in, nil
	}
	state, err := f.klikState(ctx, model.DateOf(at))
	if err == nil {
		in.KlikOutcome = applyKlik(f.Book, state, file, model.MomentOf(at))
	}
	return in, err
}

// klikState is everything that stands on a day.
func (f *Folder) klikState(ctx context.Context, day model.Date) (s klikState, err error) {
	err = f.Store.Snapshot(ctx, func(ctx context.Context) error {
		if s.plan, err = f.Store.KlikPlan(ctx, 0); err != nil {
			return err
		}
		s.plan = s.plan.On(day)
		if s.project, s.wave, s.task, err = f.Store.KlikNextIDs(ctx); err != nil {
			return err
		}
		steps, err := f.Store.KlikSteps(ctx, 0, 0)
		if err != nil {
			return err
		}
		s.steps = map[model.KlikKey][]model.KlikStep{}
		for _, x := range steps {
			s.steps[x.Key()] = append(s.steps[x.Key()], x.KlikStep)
		}
		said, err := f.Store.KlikComments(ctx, 0, 0)
		s.comments = map[model.KlikComment]bool{}
		for _, c := range said {
			s.comments[c.KlikComment] = true
		}
		return err
	})
	return s, err
}

// KlikStanding is what a decision about KLIK is made on: the plan of the day, without what is deleted on it. Next… are the ids that new parts of the plan get.
type KlikStanding struct {
	Plan                            *model.KlikPlan
	Works                           model.KlikWorks
	NextProject, NextWave, NextTask uint32
	whole                           *model.KlikPlan
}

// DecideKlik makes a decision from a page or the API: one journal line, one transaction. decide is called when it is our turn, so that what it
// is shown cannot change before its decision is stored; its error, or an empty decision, changes nothing. Steps that the rules refuse
// (a completion while a prerequisite is open, a task that the municipality does not have) are a *model.Problem.
func (f *Folder) DecideKlik(ctx context.Context, by Decision, decide func(context.Context, KlikStanding) (model.KlikDecision, error)) error {
	end, err := f.begin(ctx)
	if err != nil {
		return err
	}
	defer end()
	var s KlikStanding
	err = f.Store.Snapshot(ctx, func(ctx context.Context) (err error) {
		if s.whole, err = f.Store.KlikPlan(ctx, 0); err != nil {
			return err
		}
		s.Plan = s.whole.On(model.DateOf(by.At))
		if s.Works, err = f.Store.KlikWorks(ctx, 0, 0); err != nil {
			return err
		}
		s.NextProject, s.NextWave, s.NextTask, err = f.Store.KlikNextIDs(ctx)
		return err
	})
	if err != nil {
		return err
	}
	d, err := decide(ctx, s)
	if err != nil || d.Empty() {
		return err
	}
	if err := allowed(f.Book, s, d, model.DateOf(by.At)); err != nil {
		return err
	}
	at := by.At.Truncate(time.Second)
	e := Entry{Seq: f.journal.nextSeq(), At: at, Op: "klik", By: by.By, Klik: &d}
	load, err := f.beginKlik(ctx, e.Seq, &d, by.By, at)
	if err != nil {
		return err
	}
	return f.decide(ctx, load, &e)
}

// allowed refuses a decision that the rules do not allow.
func allowed(book *model.Codebook, s KlikStanding, d model.KlikDecision, today model.Date) error {
	if d.Thresholds != nil {
		if err := d.Thresholds.Valid(); err != nil {
			return err
		}
	}
	for _, t := range d.Tasks {
		stood := model.Date(0)
		if old := s.Plan.Task(t.ID); old != nil {
			stood = old.Deletes
		} else if t.ID < s.NextTask { // deleted: another version would bring it back
			return s.unknown(t.ID)
		}
		if lacks := model.KlikNoticeLacks(t.Deletes, stood, today); lacks != "" {
			return &model.Problem{Code: "klik-notice", Message: fmt.Sprintf("»%s« kan ikke slettes %s: %s. Vælg en senere dag.", t.Reference(), t.Deletes, lacks)}
		}
	}
	for _, c := range d.Comments {
		if t := s.Plan.Task(c.Task); t == nil || c.Municipality != 0 && s.Plan.WaveOf(t, c.Municipality) == nil {
			return s.unknown(c.Task)
		}
	}
	for _, step := range d.Steps {
		t := s.Plan.Task(step.Task)
		if t == nil || s.Plan.WaveOf(t, step.Municipality) == nil {
			return s.unknown(step.Task)
		}
		if model.KlikLabel(book.Klik.Statuses, step.Status) == model.Missing {
			return &model.Problem{Code: "klik-status-unknown", Message: "Den status findes ikke. Vælg en fra listen."}
		}
		stood := s.Works.Of(step.Task, step.Municipality)
		if err := allowedDays(s, t, stood, step.KlikWork); err != nil {
			return err
		}
		if step.Status != model.KlikCompleted || stood.Status == model.KlikCompleted {
			continue
		}
		var names []string
		blocked := &model.KlikBlocked{}
		for _, need := range s.Plan.Blockers(&book.Klik, s.Works, t, step.Municipality) {
			names = append(names, "»"+need.Reference()+"«")
			blocked.Needs = append(blocked.Needs, model.KlikNeed{Task: need.ID, Reference: need.Reference(), Title: need.Title})
		}
		if len(names) > 0 {
			return &model.Problem{Code: "klik-blocked", Err: blocked, Message: fmt.Sprintf("»%s« kan ikke fuldføres endnu: først skal du fuldføre %s. Du kan godt gå i gang med den.", t.Reference(), strings.Join(names, " og "))}
		}
	}
	if len(d.Projects)+len(d.Waves)+len(d.Tasks) == 0 {
		return nil
	}
	after := s.Plan.With(&d)
	if cycles := after.Cycles(); len(cycles) > 0 {
		return &model.Problem{Code: "klik-cycle", Message: "Opgaverne venter på hinanden i ring: " + model.CycleText(cycles[0]) + ". Fjern en af forudsætningerne."}
	}
	return nil
}

// unknown is the answer about a task that cannot be worked in: deleted, or never there.
func (s KlikStanding) unknown(task uint32) error {
	if t := s.whole.Task(task); t != nil && s.Plan.Task(task) == nil {
		return t.Deleted()
	}
	return &model.Problem{Code: "klik-task-unknown", Message: "Opgaven findes ikke, eller kommunen har den ikke."}
}

// allowedDays refuses a municipality's own days that end before they start, or that lie in a frozen zone when the task is marked so (KL03).
func allowedDays(s KlikStanding, t *model.KlikTask, stood, work model.KlikWork) error {
	if work.Start == stood.Start && work.End == stood.End {
		return nil
	}
	span := work.Span(t.SpanOf(s.Plan.WaveOf(t, work.Municipality)))
	if span.Start != 0 && span.End != 0 && span.Start > span.End {
		return &model.Problem{Code: "klik-days", Message: fmt.Sprintf("Opgaven ville slutte %s, før den starter %s. Ret en af dagene, eller lad felterne være tomme, så gælder opgavens egne dage.", span.End, span.Start)}
	}
	if p := s.Plan.Project(t.Project); p != nil && t.Frozen {
		if clash := model.FrozenClash(span, p.Frozen); clash != "" {
			return &model.Problem{Code: "klik-frozen", Message: "Opgaven må ikke starte eller slutte i en frossen periode, men " + clash + ". Vælg en anden dag."}
		}
	}
	return nil
}

func (f *Folder) replayKlik(ctx context.Context, e Entry) error {
	d := e.Klik
	if e.Kept != "" {
		data, err := os.ReadFile(f.path(e.Kept))
		if err != nil {
			return &model.Problem{Code: "kept-file-missing", Message: fmt.Sprintf("Den gemte fil %s mangler.", e.Kept), Err: err}
		}
		in, err := f.applyKlikFile(ctx, readKeptKlik(f.Book, e.File, strings.TrimPrefix(filepath.Ext(e.Kept), "."), data), e.At)
		if err != nil {
			return err
		}
		if in.File.Fault {
			return &model.Problem{Code: "kept-file-changed", Message: fmt.Sprintf("Den gemte fil %s kan ikke læses igen.", e.Kept)}
		}
		d = &in.Decision
	}
	if d == nil {
		return fmt.Errorf("journal line %d has neither a kept file nor a decision", e.Seq)
	}
	load, err := f.beginKlik(ctx, e.Seq, d, e.By, e.At)
	if err != nil {
		return err
	}
	return f.applied(ctx, load, e)
}

// beginKlik carries a decision out in a transaction that is still open.
func (f *Folder) beginKlik(ctx context.Context, seq uint64, d *model.KlikDecision, by string, at time.Time) (*queries.Load, error) {
	load, err := f.Store.BeginDecision(ctx)
	if err != nil {
		return nil, err
	}
	if err := load.AddKlik(ctx, seq, d, by, at); err != nil {
		return nil, errors.Join(diskProblem(err), load.Rollback())
	}
	return load, nil
}
