package queries

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"komhen/model"
)

// The kinds of klik_plan. They are in databases and never change.
const (
	klikProject    = "project"
	klikWave       = "wave"
	klikTask       = "task"
	klikThresholds = "thresholds"
)

var klikPlanSchema = arrow.NewSchema([]arrow.Field{
	{Name: "place", Type: arrow.PrimitiveTypes.Uint32}, {Name: "kind", Type: arrow.BinaryTypes.String},
	{Name: "id", Type: arrow.PrimitiveTypes.Uint32}, {Name: "body", Type: arrow.BinaryTypes.String},
}, nil)

var klikStepSchema = arrow.NewSchema([]arrow.Field{
	{Name: "place", Type: arrow.PrimitiveTypes.Uint32}, {Name: "moment", Type: arrow.PrimitiveTypes.Int64},
	{Name: "task", Type: arrow.PrimitiveTypes.Uint32}, {Name: "municipality", Type: arrow.PrimitiveTypes.Uint16},
	{Name: "status", Type: arrow.PrimitiveTypes.Uint8}, {Name: "responsible", Type: arrow.BinaryTypes.String},
	{Name: "performer", Type: arrow.BinaryTypes.String}, {Name: "start_day", Type: arrow.PrimitiveTypes.Int32},
	{Name: "end_day", Type: arrow.PrimitiveTypes.Int32},
}, nil)

// AddKlik stores what decision seq changes. The order of its parts, and so their place, is always the same.
func (l *Load) AddKlik(ctx context.Context, seq uint64, d *model.KlikDecision, by string, at time.Time) error {
	if err := l.addKlikPlan(ctx, seq, d, by, at); err != nil {
		return err
	}
	if err := l.addKlikSteps(ctx, seq, d.Steps, by, at); err != nil {
		return err
	}
	for i, c := range d.Comments {
		if err := l.run(ctx, "klik/insert_comment", seq, i, wall(at), by, c.Task, c.Municipality, c.Text); err != nil {
			return err
		}
	}
	return nil
}

func (l *Load) addKlikPlan(ctx context.Context, seq uint64, d *model.KlikDecision, by string, at time.Time) error {
	b := array.NewRecordBuilder(memory.DefaultAllocator, klikPlanSchema)
	defer b.Release()
	n := 0
	add := func(kind string, id uint32, body any) error {
		text := []byte{}
		if body != nil {
			var err error
			if text, err = json.Marshal(body); err != nil {
				return err
			}
		}
		b.Field(0).(*array.Uint32Builder).Append(uint32(n))
		b.Field(1).(*array.StringBuilder).Append(kind)
		b.Field(2).(*array.Uint32Builder).Append(id)
		b.Field(3).(*array.StringBuilder).Append(string(text))
		n++
		return nil
	}
	for _, x := range d.Projects {
		if err := add(klikProject, x.ID, x); err != nil {
			return err
		}
	}
	for _, x := range d.Waves {
		if err := add(klikWave, x.ID, x); err != nil {
			return err
		}
	}
	for _, x := range d.Tasks {
		if err := add(klikTask, x.ID, x); err != nil {
			return err
		}
	}
	for _, id := range d.Gone {
		if err := add(klikTask, id, nil); err != nil {
			return err
		}
	}
	if d.Thresholds != nil {
		if err := add(klikThresholds, 1, d.Thresholds); err != nil {
			return err
		}
	}
	if n == 0 {
		return nil
	}
	record := b.NewRecordBatch()
	defer record.Release()
	return l.incoming(ctx, "klik/insert_plan", klikPlanSchema, []arrow.RecordBatch{record}, seq, wall(at), by)
}

func (l *Load) addKlikSteps(ctx context.Context, seq uint64, steps []model.KlikStep, by string, at time.Time) error {
	if len(steps) == 0 {
		return nil
	}
	b := array.NewRecordBuilder(memory.DefaultAllocator, klikStepSchema)
	defer b.Release()
	for i, s := range steps {
		moment := s.At
		if moment == 0 {
			moment = model.MomentOf(at)
		}
		b.Field(0).(*array.Uint32Builder).Append(uint32(i))
		b.Field(1).(*array.Int64Builder).Append(int64(moment))
		b.Field(2).(*array.Uint32Builder).Append(s.Task)
		b.Field(3).(*array.Uint16Builder).Append(s.Municipality)
		b.Field(4).(*array.Uint8Builder).Append(s.Status)
		b.Field(5).(*array.StringBuilder).Append(s.Responsible)
		b.Field(6).(*array.StringBuilder).Append(s.Performer)
		b.Field(7).(*array.Int32Builder).Append(int32(s.Start))
		b.Field(8).(*array.Int32Builder).Append(int32(s.End))
	}
	record := b.NewRecordBatch()
	defer record.Release()
	return l.incoming(ctx, "klik/insert_steps", klikStepSchema, []arrow.RecordBatch{record}, seq, by)
}

// until is the end of a day for a query; 0 is always.
func until(day model.Date) sql.NamedArg {
	if day == 0 {
		return sql.Named("until", "9999-12-31")
	}
	return sql.Named("until", (day + 1).ISO())
}

// KlikPlan is the plan as it stood at the end of a day; 0 is now.
func (s *Store) KlikPlan(ctx context.Context, day model.Date) (*model.KlikPlan, error) {
	type row struct {
		kind, body string
		id         uint32
	}
	rows, err := reportRows(ctx, s, "klik/plan", []any{until(day)}, func(r *row) []any { return []any{&r.kind, &r.id, &r.body} })
	if err != nil {
		return nil, err
	}
	p := &model.KlikPlan{}
	for _, r := range rows {
		switch r.kind {
		case klikProject:
			p.Projects, err = appended(p.Projects, r.body)
		case klikWave:
			p.Waves, err = appended(p.Waves, r.body)
		case klikTask:
			p.Tasks, err = appended(p.Tasks, r.body)
		case klikThresholds:
			err = json.Unmarshal([]byte(r.body), &p.Thresholds)
		}
		if err != nil {
			return nil, failed(fmt.Errorf("klik_plan, %s %d: %w", r.kind, r.id, err))
		}
	}
	p.Reindex()
	return p, nil
}

func appended[T any](list []T, body string) ([]T, error) {
	var one T
	err := json.Unmarshal([]byte(body), &one)
	return append(list, one), err
}

// KlikNextIDs are the ids that the next project, wave and task get. Ids of what was deleted are never given again.
func (s *Store) KlikNextIDs(ctx context.Context) (project, wave, task uint32, err error) {
	type row struct {
		kind string
		id   uint32
	}
	rows, err := reportRows(ctx, s, "klik/next_ids", nil, func(r *row) []any { return []any{&r.kind, &r.id} })
	last := map[string]uint32{}
	for _, r := range rows {
		last[r.kind] = r.id
	}
	return last[klikProject] + 1, last[klikWave] + 1, last[klikTask] + 1, err
}

// KlikPlanDays are the days on which the plan was changed, oldest first.
func (s *Store) KlikPlanDays(ctx context.Context) ([]model.Date, error) {
	return reportRows(ctx, s, "klik/plan_days", nil, func(d *model.Date) []any { return []any{asDay(d)} })
}

// maybeDay reads a DATE that may be NULL, which is 0.
func maybeDay(d *model.Date) sql.Scanner { return (*maybeScanner)(d) }

type maybeScanner model.Date

func (d *maybeScanner) Scan(v any) error {
	if v == nil {
		*d = 0
		return nil
	}
	return (*dayScanner)(d).Scan(v)
}

// KlikWorks is what municipalities have said of their tasks by the end of a day (0 is now); municipality 0 is all.
func (s *Store) KlikWorks(ctx context.Context, day model.Date, municipality uint16) (model.KlikWorks, error) {
	rows, err := reportRows(ctx, s, "klik/works", []any{until(day), sql.Named("municipality", municipality)}, func(w *model.KlikWork) []any {
		return []any{&w.Task, &w.Municipality, &w.Status, &w.Responsible, &w.Performer, maybeDay(&w.Start), maybeDay(&w.End)}
	})
	works := make(model.KlikWorks, len(rows))
	for _, w := range rows {
		works[w.Key()] = w
	}
	return works, err
}

// KlikStep is a step of the history with who took it; By is an opaque account id, "" the command line.
type KlikStep struct {
	model.KlikStep
	By string
}

// KlikSteps is the history of a task of a municipality, oldest first; 0 is all of them.
func (s *Store) KlikSteps(ctx context.Context, task uint32, municipality uint16) ([]KlikStep, error) {
	type row struct {
		KlikStep
		at time.Time
	}
	rows, err := reportRows(ctx, s, "klik/steps", []any{sql.Named("task", task), sql.Named("municipality", municipality)}, func(r *row) []any {
		return []any{&r.Task, &r.Municipality, &r.Status, &r.Responsible, &r.Performer, maybeDay(&r.Start), maybeDay(&r.End), &r.at, &r.By}
	})
	out := make([]KlikStep, len(rows))
	for i, r := range rows {
		out[i] = r.KlikStep
		out[i].At = model.Moment(r.at.Unix())
	}
	return out, err
}

// KlikTurn is the last status of a day on which it was said, with the municipality's own days.
type KlikTurn struct {
	Task         uint32
	Municipality uint16
	Day          model.Date
	Status       uint8
	Start, End   model.Date
}

// KlikTurns are all of them by task, municipality and day; municipality 0 is all.
func (s *Store) KlikTurns(ctx context.Context, municipality uint16) ([]KlikTurn, error) {
	return reportRows(ctx, s, "klik/turns", []any{sql.Named("municipality", municipality)}, func(t *KlikTurn) []any {
		return []any{&t.Task, &t.Municipality, asDay(&t.Day), &t.Status, maybeDay(&t.Start), maybeDay(&t.End)}
	})
}

// KlikSaid is a comment or message with who wrote it when.
type KlikSaid struct {
	model.KlikComment
	At time.Time
	By string
}

// KlikComments are those of a task that a municipality sees: its own and the messages to all. Municipality 0 is everybody's, task 0 all tasks.
func (s *Store) KlikComments(ctx context.Context, task uint32, municipality uint16) ([]KlikSaid, error) {
	rows, err := reportRows(ctx, s, "klik/comments", []any{sql.Named("task", task), sql.Named("municipality", municipality)}, func(c *KlikSaid) []any {
		return []any{&c.Task, &c.Municipality, &c.Text, &c.At, &c.By}
	})
	for i := range rows {
		rows[i].At = unwall(rows[i].At)
	}
	return rows, err
}

// KlikVersion is a version of a master task with who made it when.
type KlikVersion struct {
	model.KlikTask
	At time.Time
	By string
}

// KlikAnnouncedVersions are all versions of the tasks whose deletion was ever announced (KL09), oldest first: what was announced, moved and withdrawn is the
// difference between one and the next.
func (s *Store) KlikAnnouncedVersions(ctx context.Context) ([]KlikVersion, error) {
	type row struct {
		KlikVersion
		id   uint32
		body string
	}
	rows, err := reportRows(ctx, s, "klik/announced_versions", nil, func(r *row) []any { return []any{&r.id, &r.body, &r.At, &r.By} })
	if err != nil {
		return nil, err
	}
	out := make([]KlikVersion, len(rows))
	for i, r := range rows {
		out[i] = r.KlikVersion
		out[i].At = unwall(r.At)
		if err := json.Unmarshal([]byte(r.body), &out[i].KlikTask); err != nil {
			return nil, failed(fmt.Errorf("klik_plan, task %d: %w", r.id, err))
		}
	}
	return out, nil
}
