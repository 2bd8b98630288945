package reports

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"komhen/model"
	"komhen/model/codebook"
	"komhen/queries"
)

func klikBook(t testing.TB) *model.Codebook {
	t.Helper()
	cb, err := codebook.Load()
	if err != nil {
		t.Fatal(err)
	}
	return cb
}

func some[T any](r *rapid.T, name string, list []T) []T {
	return rapid.SliceOfNDistinct(rapid.SampledFrom(list), 0, min(3, len(list)), func(v T) string { return fmt.Sprint(v) }).Draw(r, name)
}

// TestKlikFilterAddress: a filter comes back from its address as it was, whatever is combined.
func TestKlikFilterAddress(t *testing.T) {
	cb := klikBook(t)
	ids := func(list []model.KlikCode) (out []uint8) {
		for _, c := range list {
			out = append(out, c.ID)
		}
		return out
	}
	rapid.Check(t, func(r *rapid.T) {
		sorted := func(name string, list []string) []string {
			out := some(r, name, list)
			slices.Sort(out)
			if len(out) == 0 {
				return nil
			}
			return out
		}
		codes := func(name string, list []model.KlikCode) []uint8 {
			out := some(r, name, ids(list))
			slices.Sort(out)
			if len(out) == 0 {
				return nil
			}
			return out
		}
		day := func(name string) model.Date {
			return model.Date(rapid.SampledFrom([]int{0, 19000, 19782, 20500}).Draw(r, name))
		}
		f := KlikFilter{Projects: sorted("projects", []string{"KP", "A & B", "Ny løsning; fase 2", "100 %"}), Waves: sorted("waves", []string{"Bølge 1", "b=2"}), Phases: codes("phases", cb.Klik.Phases),
			Themes: codes("themes", cb.Klik.Themes), Priorities: codes("priorities", cb.Klik.Priorities), Statuses: codes("statuses", cb.Klik.Statuses), StartFrom: day("sf"), StartTo: day("st"), EndFrom: day("ef"), EndTo: day("et"),
			Responsible: sorted("responsible", []string{"Leder", "It & drift"}), Performer: sorted("performer", []string{"X"}), STS: rapid.SampledFrom([]string{"", "yes", "no"}).Draw(r, "sts"), Completed: rapid.Bool().Draw(r, "completed")}
		if list := some(r, "municipalities", []uint16{259, 461, 999}); len(list) > 0 {
			slices.Sort(list)
			f.Municipalities = list
		}
		if list := some(r, "colours", []model.KlikColour{model.KlikNone, model.KlikGreen, model.KlikYellow, model.KlikRed}); len(list) > 0 {
			slices.Sort(list)
			f.Colours = list
		}
		q, err := url.ParseQuery(f.Values(cb).Encode())
		if err != nil {
			r.Fatal(err)
		}
		got, err := ParseKlikFilter(cb, q)
		if err != nil || !reflect.DeepEqual(got, f) {
			r.Fatalf("%+v became %+v (%v) through %s", f, got, err, f.Values(cb).Encode())
		}
		if f.Used(cb) != len(q) || (f.Describe(cb) == "") != (len(q) == 0) {
			r.Fatalf("%d filters of %v: %q", f.Used(cb), q, f.Describe(cb))
		}
	})
	for _, wrong := range []string{"phase=9", "deadline=lilla", "municipality=Andeby", "start-from=31-12-2026", "end-to=2026-02-30", "sts=måske", "status=x", "completed=x"} {
		q, _ := url.ParseQuery(wrong)
		if _, err := ParseKlikFilter(cb, q); err == nil {
			t.Errorf("%s was taken", wrong)
		}
	}
	q, _ := url.ParseQuery("phase=2&deadline=Rød&priority=Valgfri&municipality=Køge&status=Fuldført&sts=ja&completed=ja")
	if f, err := ParseKlikFilter(cb, q); err != nil || f.Values(cb).Encode() != "completed=1&deadline=red&municipality=259&phase=FORBEREDELSE&priority=ANBEFALET&status=FULDFOERT&sts=yes" {
		t.Errorf("%+v, %v", f, err)
	}
}

// klikStore is a small plan with a history of a hundred days: two waves and a test wave, a go-live that was moved, thresholds that were changed, and days of
// a municipality's own.
func klikStore(t *testing.T, cb *model.Codebook) (st *queries.Store, first, today model.Date) {
	t.Helper()
	ctx := context.Background()
	st, err := queries.Open(ctx, queries.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	first, today = model.NewDate(2026, 1, 10), model.NewDate(2026, 4, 20)
	seq := uint64(0)
	decide := func(day model.Date, d model.KlikDecision) {
		t.Helper()
		seq++
		load, err := st.BeginDecision(ctx)
		if err == nil {
			if err = load.AddKlik(ctx, seq, &d, "konto", day.Time().Add(9*time.Hour)); err == nil {
				err = load.Commit(ctx)
			}
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	n := func(x int) *int { return &x }
	waves := []model.KlikWave{{ID: 1, Project: 1, Name: "Bølge 1", GoLive: first + 60, Municipalities: []uint16{253, 259}}, {ID: 2, Project: 1, Name: "Bølge 2", GoLive: first + 90, Municipalities: []uint16{461}},
		{ID: 3, Project: 1, Name: "Test", GoLive: first + 20, Municipalities: []uint16{model.KlikTestMunicipality}}, {ID: 4, Project: 2, Name: "Bølge 1", Municipalities: []uint16{259}}}
	var tasks []model.KlikTask
	for i := range 12 {
		task := model.KlikTask{ID: uint32(i + 1), Project: 1, Prefix: "A", Number: i + 1, Title: fmt.Sprintf("(A %d) Gør %d", i+1, i+1), Phase: uint8(1 + i%4), Theme: uint8(1 + i%7), Priority: uint8(1 + i%3), STS: i%4 == 0,
			End: n(5*i - 40), Start: n(-10), Duration: n(i), Waves: []uint32{1, 2, 3}}
		if i%5 == 4 {
			task.Needs = []string{fmt.Sprintf("A %d", i)}
		}
		if i == 11 {
			task.Project, task.Waves, task.End = 2, []uint32{4}, nil
		}
		tasks = append(tasks, task)
	}
	decide(first, model.KlikDecision{Projects: []model.KlikProject{{ID: 1, Name: "Ny løsning"}, {ID: 2, Name: "Andet"}}, Waves: waves, Tasks: tasks[:9]})
	decide(first+3, model.KlikDecision{Tasks: tasks[9:]})
	random := rand.New(rand.NewPCG(1, 2))
	var steps []model.KlikStep
	for task := range uint32(11) {
		for _, m := range []uint16{253, 259, 461, model.KlikTestMunicipality} {
			at := first + model.Date(random.IntN(40))
			for range random.IntN(5) {
				w := model.KlikWork{Task: task + 1, Municipality: m, Status: uint8(1 + random.IntN(5)), Responsible: []string{"", "Leder", "It"}[random.IntN(3)]}
				if random.IntN(6) == 0 {
					w.End = at + model.Date(random.IntN(40))
				}
				steps = append(steps, model.KlikStep{KlikWork: w, At: at.At(random.IntN(86400))})
				at += model.Date(random.IntN(20))
			}
		}
	}
	decide(first+50, model.KlikDecision{Steps: steps[:len(steps)/2]})
	moved := waves[0]
	moved.GoLive += 15
	decide(first+55, model.KlikDecision{Waves: []model.KlikWave{moved}})
	decide(first+70, model.KlikDecision{Thresholds: &model.KlikThresholds{Yellow: 3, Red: 1}})
	decide(first+95, model.KlikDecision{Steps: steps[len(steps)/2:], Gone: []uint32{3}})
	return st, first, today
}

func runKlik(t *testing.T, st *queries.Store, cb *model.Codebook, q KlikQuery) *Report {
	t.Helper()
	r, err := RunKlik(context.Background(), st, cb, q)
	if err != nil {
		t.Fatal(q.Name, err)
	}
	for _, row := range append(slices.Clone(r.Rows), r.Totals) {
		if len(row) != len(r.Columns) && len(row) > 0 {
			t.Fatalf("%s: a row of %d cells under %d columns", q.Name, len(row), len(r.Columns))
		}
	}
	return r
}

// cellAt is a cell of a row by its column's name.
func (r *Report) cellAt(row []any, name string) any {
	for i, c := range r.Columns {
		if c.Name == name {
			return row[i]
		}
	}
	return nil
}

// TestKlikProgress: each day of the progress is what the views said on that day, made from what stood at its end.
func TestKlikProgress(t *testing.T) {
	cb := klikBook(t)
	st, first, today := klikStore(t, cb)
	for _, f := range []KlikFilter{{}, {Municipalities: []uint16{259}}, {Municipalities: []uint16{model.KlikTestMunicipality}}, {Phases: []uint8{1, 3}}, {Projects: []string{"ny løsning"}, STS: "yes"}, {Municipalities: []uint16{461, 253}}} {
		r := runKlik(t, st, cb, KlikQuery{Name: "progress", Filter: f, Today: today})
		if len(r.Rows) != int(today-first)+1 {
			t.Fatalf("%d days", len(r.Rows))
		}
		for i, row := range r.Rows {
			day := first + model.Date(i)
			plan, err := st.KlikPlan(t.Context(), day)
			if err != nil {
				t.Fatal(err)
			}
			works, err := st.KlikWorks(t.Context(), day, 0)
			if err != nil {
				t.Fatal(err)
			}
			b := &klikBoard{st: st, cb: cb, q: KlikQuery{Filter: f, Today: day}, plan: plan, works: works}
			var sums klikSums
			b.pick(plan, func(task *model.KlikTask, w *model.KlikWave, m uint16) {
				l := b.line(task, w, m)
				sums.add(&l)
			})
			want := []any{day, sums.tasks, sums.completed, sums.share(), sums.red, sums.yellow, sums.green}
			if !reflect.DeepEqual(row, want) {
				t.Fatalf("%+v on %s: %v, want %v", f, day, row, want)
			}
		}
	}
}

// TestKlikViews: the same tasks are counted whatever they are grouped by, Korsbæk's in none of the country's figures, and completed ones are hidden.
func TestKlikViews(t *testing.T) {
	cb := klikBook(t)
	st, _, today := klikStore(t, cb)
	var want []any
	for _, d := range KlikNames() {
		r := runKlik(t, st, cb, KlikQuery{Name: d.Name, Today: today})
		if len(r.Totals) > 0 {
			if want == nil {
				want = r.Totals[2:]
			}
			if !reflect.DeepEqual(r.Totals[2:], want) {
				t.Errorf("%s: %v, and another view has %v", d.Name, r.Totals[2:], want)
			}
			for i := range klikSumColumns {
				sum := int64(0)
				if n, count := r.Totals[i+2].(int64); count && klikSumColumns[i].Name != "behind" {
					for _, row := range r.Rows {
						sum += row[i+2].(int64)
					}
					if sum != n {
						t.Errorf("%s: %s adds up to %d, not %d", d.Name, klikSumColumns[i].Name, sum, n)
					}
				}
			}
		}
		var b bytes.Buffer
		for _, write := range []func() error{func() error { return WriteTable(&b, r) }, func() error { return WriteCSV(&b, r) }, func() error { return WriteJSON(&b, r) }} {
			if err := write(); err != nil {
				t.Error(d.Name, err)
			}
		}
		notes := strings.Join(r.Notes, " ")
		if strings.Contains(strings.ReplaceAll(b.String(), notes, ""), "Testbølgen »") || strings.Count(b.String(), "Korsbæk") > 2 {
			t.Errorf("%s tells of Korsbæk:\n%s", d.Name, b.String())
		}
		if !strings.Contains(notes, "Rød: opgaven er ikke færdig") {
			t.Errorf("%s does not say what a colour means", d.Name)
		}
	}
	if n := want[0]; n != int64(11*3-3+1) { // eleven tasks less the deleted one, of three municipalities, and one of Køge's
		t.Errorf("%v tasks", n)
	}
	korsbaek := runKlik(t, st, cb, KlikQuery{Name: "municipalities", Today: today, Filter: KlikFilter{Municipalities: []uint16{model.KlikTestMunicipality}}})
	if len(korsbaek.Rows) != 1 || korsbaek.Heading() != "Korsbæk · KLIK den 20-04-2026" {
		t.Errorf("%v %s", korsbaek.Rows, korsbaek.Heading())
	}
	hidden := runKlik(t, st, cb, KlikQuery{Name: "tasks", Today: today})
	all := runKlik(t, st, cb, KlikQuery{Name: "tasks", Today: today, Filter: KlikFilter{Completed: true}})
	if int64(len(all.Rows)) != want[0] || int64(len(hidden.Rows)) != want[0].(int64)-want[1].(int64)-want[7].(int64) {
		t.Errorf("%d with completed, %d without, of %v", len(all.Rows), len(hidden.Rows), want)
	}
	for _, row := range runKlik(t, st, cb, KlikQuery{Name: "follow-up", Today: today}).Rows {
		if text := fmt.Sprint(row); strings.Contains(text, "Anbefalet") || strings.Contains(text, "Grøn") || strings.Contains(text, "Fuldført") {
			t.Errorf("followed up: %v", row)
		}
	}
	red := runKlik(t, st, cb, KlikQuery{Name: "tasks", Today: today, Filter: KlikFilter{Colours: []model.KlikColour{model.KlikRed}}})
	if int64(len(red.Rows)) != want[3] {
		t.Errorf("%d red lines, and %v are counted", len(red.Rows), want[3])
	}
	for _, row := range red.Rows {
		if end := red.cellAt(row, "end").(model.Date); red.cellAt(row, "behind") != int64(today-end) || today-end < 2 { // red is a day later here
			t.Errorf("%v", row)
		}
	}
}

// TestKlikOwn: a municipality sees the country's sums and its own tasks, and nothing else of others.
func TestKlikOwn(t *testing.T) {
	cb := klikBook(t)
	st, _, today := klikStore(t, cb)
	for _, d := range KlikNames() {
		if _, err := RunKlik(t.Context(), st, cb, KlikQuery{Name: d.Name, Today: today, Own: 259, Filter: KlikFilter{Municipalities: []uint16{461}}}); err == nil {
			t.Errorf("%s of another municipality was given", d.Name)
		}
		r := runKlik(t, st, cb, KlikQuery{Name: d.Name, Today: today, Own: 259})
		if whole := runKlik(t, st, cb, KlikQuery{Name: d.Name, Today: today}); !d.Detail && !reflect.DeepEqual(r.Rows, whole.Rows) {
			t.Errorf("%s: the country's sums differ for a municipality", d.Name)
		}
		if text := fmt.Sprint(r.Rows); d.Detail && (r.Municipality == nil || strings.Contains(text, "Odense") || strings.Contains(text, "Greve") || len(r.Rows) == 0) {
			t.Errorf("%s: %s", d.Name, text)
		}
		leader := runKlik(t, st, cb, KlikQuery{Name: d.Name, Today: today, Own: 259, Filter: KlikFilter{Responsible: []string{"Leder"}}})
		if leader.Municipality == nil {
			t.Errorf("%s tells how many tasks a person of others has", d.Name)
		}
	}
	if _, err := RunKlik(t.Context(), st, cb, KlikQuery{Name: "x"}); err == nil {
		t.Error("a view that does not exist")
	}
}

// TestKlikWorkbook reads the workbook back: the figures of the views, a chart on the sheets of sums, the same bytes again.
func TestKlikWorkbook(t *testing.T) {
	cb := klikBook(t)
	st, _, today := klikStore(t, cb)
	write := func() []byte {
		var b bytes.Buffer
		if err := WriteKlikXLSX(t.Context(), st, cb, KlikQuery{Today: today}, &b); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	data := write()
	if !bytes.Equal(data, write()) {
		t.Error("the same figures give other bytes")
	}
	f, err := excelize.OpenReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, s := range klikSheets {
		r := runKlik(t, st, cb, KlikQuery{Name: s.view, Today: today})
		columns, rows, _ := r.forPeople()
		cells, err := f.GetRows(s.sheet)
		if err != nil {
			t.Fatal(err)
		}
		if cells[0][0] != r.Title || cells[1][0] != r.Heading() || len(rows) > 0 && cells[3][0] != columns[0].Label {
			t.Errorf("%s begins %q", s.sheet, cells[:4])
		}
		if len(rows) == 0 {
			continue
		}
		if first := cells[4][0]; len(rows) > 0 && first != CellText(rows[0][0], columns[0].Unit) && columns[0].Unit == Text {
			t.Errorf("%s: %q", s.sheet, first)
		}
		if len(cells) < 4+len(rows)+len(r.Notes) {
			t.Errorf("%s has %d rows", s.sheet, len(cells))
		}
	}
	if empty, _ := queries.Open(t.Context(), queries.Options{}); empty != nil {
		defer empty.Close()
		var b bytes.Buffer
		if err := WriteKlikXLSX(t.Context(), empty, cb, KlikQuery{Today: today}, &b); err != nil {
			t.Error("of nothing:", err)
		}
	}
}
