package reports

import (
	"context"

	"komhen/model"
	"komhen/queries"
)

// klikLongest is how many days of progress are shown at most.
const klikLongest = 400

// klikProgress has a row for each day: the figures as they stood at its end, by the plan that was in force and what had been said by then. Nothing is stored
// for it, so a day that nobody looked at is exact, and rebuild gives the same.
func klikProgress(ctx context.Context, b *klikBoard, r *Report) error {
	planDays, err := b.st.KlikPlanDays(ctx)
	if err != nil {
		return err
	}
	only := uint16(0)
	if len(b.q.Filter.Municipalities) == 1 {
		only = b.q.Filter.Municipalities[0]
	}
	turns, err := b.st.KlikTurns(ctx, only)
	if err != nil {
		return err
	}
	by := map[model.KlikKey][]queries.KlikTurn{}
	for first := 0; first < len(turns); {
		next := first + 1
		key := model.KlikKey{Task: turns[first].Task, Municipality: turns[first].Municipality}
		for next < len(turns) && turns[next].Task == key.Task && turns[next].Municipality == key.Municipality {
			next++
		}
		by[key] = turns[first:next]
		first = next
	}
	r.Columns = []Column{{Name: "date", Label: "Dato", Unit: Day}, {Name: "tasks", Label: "Opgaver", Unit: Number}, {Name: "completed", Label: "Fuldført", Unit: Number},
		{Name: "completed_share", Label: "Fuldført andel", Unit: Share}, {Name: "red", Label: "Rød", Unit: Number}, {Name: "yellow", Label: "Gul", Unit: Number}, {Name: "green", Label: "Grøn", Unit: Number}}
	if len(planDays) == 0 || planDays[0] > b.q.Today {
		return nil
	}
	first := max(planDays[0], b.q.Today-klikLongest+1)
	days := newKlikDays(first, b.q.Today)
	for i, day := range planDays {
		last := b.q.Today
		if i+1 < len(planDays) {
			last = min(last, planDays[i+1]-1)
		}
		if last < first || day > b.q.Today {
			continue
		}
		plan := b.whole
		if last < b.q.Today {
			if plan, err = b.st.KlikPlan(ctx, day); err != nil {
				return err
			}
		}
		days.segment(b, plan, by, max(first, day), last)
	}
	days.rows(r)
	r.Notes = append(r.Notes, "Hver dag er, som den så ud, da den sluttede: med de datoer, der gjaldt, og det, kommunerne havde sagt. Filtre på status, deadline, datoer, ansvarlig og udfører gælder ikke her.")
	return nil
}

// klikDays count by differences: what begins on a day is added there and taken away the day after it ends.
type klikDays struct {
	first, last                                      model.Date
	tasks, completed, irrelevant, red, yellow, green []int64
}

func newKlikDays(first, last model.Date) *klikDays {
	n := int(last-first) + 2
	return &klikDays{first, last, make([]int64, n), make([]int64, n), make([]int64, n), make([]int64, n), make([]int64, n), make([]int64, n)}
}

func (d *klikDays) add(to []int64, from, until model.Date) {
	if from <= until {
		to[from-d.first]++
		to[until-d.first+1]--
	}
}

// segment counts the days from..until, in which one plan was in force.
func (d *klikDays) segment(b *klikBoard, plan *model.KlikPlan, turns map[model.KlikKey][]queries.KlikTurn, from, until model.Date) {
	old := b.plan
	b.plan = plan // whose names the filter asks about
	defer func() { b.plan = old }()
	last := until
	b.pick(plan, func(t *model.KlikTask, w *model.KlikWave, municipality uint16) {
		until := last
		if t.Deletes != 0 { // it counts on the days before
			if until = min(last, t.LastDay()); until < from {
				return
			}
		}
		d.add(d.tasks, from, until)
		usual := t.SpanOf(w)
		now := model.KlikWork{Status: model.KlikNotBegun}
		at := from
		for _, turn := range turns[model.KlikKey{Task: t.ID, Municipality: municipality}] {
			if turn.Day > until {
				break
			}
			if turn.Day > at {
				d.stretch(b, usual, now, at, turn.Day-1)
				at = turn.Day
			}
			now.Status, now.Start, now.End = turn.Status, turn.Start, turn.End
		}
		d.stretch(b, usual, now, at, until)
	})
}

// stretch counts days on which nothing but the date changed.
func (d *klikDays) stretch(b *klikBoard, usual model.KlikSpan, w model.KlikWork, from, until model.Date) {
	span := w.Span(usual)
	switch {
	case w.Status == model.KlikCompleted:
		d.add(d.completed, from, until)
	case b.cb.Klik.Closed(w.Status):
		d.add(d.irrelevant, from, until)
	case span.End != 0:
		yellow, red := b.plan.Thresholds.Turns(span)
		d.add(d.green, from, min(until, yellow-1))
		d.add(d.yellow, max(from, yellow), min(until, red-1))
		d.add(d.red, max(from, red), until)
	}
}

func (d *klikDays) rows(r *Report) {
	var tasks, completed, irrelevant, red, yellow, green int64
	for i := range d.tasks[:len(d.tasks)-1] {
		tasks, completed, irrelevant = tasks+d.tasks[i], completed+d.completed[i], irrelevant+d.irrelevant[i]
		red, yellow, green = red+d.red[i], yellow+d.yellow[i], green+d.green[i]
		var share any
		if tasks > irrelevant {
			share = float64(completed) / float64(tasks-irrelevant)
		}
		r.Rows = append(r.Rows, []any{d.first + model.Date(i), tasks, completed, share, red, yellow, green})
	}
}
