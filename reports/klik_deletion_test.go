package reports

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"komhen/model"
	"komhen/queries"
)

// TestKlikDeletionInViews: on the day before, the day and the day after a deletion, every view is what it would be of a plan that never had the task, or as if
// nothing was announced; the progress keeps the days before, and a view of an earlier day that is asked for later does not bring the task back.
func TestKlikDeletionInViews(t *testing.T) {
	cb := klikBook(t)
	st, first, today := klikStore(t, cb)
	ctx := t.Context()
	seq := uint64(50)
	decide := func(st *queries.Store, at model.Date, d model.KlikDecision) {
		t.Helper()
		seq++
		load, err := st.BeginDecision(ctx)
		if err == nil {
			if err = load.AddKlik(ctx, seq, &d, "konto-7", at.Time().Add(9*time.Hour)); err == nil {
				err = load.Commit(ctx)
			}
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	plan, err := st.KlikPlan(ctx, 0)
	if err != nil {
		t.Fatal(err)
	}
	deleted := func(id uint32, day model.Date) model.KlikTask {
		task := *plan.Task(id)
		task.Deletes = day
		return task
	}
	undisturbed, _, _ := klikStore(t, cb)
	without, _, _ := klikStore(t, cb)
	day := today - 5
	decide(st, day-20, model.KlikDecision{Tasks: []model.KlikTask{deleted(5, day), deleted(6, day+30), deleted(7, day)}})
	decide(st, day-19, model.KlikDecision{Tasks: []model.KlikTask{deleted(7, 0)}})
	decide(st, day-18, model.KlikDecision{Tasks: []model.KlikTask{deleted(6, day)}})
	decide(without, first+95, model.KlikDecision{Gone: []uint32{5, 6}})
	for _, on := range []model.Date{day - 1, day, day + 1} {
		other := undisturbed
		if on >= day {
			other = without
		}
		for _, d := range KlikNames() {
			if d.Name == "progress" {
				continue
			}
			q := KlikQuery{Name: d.Name, Today: on, Filter: KlikFilter{Completed: true}}
			if got, want := runKlik(t, st, cb, q), runKlik(t, other, cb, q); fmt.Sprint(got.Rows, got.Totals) != fmt.Sprint(want.Rows, want.Totals) {
				t.Errorf("%s on %s:\n%v\n%v", d.Name, on, got.Rows, want.Rows)
			}
		}
		_, err := KlikTask(ctx, st, cb, 5, 259, KlikQuery{Today: on, Own: 259})
		if code := problemCode(err); (code == "klik-task-deleted") != (on >= day) {
			t.Errorf("%s: %v", on, err)
		}
		if _, err := KlikTask(ctx, st, cb, 5, 461, KlikQuery{Today: on, Own: 259}); problemCode(err) != "klik-task-unknown" {
			t.Errorf("another municipality's: %v", err)
		}
		whole, err := KlikWhole(ctx, st, cb, KlikQuery{Today: on, Own: 259})
		if err != nil {
			t.Fatal(err)
		}
		for _, view := range whole {
			one, err := KlikTask(ctx, st, cb, view.Task.ID, 259, KlikQuery{Today: on, Own: 259})
			if err != nil || fmt.Sprintf("%+v", *one.Sheet(cb, false, strings.ToUpper)) != fmt.Sprintf("%+v", *view.Sheet(cb, false, strings.ToUpper)) {
				t.Errorf("%s, task %d: %v", on, view.Task.ID, err)
			}
		}
		if want := map[bool]int{false: 12 - 1, true: 12 - 1 - 2}[on >= day]; len(whole) != want { // less the one that is gone already
			t.Errorf("%s: %d tasks whole, want %d", on, len(whole), want)
		}
	}
	q := KlikQuery{Name: "masters", Today: day - 1, Now: day}
	if got, want := runKlik(t, st, cb, q), runKlik(t, without, cb, q); fmt.Sprint(got.Rows) != fmt.Sprint(want.Rows) {
		t.Errorf("asked later, a deleted task is in a view of an earlier day:\n%v", got.Rows)
	}
	got, before, after := runKlik(t, st, cb, KlikQuery{Name: "progress", Today: today}), runKlik(t, undisturbed, cb, KlikQuery{Name: "progress", Today: today}), runKlik(t, without, cb, KlikQuery{Name: "progress", Today: today})
	for i, row := range got.Rows {
		want := before.Rows[i]
		if row[0].(model.Date) >= day {
			want = after.Rows[len(after.Rows)-len(got.Rows)+i]
		}
		if fmt.Sprint(row) != fmt.Sprint(want) {
			t.Errorf("%v, want %v", row, want)
		}
	}
	d, err := KlikDeletionsOf(ctx, st, 259, day-1)
	if err != nil || len(d.Ahead) != 1 || len(d.Done) != 0 || len(d.Ahead[0].Tasks) != 2 || d.Ahead[0].Day != day || len(d.Log) != 4 || d.Log[3].By != "konto-7" || len(d.Log[3].Tasks) != 2 {
		t.Errorf("%+v %v", d, err)
	}
	if d, err = KlikDeletionsOf(ctx, st, 0, day); err != nil || len(d.Ahead) != 0 || len(d.Done) != 1 || len(d.Done[0].Municipalities()) != 4 {
		t.Errorf("%+v %v", d, err)
	}
	if at, by := d.Done[0].First(); model.DateOf(at) != day-20 || by != "konto-7" {
		t.Error(at, by)
	}
	morning := func(d model.Date) time.Time { return d.Time().Add(7 * time.Hour) }
	for _, c := range []struct {
		after, until model.Date
		want         string
	}{{day - 20, day - 19, "0→day 0→+30"}, {day - 19, day - 18, "day→0"}, {day - 20, day - 18, "0→day 0→+30"}, {day - 18, day - 17, "+30→day"}, {day - 20, day, "0→day"}, {day, day + 9, ""}} {
		list, err := KlikDeletionNews(ctx, st, 259, morning(c.after), morning(c.until))
		if err != nil {
			t.Fatal(err)
		}
		say := map[model.Date]string{0: "0", day: "day", day + 30: "+30"}
		var got []string
		for _, a := range list {
			got = append(got, say[a.From]+"→"+say[a.To])
		}
		if text := strings.Join(got, " "); text != c.want {
			t.Errorf("from %s to %s: %s, want %s", c.after, c.until, text, c.want)
		}
	}
	if list, err := KlikDeletionNews(ctx, st, 851, morning(first), morning(today)); err != nil || len(list) > 0 {
		t.Errorf("a municipality without the tasks: %+v %v", list, err)
	}
	if _, err := KlikWhole(context.Background(), st, cb, KlikQuery{Today: today}); problemCode(err) != "klik-export-whose" {
		t.Error(err)
	}
}

func problemCode(err error) string {
	var p *model.Problem
	if errors.As(err, &p) {
		return p.Code
	}
	return ""
}
